/** New ids for nodes, links and gestures, made by whoever issues the command. 60 random bits, base 36. */
export function newId(prefix: string): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return `${prefix}-${(high >>> 2).toString(36)}${(low >>> 2).toString(36)}`;
}

/** A pure function of two values that gives its last answers without working them out again: sweeps ask for few, very often. */
export function remembered<A, B, Answer>(most: number, of: (a: A, b: B) => Answer): (a: A, b: B) => Answer {
  const known = new Map<A, Map<B, Answer>>();
  let count = 0;
  return (a, b) => {
    const found = known.get(a)?.get(b);
    if (found !== undefined) return found;
    if (count >= most) {
      known.clear();
      count = 0;
    }
    const answer = of(a, b);
    const row = known.get(a) ?? new Map<B, Answer>();
    known.set(a, row.set(b, answer));
    count++;
    return answer;
  };
}

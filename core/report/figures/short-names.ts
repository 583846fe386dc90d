/**
 * Names in boxes too narrow for them. What most names of a figure begin with tells none of them apart, so it is left
 * out before anything is cut at the end: `separable 12 · pointwise` reads `…12 · poi…`, not `separable…`.
 */
import { fitText, textWidth } from './surface.ts';

const SEPARATOR = /[^\p{L}\p{N}]/u;
const DIGIT = /\p{N}/u;
/** Shorter ones are no longer than the ellipsis is worth. */
const LEAST = 3;

/** What more than half of the different names begin with, up to where a word or a number begins; '' where nothing is. */
export function sharedStart(names: Iterable<string>): string {
  const sorted = [...new Set(names)].sort();
  // What more than half begin with, the one in the middle begins with.
  const middle = sorted[sorted.length >> 1] ?? '';
  for (let end = middle.length - 1; end >= LEAST; end--) {
    const [before, after] = [middle[end - 1]!, middle[end]!];
    if (!SEPARATOR.test(before) && !(DIGIT.test(after) && !DIGIT.test(before))) continue;
    const start = middle.slice(0, end);
    if (sorted.filter((name) => name.startsWith(start)).length * 2 > sorted.length) return start;
  }
  return '';
}

const known = new WeakMap<object, string>();

/** `sharedStart` of what does not change, found once. */
export function sharedStartOf(owner: object, names: () => Iterable<string>): string {
  let start = known.get(owner);
  if (start === undefined) {
    start = sharedStart(names());
    known.set(owner, start);
  }
  return start;
}

/** The name as far as it has room in `width` pixels; without the shared start where it does not fit whole. */
export function fitName(name: string, start: string, width: number, size: number): string {
  const isWhole = textWidth(name, size) <= width || start === '' || !name.startsWith(start);
  return fitText(isWhole ? name : `…${name.slice(start.length)}`, width, size).replace(/(?<=.)[^\p{L}\p{N}]+…$/u, '…');
}

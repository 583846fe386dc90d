/** Ranks entries of a filter list: every word must be found; earlier and whole-word hits come first. */
export interface Matchable {
  readonly label: string;
  readonly keywords?: readonly string[];
}

/** 0 = no match; higher is better. */
export function matchScore(entry: Matchable, query: string): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const label = entry.label.toLowerCase();
  let score = 1;
  for (const word of words) {
    const at = label.indexOf(word);
    if (at === 0) score += 8;
    else if (at > 0) score += /[\s\-_.(]/.test(label[at - 1]!) ? 6 : 3;
    else if (entry.keywords?.some((keyword) => keyword.toLowerCase().includes(word))) score += 2;
    else return 0;
  }
  return label === query.toLowerCase().trim() ? score + 16 : score;
}

/** Matching entries, best first, ties in the given order. */
export function filterByQuery<T extends Matchable>(entries: readonly T[], query: string): readonly T[] {
  if (query.trim() === '') return entries;
  return entries
    .map((entry, index) => ({ entry, index, score: matchScore(entry, query) }))
    .filter((scored) => scored.score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((scored) => scored.entry);
}

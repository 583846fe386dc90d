/** Ranks entries of a filter list: every word must be found; earlier and whole-word hits come first. */
export interface Matchable {
  readonly label: string;
  readonly keywords?: readonly string[];
}

/** Of a query, the score of an entry: 0 = no match; higher is better. */
export function scorer(query: string): (entry: Matchable) => number {
  const whole = query.toLowerCase().trim();
  const words = whole.split(/\s+/).filter(Boolean);
  return ({ label: text, keywords }) => {
    const label = text.toLowerCase();
    let score = 1;
    for (const word of words) {
      const at = label.indexOf(word);
      if (at === 0) score += 8;
      else if (at > 0) score += /[\s\-_.(‘]/.test(label[at - 1]!) ? 6 : 3;
      else if (keywords?.some((keyword) => keyword.toLowerCase().includes(word))) score += 2;
      else return 0;
    }
    return label === whole ? score + 16 : score;
  };
}

export interface Scored<T> {
  readonly entry: T;
  readonly score: number;
}

/** Matching entries with their scores, best first, ties in the given order. */
export function rankByQuery<T extends Matchable>(entries: readonly T[], query: string): readonly Scored<T>[] {
  const scoreOf = scorer(query);
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

export function filterByQuery<T extends Matchable>(entries: readonly T[], query: string): readonly T[] {
  return query.trim() === '' ? entries : rankByQuery(entries, query).map(({ entry }) => entry);
}

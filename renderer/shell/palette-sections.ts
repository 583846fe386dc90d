/** What the palette offers, in sections: that with the best hit first, each with its best few where several have hits. */
import { type Matchable, rankByQuery } from '../widgets/matching.ts';

export interface Section<T> {
  readonly title: string;
  readonly rows: readonly T[];
}

/** Of a section beside others; alone it has all. */
const MOST = 8;

export interface Offer<T> {
  /** Section by section, best first. */
  readonly rows: readonly T[];
  /** Hits that are left out. */
  readonly left: number;
}

/** @param sections the first wins where two have an equal best hit; without a query they stay as they are. */
export function offerOf<T extends Matchable>(sections: readonly Section<T>[], query: string): Offer<T> {
  if (query.trim() === '') return { rows: sections.flatMap(({ rows }) => rows), left: 0 };
  const found = sections
    .map(({ rows }) => rankByQuery(rows, query))
    .filter((ranked) => ranked.length > 0)
    .sort((a, b) => b[0]!.score - a[0]!.score);
  const most = found.length > 1 ? MOST : Number.POSITIVE_INFINITY;
  const rows = found.flatMap((ranked) => ranked.slice(0, most).map(({ entry }) => entry));
  return { rows, left: found.reduce((sum, ranked) => sum + ranked.length, 0) - rows.length };
}

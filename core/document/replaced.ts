/** What an edit did to a table: found by walking two revisions side by side, without the command or its patch. */

/** A record that was replaced; null on the side where there is none. */
export interface Replaced<T> {
  readonly before: T | null;
  readonly after: T | null;
}

/**
 * Records that came, went or are not the same object any more. Linear, and free where the tables are the same one.
 * @returns null where records that stayed stand in another order: then everything may have changed.
 */
export function replaced<T extends { readonly id: string }>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): readonly Replaced<T>[] | null {
  if (before === after) return [];
  const found: Replaced<T>[] = [];
  const [olds, news] = [before.values(), after.values()];
  let [old, now] = [olds.next(), news.next()];
  while (!old.done || !now.done) {
    if (!old.done && !now.done && old.value.id === now.value.id) {
      if (old.value !== now.value) found.push({ before: old.value, after: now.value });
      old = olds.next();
      now = news.next();
    } else if (!old.done && !after.has(old.value.id)) {
      found.push({ before: old.value, after: null });
      old = olds.next();
    } else if (!now.done && !before.has(now.value.id)) {
      found.push({ before: null, after: now.value });
      now = news.next();
    } else return null;
  }
  return found;
}

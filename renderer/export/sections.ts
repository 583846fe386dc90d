/** Which sections of a report are wanted and in which order: remembered by kind of run, whatever sections a run has. */
import type { SectionOutline } from '#core/report/blocks.ts';

export interface SectionChoice {
  /** Ids in the order wanted; those of other runs keep their place. Empty: as they come. */
  readonly order: readonly string[];
  /** Ids left out. */
  readonly left: readonly string[];
}

export const EVERYTHING: SectionChoice = { order: [], left: [] };

/** What was stored, or null where it is no choice. */
export function readChoice(stored: unknown): SectionChoice | null {
  const isIds = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.length <= 100 && value.every((id) => typeof id === 'string');
  if (typeof stored !== 'object' || stored === null || !('order' in stored) || !('left' in stored)) return null;
  const { order, left } = stored;
  return isIds(order) && isIds(left) ? { order, left } : null;
}

/** In the order chosen; one that was not there when it was chosen comes after the one it follows by itself. */
export function ordered(sections: readonly SectionOutline[], { order }: SectionChoice): readonly SectionOutline[] {
  const free = sections.filter(({ isFixed }) => !isFixed);
  const known = new Set(order);
  const result = order.flatMap((id) => free.find((one) => one.id === id) ?? []);
  free.forEach((one, at) => {
    if (known.has(one.id)) return;
    const before = free[at - 1];
    result.splice(before ? result.findIndex(({ id }) => id === before.id) + 1 : 0, 0, one);
  });
  return [...result, ...sections.filter(({ isFixed }) => isFixed)];
}

/** What the host is asked for; null where that is everything as it comes. */
export function wanted(sections: readonly SectionOutline[], choice: SectionChoice): readonly string[] | null {
  const free = ordered(sections, choice).filter(({ isFixed }) => !isFixed);
  const ids = free.filter(({ id }) => !choice.left.includes(id)).map(({ id }) => id);
  const all = sections.filter(({ isFixed }) => !isFixed).map(({ id }) => id);
  return ids.length === all.length && ids.every((id, at) => id === all[at]) ? null : ids;
}

/** With the section in that place, counted from 0, as far as there is room; a fixed one stays. */
export function moved(
  sections: readonly SectionOutline[],
  choice: SectionChoice,
  id: string,
  to: number,
): SectionChoice {
  const ids = ordered(sections, choice)
    .filter(({ isFixed }) => !isFixed)
    .map((one) => one.id);
  const from = ids.indexOf(id);
  if (from < 0) return choice;
  ids.splice(Math.max(0, Math.min(ids.length - 1, to)), 0, ...ids.splice(from, 1));
  return { ...choice, order: [...ids, ...choice.order.filter((other) => !ids.includes(other))] };
}

export function toggled(choice: SectionChoice, id: string): SectionChoice {
  const isOut = choice.left.includes(id);
  return { ...choice, left: isOut ? choice.left.filter((other) => other !== id) : [...choice.left, id] };
}

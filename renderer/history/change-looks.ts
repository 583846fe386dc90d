/** How kinds of change are named and marked. */
import type { ChangeKind } from '#core/diff/changes.ts';

export interface ChangeLook {
  readonly title: string;
  readonly sign: string;
  /** Design token of its colour. */
  readonly token: string;
  /** Dashes of the outline, screen pixels; none is a whole line. */
  readonly dash: readonly number[];
}

export const CHANGE_LOOKS: Readonly<Record<ChangeKind, ChangeLook>> = {
  added: { title: 'Added', sign: '+', token: '--good', dash: [] },
  removed: { title: 'Removed', sign: '−', token: '--error', dash: [6, 4] },
  changed: { title: 'Changed', sign: '≠', token: '--warning', dash: [] },
  moved: { title: 'Moved', sign: '↔', token: '--ink-soft', dash: [2, 3] },
};

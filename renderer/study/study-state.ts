/** How a study is doing, in words; and the tab of one that is being put together. */
import type { StudyView } from '#core/study/study.ts';

/** Stands where a study's id does. */
export const NEW_STUDY = 'new';

export const STATE_WORDS: Readonly<Record<StudyView['state'], string>> = {
  running: 'Under way',
  stopped: 'Stopped',
  done: 'Done',
  failed: 'Failed',
};

export const whole = (value: number): string => value.toLocaleString('en-GB');

/** `1,204 of 10,000 points`. */
export function progressText({ done, planned }: StudyView): string {
  const isPart = planned !== null && planned !== done;
  return `${whole(done)}${isPart ? ` of ${whole(planned)}` : ''} ${done === 1 && !isPart ? 'point' : 'points'}`;
}

/** 0 … 1; null where it is not known how many there will be. */
export function fractionOf({ done, planned }: StudyView): number | null {
  return planned === null || planned === 0 ? null : Math.min(1, done / planned);
}

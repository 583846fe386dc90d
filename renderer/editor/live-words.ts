/** A live simulation in words, the same in inspector and status bar. */
import { formatExact } from '#core/base/quantity.ts';
import { MODE_TITLES } from '#core/report/simulation/words.ts';
import { VARIANT_TITLES } from '../workbench/simulation-words.ts';
import type { LiveReply } from './live-jobs.ts';

/** `−3.1 %`, `no change`, `+120 cycles` where there is nothing to take a share of. */
export function differenceText(now: number, then: number): string {
  if (now === then) return 'no change';
  const sign = now > then ? '+' : '−';
  const share = Math.abs(now - then) / then;
  if (then === 0 || share < 0.0005) return `${sign}${formatExact(Math.abs(now - then), 'cycles')}`;
  const percent = share * 100;
  return `${sign}${percent < 99.95 ? percent.toFixed(1) : Math.round(percent).toLocaleString('en-GB')} %`;
}

/** `Dataflow, as built, 1 stage`; with `run`, whose design it is where a search would decide. */
export function designText({ design, from }: LiveReply, run: number | null): string {
  const { mode, variant, stages } = design;
  const what = `${MODE_TITLES[mode]}, ${VARIANT_TITLES[variant]}, ${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`;
  if (from === 'run') return `${what}, as run ${run ?? ''} chose`;
  return from === 'instead' ? `${what}, until a run has searched` : what;
}

export const DEADLOCK_TEXTS = {
  artificial: 'Deadlock: a FIFO is too shallow',
  true: 'Deadlock: tasks wait for each other’s tokens',
} as const;

export function millisecondsText(milliseconds: number): string {
  return milliseconds < 1 ? '< 1 ms' : `${Math.round(milliseconds).toLocaleString('en-GB')} ms`;
}

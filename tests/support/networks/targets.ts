/** At which scratchpads a network is scheduled: its own limits in strict modes, common sizes in stream mode. */
import type { ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import type { NamedNetwork } from './index.ts';

export interface Target {
  readonly mode: ScheduleMode;
  /** M_R, M_H and M_P (joined by = where they are equal), or a size in KiB. */
  readonly label: string;
  /** Bytes. */
  readonly S: number;
}

/** Strict at M_R, M_H, M_P; classic networks with weights too; stream from 128 KiB on, which is where it is of use. */
export function targetsOf({ family }: NamedNetwork, problem: ScheduleProblem): readonly Target[] {
  const sizes = family === 'classic' ? [128, 256, 512, 1024, 2048] : [128, 256, 512, 1024];
  return [
    ...limitsOf(problem, 'strict'),
    ...(family === 'classic' ? limitsOf(problem, 'strict+weights') : []),
    ...sizes.map((size) => ({ mode: 'stream' as const, S: size * 1024, label: `${size} KiB` })),
  ];
}

function limitsOf(problem: ScheduleProblem, mode: ScheduleMode): readonly Target[] {
  const { MR, MH, MP, isMPExact } = scheduleLimits(problem, mode);
  const peak = isMPExact ? 'M_P' : '≥ M_P';
  if (MR === MP) return [{ mode, S: MR, label: `M_R = ${peak}` }];
  return [
    { mode, S: MR, label: 'M_R' },
    { mode, S: MH, label: 'M_H' },
    { mode, S: MP, label: peak },
  ];
}

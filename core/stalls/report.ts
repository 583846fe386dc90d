/** All a simulation result says of its stalls: levers, the critical path and findings, in the result's own types. */
import { type Control, uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { explainDeadlock } from './deadlock.ts';
import { designSizing, sizedFifos, subjectOfDesign } from './design.ts';
import { drawnSpans, explainStalls } from './explain.ts';
import type { Lever, PathSpan } from './lever.ts';
import { type LeverBench, leversOf, verifyLever } from './levers.ts';

export interface StallReport {
  /** Largest gain first. */
  readonly levers: readonly Lever[];
  readonly criticalPath: readonly PathSpan[];
  readonly findings: readonly Problem[];
}

export interface ReportOptions {
  /** Estimates that are simulated too, best first; default 0. */
  readonly verify?: number;
}

/** `bench.run` with a trace. Deterministic but for a cancellation, which leaves out what is not yet known. */
export function stallReport(
  bench: LeverBench,
  { verify = 0 }: ReportOptions = {},
  control: Control = uncontrolled,
): StallReport {
  const { built, run } = bench;
  const subject = subjectOfDesign(bench, built);
  if (run.deadlock) {
    const options = { sized: sizedFifos(built), sizing: designSizing(bench, built) };
    return {
      levers: [],
      criticalPath: [],
      findings: [explainDeadlock(subject, run.deadlock, options, control).finding],
    };
  }
  const { path, findings } = explainStalls(subject, run);
  let left = verify;
  const levers = leversOf(bench, control).map((candidate): Lever => {
    if (candidate.lever.simulatedCycles !== null || left === 0 || control.cancelled()) return candidate.lever;
    left--;
    const verified = verifyLever(candidate, control);
    return verified.ok ? verified.value : candidate.lever;
  });
  return {
    levers,
    criticalPath: (path ? drawnSpans(path) : []).map(({ process, state, start, end }) => ({
      task: built.taskOf[process]!,
      state,
      start,
      end,
    })),
    findings,
  };
}

/** Job of a worker: the report of two runs or of a study, as the bytes of a file. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type DerivedFormat, renderComparison, renderStudy } from '#core/report/render-derived.ts';
import type { StudyInputs } from '#core/report/study.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { unpackJson } from '#projects/codec.ts';
import { inPieces, type ReportPieces } from '../files/rendered.ts';

export interface DerivedReport {
  readonly of: /** Gzip JSON of both results. */
    | { readonly kind: 'comparison'; readonly first: Uint8Array; readonly second: Uint8Array }
    | { readonly kind: 'study'; readonly inputs: StudyInputs };
  readonly format: DerivedFormat;
  /** Ids in their order; null for all. */
  readonly sections: readonly string[] | null;
}

export function derivedReport({ of, format, sections }: DerivedReport): Result<ReportPieces, Problem> {
  if (of.kind === 'study') return ok(inPieces(renderStudy(of.inputs, format, { sections })));
  const first = unpackJson<RunResult | SimulationResult>(of.first);
  const second = unpackJson<RunResult | SimulationResult>(of.second);
  if (first.format !== 'weft-run/1' || second.format !== 'weft-run/1')
    return err(problem('report.kinds', 'Only runs of programs are compared in a report; one of these is a simulation'));
  return ok(inPieces(renderComparison(first, second, format, { sections })));
}

/** Candidates in words: stages, values, differences, why one counts as stale. */
import { canonicalJson } from '#core/base/canonical.ts';
import type { CandidateStage } from '#core/candidate/report.ts';
import type { CandidateView, DocumentSummary } from '#core/contract/views.ts';
import type { RunSettings } from '#core/run/settings.ts';

export const STAGE_NAMES: Readonly<Record<CandidateStage, string>> = {
  text: 'text',
  order: 'order',
  values: 'values',
  schedule: 'schedule and time',
};

/** A number of a tensor; null stands for NaN and infinities. */
export function valueText(value: number | null): string {
  if (value === null) return 'not a number';
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1e6) ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** `19.7 % fewer`, `the same`. */
export function differenceText(ours: number, theirs: number): string {
  if (ours === theirs || theirs === 0) return ours === theirs ? 'the same' : 'more';
  const percent = (100 * Math.abs(theirs - ours)) / theirs;
  return `${percent < 0.1 ? '< 0.1' : percent.toFixed(1)} % ${ours < theirs ? 'fewer' : 'more'}`;
}

/** Why what a check said may not hold for the next run; null where everything is as it was. */
export function staleness(
  view: CandidateView,
  documents: readonly DocumentSummary[],
  architecture: string | null,
  settings: RunSettings,
): string | null {
  const revisionOf = (document: string) => documents.find(({ id }) => id === document)?.revision;
  const moved = [
    ...(revisionOf(view.model.document) === view.model.revision ? [] : ['the model']),
    ...(architecture === view.architecture.document && revisionOf(architecture) === view.architecture.revision
      ? []
      : ['the architecture']),
    ...(canonicalJson(lasting(view.settings)) === canonicalJson(lasting(settings)) ? [] : ['the settings of the run']),
  ];
  return moved.length === 0
    ? null
    : `Checked before ${moved.join(' and ')} changed; a run that uses it checks it again`;
}

/** What of the settings a candidate's check depends on, other candidates aside. */
function lasting({ candidates: _others, values: _values, seed: _seed, ...rest }: RunSettings) {
  return rest;
}

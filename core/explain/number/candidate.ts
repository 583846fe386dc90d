/** What the check of a candidate kernel measured, taken apart: cycles and bytes beside the compiler's, and its largest error. */
import type { TechniqueRef } from '#core/base/metric.ts';
import type { CandidateReport, PlayedCase } from '#core/candidate/report.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { techniques } from '#core/technique/registry.ts';
import { amount, drawn, type ExplainedFigure, explainDeviation, explained, type Term, word } from './explained.ts';

export interface CandidateSite {
  readonly report: CandidateReport;
  readonly model: { readonly document: string };
  readonly settings: Pick<RunSettings, 'format'>;
}
/** The operator alone from cold, or the whole run. */
export type CandidateScope = 'alone' | 'run';
export type CandidateSide = 'candidate' | 'compiler';
export type CandidateFigure = 'cycles' | 'offChipBytes' | 'commands';

const SIDES: Readonly<Record<CandidateSide, string>> = { candidate: 'the candidate', compiler: 'the compiler’s own' };
const SCOPES: Readonly<Record<CandidateScope, string>> = { alone: 'alone', run: 'whole run' };

function simulator(): TechniqueRef {
  const [{ manifest }] = techniques.simulator;
  return { id: manifest.id, version: manifest.version };
}

/** A figure of one side; null where the check did not come so far. */
export function explainCandidate(
  site: CandidateSite,
  scope: CandidateScope,
  side: CandidateSide,
  figure: CandidateFigure,
): ExplainedFigure | null {
  const cost = site.report[scope]?.[side];
  if (!cost) return null;
  const where = `${site.report.operator}, ${SCOPES[scope]}, ${SIDES[side]}`;
  const other = (symbol: string, which: CandidateFigure) =>
    amount(
      symbol,
      cost[which],
      which === 'cycles' ? 'cycles' : which === 'offChipBytes' ? 'B' : '',
      () => explainCandidate(site, scope, side, which)!,
    );
  const technique = simulator();
  switch (figure) {
    case 'cycles':
      return explained(
        { title: `Cycles: ${where}`, value: cost.cycles, unit: 'cycles', badge: 'simulated' },
        {
          formula:
            scope === 'alone'
              ? 'finish of the last command, the operator alone from cold'
              : 'finish of the last command of the whole run',
          source: 'event simulation of the command stream',
          technique,
        },
        [other('commands', 'commands'), other('off-chip bytes', 'offChipBytes'), ...places(site)],
      );
    case 'offChipBytes':
      return explained(
        { title: `Off-chip bytes: ${where}`, value: cost.offChipBytes, unit: 'B', badge: 'counted' },
        {
          formula: 'Σ bytes loaded and stored over the channels',
          source: 'recounted from the commands',
          technique,
        },
        [other('commands', 'commands'), ...places(site)],
      );
    case 'commands':
      return explained(
        { title: `Commands: ${where}`, value: cost.commands, unit: '', badge: 'counted' },
        { formula: 'loads + stores + executes of the program', source: 'definition', technique },
        places(site),
      );
  }
}

/** How far the candidate lies from the compiler's own; below zero it is better. */
export function explainCandidateDifference(
  site: CandidateSite,
  scope: CandidateScope,
  figure: 'cycles' | 'offChipBytes',
): ExplainedFigure | null {
  const [candidate, compiler] = [
    explainCandidate(site, scope, 'candidate', figure),
    explainCandidate(site, scope, 'compiler', figure),
  ];
  if (!candidate || !compiler) return null;
  return explainDeviation(
    `${figure === 'cycles' ? 'Cycles' : 'Off-chip bytes'} of ${site.report.operator}, ${SCOPES[scope]}: against the compiler`,
    { symbol: 'candidate', figure: () => candidate },
    { symbol: 'compiler', figure: () => compiler },
  );
}

/** Largest error of a case that was played; null where it is no number. */
export function explainCandidateError(site: CandidateSite, played: PlayedCase): ExplainedFigure | null {
  if (played.relativeError === null) return null;
  return explained(
    {
      title: `Largest error of ${site.report.operator}, ${played.name}`,
      value: played.relativeError,
      unit: '',
      badge: 'counted',
    },
    {
      formula: 'largest |number − plain execution’s| ÷ range of plain execution’s numbers',
      source: 'played element by element, in simulated time and in row order',
      technique: null,
    },
    [amount('numbers', played.elements, ''), amount('seed', played.seed, ''), ...places(site)],
  );
}

function places({ report, model, settings }: CandidateSite): readonly Term[] {
  return [
    drawn('operator', model.document, { id: report.node, name: report.operator }),
    ...(report.mapping === null ? [] : [word('mapping', report.mapping)]),
    word('number format', settings.format, { kind: 'setting', id: 'format' }),
  ];
}

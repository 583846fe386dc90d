/** What limits a run and what would help, taken apart: cycles of a cause by operator, what was asked of what there is, predictions. */
import type { RunData } from '#core/report/run-data.ts';
import { CAUSE_TITLES, type Limit } from '../limits.ts';
import type { ProgramLever } from '../program-lever.ts';
import {
  amount,
  type ExplainedFigure,
  explainDeviation,
  explained,
  explainedSum,
  explainShare,
  largest,
  type Named,
  type Term,
  word,
} from './explained.ts';
import { explainTotal } from './run.ts';

const ATTRIBUTED = 'every cycle of the timeline given to what it waits for';

const cyclesTotal = ({ result }: RunData) => result.totals.find(({ id }) => id === 'time.cycles');
const techniqueOf = (data: RunData) => cyclesTotal(data)?.provenance.technique ?? null;

/** Cycles of the run. */
function wholeRun(data: RunData): Named {
  const total = cyclesTotal(data);
  const head = { title: 'Cycles', value: data.timeline.makespanCycles, unit: 'cycles', badge: 'simulated' } as const;
  const how = { formula: 'finish of the last command', source: 'event simulation', technique: techniqueOf(data) };
  return {
    symbol: 'cycles of the run',
    figure: () => (total ? explainTotal(total, data.result) : explained(head, how, [])),
  };
}

export function explainLimit(
  data: RunData,
  limit: Limit,
  figure: 'cycles' | 'share' | 'demand' | 'bound',
): ExplainedFigure {
  const title = CAUSE_TITLES[limit.cause];
  const technique = techniqueOf(data);
  const { model, architecture } = data.result.inputs;
  if (figure === 'share') {
    const cycles = { symbol: 'cycles it limits', figure: () => explainLimit(data, limit, 'cycles') };
    return explainShare(`Share of ${title.toLowerCase()}`, cycles, wholeRun(data));
  }
  if (figure === 'cycles') {
    const given = limit.contributors.reduce((sum, { cycles }) => sum + cycles, 0);
    const terms = largest(limit.contributors, 'cycles', { value: ({ cycles }) => cycles, name: ({ name }) => name });
    const nodeOf = new Map(data.result.operators.map(({ name, nodes }) => [name, nodes[0]]));
    const placed = terms.map((one): Term => {
      const node = nodeOf.get(one.symbol);
      return node === undefined ? one : { ...one, where: { kind: 'node', document: model.id, node } };
    });
    const rest = limit.cycles - given;
    return explainedSum(
      { title: `Cycles: ${title.toLowerCase()}`, value: limit.cycles, unit: 'cycles', badge: 'simulated' },
      { formula: 'Σ over operators of cycles that wait for it', source: ATTRIBUTED, technique },
      rest > 0 ? [...placed, amount('of no operator', rest, 'cycles')] : placed,
    );
  }
  const drawn = architecture.nodes.find(({ id }) => id === limit.node);
  return explained(
    {
      title: `${figure === 'demand' ? 'Demand' : 'Bound'}: ${title.toLowerCase()}`,
      value: limit[figure],
      unit: limit.unit,
      badge: isCounted(limit, figure) ? 'counted' : 'simulated',
    },
    { formula: `${figure}: ${limit.why}`, source: ATTRIBUTED, technique },
    [
      amount(figure === 'demand' ? 'bound' : 'demand', limit[figure === 'demand' ? 'bound' : 'demand'], limit.unit),
      ...(drawn ? [word('component', drawn.name, { kind: 'node', document: architecture.id, node: drawn.id })] : []),
    ],
  );
}

/** Bytes are counted and parts are as drawn; cycles, and what is done in them, are simulated. */
function isCounted({ cause, unit }: Limit, figure: 'demand' | 'bound'): boolean {
  return figure === 'demand' ? unit === 'B' : cause !== 'vector';
}

/** What a lever is predicted to lead to, or how far that lies from the run. */
export function explainLever(data: RunData, lever: ProgramLever, figure: 'predicted' | 'change'): ExplainedFigure {
  const now = wholeRun(data);
  if (figure === 'change')
    return explainDeviation(
      lever.title,
      { symbol: 'predicted', figure: () => explainLever(data, lever, 'predicted') },
      now,
    );
  const architecture = data.result.inputs.architecture;
  return explained(
    { title: `Cycles predicted: ${lever.title}`, value: lever.predictedCycles, unit: 'cycles', badge: 'estimate' },
    {
      formula: lever.method,
      source:
        lever.basis === 'bound'
          ? 'a bound: it cannot gain more'
          : 'analytic estimate of every operator, before and after',
      technique: techniqueOf(data),
    },
    [
      amount(now.symbol, data.timeline.makespanCycles, 'cycles', now.figure),
      ...lever.edits.map(({ node, parameter, value }) =>
        word(parameter, JSON.stringify(value), { kind: 'node', document: architecture.id, node }),
      ),
    ],
  );
}

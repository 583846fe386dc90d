/** FIFO depths taken apart: what a FIFO needs by itself, what a point of the front has in all, and the cycles that gives. */
import { formatExact } from '#core/base/quantity.ts';
import type { FifoRow, FoundDepths, FrontPoint } from '#core/run/fabric/fifo-depths.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { SIMULATOR } from '#core/run/fabric/totals.ts';
import {
  amount,
  type ExplainedFigure,
  explainDeviation,
  explained,
  explainedSum,
  largest,
  type Term,
} from './explained.ts';
import { explainMakespan, explainStream } from './simulation.ts';

export interface DepthsSite {
  readonly found: FoundDepths;
  /** The run they are of. */
  readonly result: SimulationResult;
}

const sourceOf = ({ isExact, simulations }: FoundDepths) =>
  `${isExact ? 'proven' : 'found'} by ${formatExact(simulations, '')} simulations of this design with other depths`;
const badgeOf = ({ isExact }: FoundDepths) => (isExact ? 'proven' : 'simulated');

/** Cycles with FIFOs without bound: the full speed. */
export function explainFullSpeed({ found, result }: DepthsSite): ExplainedFigure {
  return explained(
    { title: 'Cycles with unbounded FIFOs', value: found.fullSpeed ?? 0, unit: 'cycles', badge: 'simulated' },
    { formula: 'last tick at which a task ends', source: 'simulated without any wait for room', technique: SIMULATOR },
    [amount('as drawn', result.timeline.makespanCycles, 'cycles', () => explainMakespan(result))],
  );
}

/** Depth of a FIFO: as drawn, or the least it needs while all others are as deep as they like. Null where no depth helps. */
export function explainDepth(
  site: DepthsSite,
  row: FifoRow,
  figure: 'drawn' | 'withoutDeadlock' | 'fullSpeed',
): ExplainedFigure | null {
  const { found, result } = site;
  const value = row[figure];
  if (value === null) return null;
  if (figure === 'drawn') {
    const stream = result.streams.find(({ node }) => node === row.node);
    if (stream?.depth === value) return explainStream(result, stream, 'depth');
    return explained(
      { title: `Depth: ${row.name}`, value, unit: '', badge: 'counted' },
      { formula: 'tokens it holds, as drawn', source: 'definition', technique: null },
      [streamTerm(site, row)],
    );
  }
  const isSpeed = figure === 'fullSpeed';
  return explained(
    {
      title: `${isSpeed ? 'Depth for full speed' : 'Depth without deadlock'}: ${row.name}`,
      value,
      unit: '',
      badge: badgeOf(found),
    },
    {
      formula: isSpeed
        ? 'least depth that gives full speed, all other FIFOs unbounded'
        : 'least depth at which the design ends, all other FIFOs unbounded',
      source: sourceOf(found),
      technique: SIMULATOR,
    },
    [
      ...(isSpeed && found.fullSpeed !== null
        ? [amount('full speed', found.fullSpeed, 'cycles', () => explainFullSpeed(site))]
        : []),
      amount('drawn depth', row.drawn, '', () => explainDepth(site, row, 'drawn')!),
      streamTerm(site, row),
    ],
  );
}

/** A token is so many bits; the link leads to the stream. */
function streamTerm({ result }: DepthsSite, { node, bits }: FifoRow): Term {
  return { ...amount('bits a token', bits, ''), where: { kind: 'node', document: result.inputs.tasks.id, node } };
}

/** Depth of a FIFO at a point of the front. */
export function explainChosenDepth(site: DepthsSite, point: FrontPoint, row: number): ExplainedFigure {
  const { found } = site;
  const one = found.rows[row]!;
  const tokens = () => explainDepths(site, point, 'tokens');
  return explained(
    { title: `Chosen depth: ${one.name}`, value: point.depths[row] ?? 0, unit: '', badge: badgeOf(found) },
    {
      formula: found.isExact
        ? 'its part of the depths that take fewest cycles of all with their total'
        : 'its part of the best depths found with their total',
      source: sourceOf(found),
      technique: SIMULATOR,
    },
    [
      amount('total', point.tokens, '', tokens),
      amount('cycles', point.cycles, 'cycles', () => explainDepths(site, point, 'cycles')),
      amount('drawn depth', one.drawn, '', () => explainDepth(site, one, 'drawn')!),
      streamTerm(site, one),
    ],
  );
}

/** A point of the front: room in all, the cycles it gives, and how far these lie from the run's. */
export function explainDepths(
  site: DepthsSite,
  point: FrontPoint,
  figure: 'tokens' | 'bits' | 'cycles' | 'against',
): ExplainedFigure {
  const { found, result } = site;
  const depthOf = (row: number) => point.depths[row] ?? 0;
  const bitsOf = (row: number) => found.rows[row]?.bits ?? 1;
  const cycles = () => explainDepths(site, point, 'cycles');
  switch (figure) {
    case 'tokens':
    case 'bits': {
      const value = figure === 'bits' ? (row: number) => depthOf(row) * bitsOf(row) : depthOf;
      return explainedSum(
        {
          title: figure === 'bits' ? 'Bits in all FIFOs' : 'Tokens in all FIFOs',
          value: point[figure],
          unit: '',
          badge: 'counted',
        },
        {
          formula: figure === 'bits' ? 'Σ over FIFOs of depth × bits a token' : 'Σ over FIFOs of depth',
          source: 'definition',
          technique: null,
        },
        largest([...found.rows.keys()], '', {
          value,
          name: (row) => found.rows[row]!.name,
          explain: (row) => (figure === 'bits' ? bitsOfRow(site, point, row) : explainChosenDepth(site, point, row)),
        }),
      );
    }
    case 'cycles':
      return explained(
        {
          title: `Cycles at ${formatExact(point.tokens, '')} tokens`,
          value: point.cycles,
          unit: 'cycles',
          badge: 'simulated',
        },
        { formula: 'last tick at which a task ends', source: sourceOf(found), technique: SIMULATOR },
        [
          amount('tokens', point.tokens, '', () => explainDepths(site, point, 'tokens')),
          ...(found.fullSpeed === null
            ? []
            : [amount('full speed', found.fullSpeed, 'cycles', () => explainFullSpeed(site))]),
        ],
      );
    case 'against':
      return explainDeviation(
        'Cycles against this run',
        { symbol: 'cycles', figure: cycles },
        { symbol: 'this run', figure: () => explainMakespan(result) },
      );
  }
}

function bitsOfRow(site: DepthsSite, point: FrontPoint, row: number): ExplainedFigure {
  const one = site.found.rows[row]!;
  const { name, bits } = one;
  const depth = point.depths[row] ?? 0;
  return explained(
    { title: `Bits of ${name}`, value: depth * bits, unit: '', badge: 'counted' },
    { formula: 'depth × bits a token', source: 'definition', technique: null },
    [amount('depth', depth, '', () => explainChosenDepth(site, point, row)), streamTerm(site, one)],
  );
}

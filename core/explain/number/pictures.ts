/** Figures that the pictures of a run show, taken apart: intervals and spans of the timeline, channels, tensors on chip. */
import type { TechniqueRef } from '#core/base/metric.ts';
import { type ChannelUse, channelUses, intervalBytes } from '#core/report/channels.ts';
import type { Residence, RunData } from '#core/report/run-data.ts';
import { measureSpan } from '#core/report/timeline-query.ts';
import { INTERVAL_KINDS, type OperatorResult } from '#core/run/result.ts';
import {
  amount,
  drawn,
  type ExplainedFigure,
  explained,
  explainedSum,
  explainShare,
  largest,
  type Term,
  word,
} from './explained.ts';
import { explainOperator, explainTotal } from './run.ts';

const PLAYED = 'event simulation of the command stream';
const RECOUNTED = 'recounted from the commands';
const DEFINITION = 'definition';

function techniqueOf({ result }: RunData, total: string): TechniqueRef | null {
  return result.totals.find(({ id }) => id === total)?.provenance.technique ?? null;
}

function makespan({ result, timeline }: RunData): Term {
  const total = result.totals.find(({ id }) => id === 'time.cycles');
  return amount('cycles of the run', timeline.makespanCycles, 'cycles', total && (() => explainTotal(total, result)));
}

function operatorTerm(data: RunData, operator: OperatorResult | undefined): readonly Term[] {
  const [node] = operator?.nodes ?? [];
  return operator && node !== undefined
    ? [drawn('operator', data.result.inputs.model.id, { id: node, name: operator.name })]
    : [];
}

const laneTerm = ({ result, timeline }: RunData, lane: number): Term =>
  drawn('on', result.inputs.architecture.id, {
    id: timeline.lanes[lane]?.component ?? '',
    name: timeline.lanes[lane]?.title ?? '',
  });

/** An interval of the timeline: how long it is, what it moves, and how fast. */
export function explainInterval(
  data: RunData,
  lane: number,
  at: number,
  figure: 'cycles' | 'bytes' | 'rate',
): ExplainedFigure {
  const { timeline, result } = data;
  const [start, end] = [timeline.start[at]!, timeline.end[at]!];
  const operator = result.operators[timeline.operator[at]!];
  const kind = INTERVAL_KINDS[timeline.kind[at]!] ?? 'execute';
  const name = `${operator?.name ?? 'no operator'}, ${kind}`;
  const bytes = intervalBytes(data)[at]!;
  const places = [...operatorTerm(data, operator), laneTerm(data, lane)];
  const other = (symbol: string, which: 'cycles' | 'bytes') =>
    which === 'cycles'
      ? amount(symbol, end - start, 'cycles', () => explainInterval(data, lane, at, 'cycles'))
      : amount(symbol, bytes, 'B', () => explainInterval(data, lane, at, 'bytes'));
  const technique = techniqueOf(data, 'time.cycles');
  switch (figure) {
    case 'cycles':
      return explained(
        { title: `Cycles: ${name}`, value: end - start, unit: 'cycles', badge: 'simulated' },
        { formula: 'end − start', source: PLAYED, technique },
        [amount('end', end, 'cycles'), amount('start', start, 'cycles'), ...places],
      );
    case 'bytes':
      return explained(
        { title: `Bytes: ${name}`, value: bytes, unit: 'B', badge: 'counted' },
        { formula: 'bytes of its command', source: RECOUNTED, technique: techniqueOf(data, 'offchip.bytes') },
        places,
      );
    case 'rate':
      return explained(
        {
          title: `Bytes a cycle: ${name}`,
          value: end > start ? bytes / (end - start) : 0,
          unit: 'B/cycle',
          badge: 'simulated',
        },
        { formula: 'bytes ÷ cycles', source: DEFINITION, technique },
        [other('bytes', 'bytes'), other('cycles', 'cycles'), ...places],
      );
  }
}

export interface CycleSpan {
  readonly from: number;
  readonly to: number;
}

/** A span that is measured; of a lane its busy share. */
export function explainSpan(
  data: RunData,
  span: CycleSpan,
  figure: 'cycles' | 'seconds' | 'bytes' | 'bandwidth' | { readonly lane: number },
): ExplainedFigure {
  const { timeline } = data;
  const found = measureSpan(data, span.from, span.to);
  const technique = techniqueOf(data, 'time.cycles');
  const again = (which: 'cycles' | 'bytes') => () => explainSpan(data, span, which);
  const cycles = amount('cycles', found.cycles, 'cycles', again('cycles'));
  if (typeof figure === 'object') {
    const title = timeline.lanes[figure.lane]?.title ?? '';
    return explained(
      { title: `Busy share of ${title}`, value: found.busy[figure.lane] ?? 0, unit: '1', badge: 'simulated' },
      { formula: 'cycles busy in the span ÷ cycles', source: DEFINITION, technique },
      [
        amount('cycles busy in the span', (found.busy[figure.lane] ?? 0) * found.cycles, 'cycles'),
        cycles,
        laneTerm(data, figure.lane),
      ],
    );
  }
  switch (figure) {
    case 'cycles':
      return explained(
        { title: 'Cycles of the span', value: found.cycles, unit: 'cycles', badge: 'simulated' },
        { formula: 'to − from', source: DEFINITION, technique },
        [amount('to', span.to, 'cycles'), amount('from', span.from, 'cycles')],
      );
    case 'seconds':
      return explained(
        { title: 'Time of the span', value: found.seconds, unit: 's', badge: 'simulated' },
        { formula: 'cycles ÷ clock', source: DEFINITION, technique },
        [cycles, amount('clock', timeline.clockHertz, 'Hz')],
      );
    case 'bytes':
      return explained(
        { title: 'Off-chip bytes of the span', value: found.bytes, unit: 'B', badge: 'simulated' },
        {
          formula: 'Σ over transfers of bytes × share of its cycles in the span',
          source: RECOUNTED,
          technique: techniqueOf(data, 'offchip.bytes'),
        },
        [],
      );
    case 'bandwidth':
      return explained(
        { title: 'Bandwidth used in the span', value: found.bandwidth ?? 0, unit: '1', badge: 'simulated' },
        { formula: 'bytes ÷ (peak × cycles)', source: DEFINITION, technique },
        [
          amount('bytes', found.bytes, 'B', again('bytes')),
          amount(
            'peak',
            channelUses(data).reduce((sum, { peak }) => sum + peak, 0),
            'B/cycle',
          ),
          cycles,
        ],
      );
  }
}

/** What a channel of the run moved: each operator's part. */
export function explainChannelUse(
  data: RunData,
  use: ChannelUse,
  figure: 'bytes' | 'loaded' | 'stored' | 'busy' | 'share',
): ExplainedFigure {
  const { timeline, result } = data;
  const { lane, name, node, peak, busyCycles, loadedBytes, storedBytes } = use;
  const places = [drawn('channel', result.inputs.architecture.id, { id: node, name })];
  const simulator = techniqueOf(data, 'time.cycles');
  const technique = techniqueOf(data, 'offchip.bytes');
  const bytes = loadedBytes + storedBytes;
  const moved = (title: string, value: number, kind: 'load' | 'store') => {
    const wanted = INTERVAL_KINDS.indexOf(kind);
    const byOperator = new Float64Array(result.operators.length);
    const all = intervalBytes(data);
    for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++)
      if (timeline.kind[at] === wanted && timeline.operator[at]! >= 0) byOperator[timeline.operator[at]!]! += all[at]!;
    return explainedSum(
      { title: `${title} by ${name}`, value, unit: 'B', badge: 'counted' },
      { formula: `Σ bytes of ${kind} commands, by operator`, source: RECOUNTED, technique },
      largest(result.operators, 'B', { value: ({ index }) => byOperator[index]!, name: (one) => one.name }),
      places,
    );
  };
  switch (figure) {
    case 'loaded':
      return moved('Loaded', loadedBytes, 'load');
    case 'stored':
      return moved('Stored', storedBytes, 'store');
    case 'bytes':
      return explained(
        { title: `Off-chip bytes of ${name}`, value: bytes, unit: 'B', badge: 'counted' },
        { formula: 'loaded + stored', source: DEFINITION, technique },
        [
          amount('loaded', loadedBytes, 'B', () => moved('Loaded', loadedBytes, 'load')),
          amount('stored', storedBytes, 'B', () => moved('Stored', storedBytes, 'store')),
          ...places,
        ],
      );
    case 'busy':
      return explained(
        { title: `Busy cycles of ${name}`, value: busyCycles, unit: 'cycles', badge: 'simulated' },
        { formula: 'Σ cycles a transfer occupies it', source: PLAYED, technique: simulator },
        places,
      );
    case 'share':
      return explained(
        {
          title: `Bandwidth used of ${name}`,
          value: timeline.makespanCycles > 0 ? bytes / (peak * timeline.makespanCycles) : 0,
          unit: '1',
          badge: 'simulated',
        },
        { formula: 'bytes ÷ (peak × cycles of the run)', source: DEFINITION, technique: simulator },
        [
          amount('bytes', bytes, 'B', () => explainChannelUse(data, use, 'bytes')),
          { ...amount('peak', peak, 'B/cycle'), where: places[0]!.where },
          makespan(data),
        ],
      );
  }
}

/** Bytes of a tensor on chip. */
export function explainResidence(data: RunData, { tensor, from, to, address, producer }: Residence): ExplainedFigure {
  const elements = tensor.shape.reduce((product, extent) => product * extent, 1);
  return explained(
    { title: `Bytes of ${tensor.name}`, value: tensor.bytes, unit: 'B', badge: 'counted' },
    { formula: 'elements × bytes an element', source: DEFINITION, technique: techniqueOf(data, 'memory.peak') },
    [
      amount('elements', elements, 'element'),
      amount('bytes an element', elements > 0 ? tensor.bytes / elements : 0, ''),
      word('shape', tensor.shape.join(' × ')),
      word('steps', `${from} to ${to - 1}`),
      amount('address', address, 'B'),
      ...operatorTerm(data, data.result.operators[producer]),
    ],
  );
}

/** Bytes resident at a step of the schedule: tensor by tensor. */
export function explainResident(data: RunData, step: number): ExplainedFigure {
  const { memory, result } = data;
  const here = memory.residences.filter(({ from, to }) => from <= step && step < to);
  return explainedSum(
    { title: `Bytes resident at step ${step}`, value: memory.liveBytes[step] ?? 0, unit: 'B', badge: 'counted' },
    {
      formula: 'Σ bytes of tensors on chip',
      source: 'recounted from the schedule',
      technique: techniqueOf(data, 'memory.peak'),
    },
    largest(here, 'B', {
      value: ({ tensor }) => tensor.bytes,
      name: ({ tensor }) => tensor.name,
      explain: (one) => explainResidence(data, one),
    }),
    [...operatorTerm(data, result.operators[memory.order[step] ?? -1]), amount('capacity', memory.capacityBytes, 'B')],
  );
}

/** Resident bytes of the room there is. */
export function explainOccupancy(data: RunData, step: number): ExplainedFigure {
  const { memory } = data;
  const technique = techniqueOf(data, 'memory.peak');
  const capacity = { title: 'Capacity', value: memory.capacityBytes, unit: 'B', badge: 'counted' } as const;
  return explainShare(
    `Room used at step ${step}`,
    { symbol: 'resident', figure: () => explainResident(data, step) },
    {
      symbol: 'capacity',
      figure: () => explained(capacity, { formula: 'as drawn or set', source: DEFINITION, technique }, []),
    },
  );
}

/** MACs an off-chip byte, or MACs a cycle, of an operator as it was simulated. */
export function explainSimulatedPoint(
  data: RunData,
  operator: OperatorResult,
  figure: 'intensity' | 'rate',
): ExplainedFigure {
  const { result } = data;
  const column = (id: 'macs' | 'startCycle' | 'endCycle' | 'compulsoryBytes' | 'spillBytes' | 'refetchBytes') => {
    const found = result.columns.find((one) => one.id === id);
    const explain = found && (() => explainOperator(operator, found, result));
    return { value: operator[id], explain };
  };
  const term = (symbol: string, id: Parameters<typeof column>[0], unit: Term['unit']) =>
    amount(symbol, column(id).value, unit, column(id).explain);
  const places = operatorTerm(data, operator);
  const technique = techniqueOf(data, 'time.cycles');
  const source = 'roofline, Williams, Waterman, Patterson, CACM 52(4), 2009';
  if (figure === 'rate')
    return explained(
      {
        title: `MACs a cycle of ${operator.name}`,
        value: operator.macs / (operator.endCycle - operator.startCycle),
        unit: 'MAC/cycle',
        badge: 'simulated',
      },
      { formula: 'MACs ÷ (end − start)', source, technique },
      [
        term('MACs', 'macs', 'MAC'),
        term('end', 'endCycle', 'cycles'),
        term('start', 'startCycle', 'cycles'),
        ...places,
      ],
    );
  const bytes = operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes;
  return explained(
    { title: `MACs per byte of ${operator.name}`, value: operator.macs / bytes, unit: '', badge: 'counted' },
    {
      formula: 'MACs ÷ (compulsory + spill and refill + refetch)',
      source,
      technique: techniqueOf(data, 'offchip.bytes'),
    },
    [
      term('MACs', 'macs', 'MAC'),
      term('compulsory', 'compulsoryBytes', 'B'),
      term('spill and refill', 'spillBytes', 'B'),
      term('refetch', 'refetchBytes', 'B'),
      ...places,
    ],
  );
}

/** Cycles from the first to the last of an operator, and all bytes it moves off chip. */
export function explainElapsed(data: RunData, operator: OperatorResult): ExplainedFigure {
  const column = (id: 'startCycle' | 'endCycle') => data.result.columns.find((one) => one.id === id);
  const [start, end] = [column('startCycle'), column('endCycle')];
  return explained(
    {
      title: `First to last cycle of ${operator.name}`,
      value: operator.endCycle - operator.startCycle,
      unit: 'cycles',
      badge: 'simulated',
    },
    { formula: 'end − start', source: PLAYED, technique: techniqueOf(data, 'time.cycles') },
    [
      amount('end', operator.endCycle, 'cycles', end && (() => explainOperator(operator, end, data.result))),
      amount('start', operator.startCycle, 'cycles', start && (() => explainOperator(operator, start, data.result))),
      ...operatorTerm(data, operator),
    ],
  );
}

export function explainOffChip(data: RunData, operator: OperatorResult): ExplainedFigure {
  const parts = (['compulsoryBytes', 'spillBytes', 'refetchBytes'] as const).flatMap((id) => {
    const column = data.result.columns.find((one) => one.id === id);
    return column
      ? [amount(column.title, operator[id], 'B', () => explainOperator(operator, column, data.result))]
      : [];
  });
  return explainedSum(
    {
      title: `Off-chip bytes of ${operator.name}`,
      value: operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes,
      unit: 'B',
      badge: 'counted',
    },
    {
      formula: 'compulsory + spill and refill + refetch',
      source: RECOUNTED,
      technique: techniqueOf(data, 'offchip.bytes'),
    },
    parts,
    operatorTerm(data, operator),
  );
}

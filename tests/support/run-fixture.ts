/**
 * A small, consistent RunResult made in code: a chain of convolutions with residual additions on an array and a
 * vector unit. Its figures follow from closed forms stated here, so tests can recompute them.
 */
import { encodeColumn } from '#core/base/columns.ts';
import type { Badge, Metric } from '#core/base/metric.ts';
import { problem } from '#core/base/problem.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { DocumentFile, DocumentLink, DocumentNode } from '#core/document/document.ts';
import type { OperatorColumn, OperatorResult, RunResult, Timeline } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ResidencyInterval, ScheduleOperator, ScheduleTensor } from '#core/schedule/problem.ts';
import { makeAccounts } from './run-accounts.ts';

export interface FixtureOptions {
  /** Convolution + addition pairs. */
  readonly blocks?: number;
  /** Put into every text a user can write. */
  readonly text?: (plain: string) => string;
  readonly optimal?: boolean;
}

const ACTIVATION = 100_352;
const WEIGHTS = 36_864;
const CONV_CYCLES = 12_544;
const ADD_CYCLES = 3_136;
const LOAD_CYCLES = 4_608;
const SCRATCHPAD = 524_288;

export function fixtureRun(options: FixtureOptions = {}): RunResult {
  const blocks = options.blocks ?? 6;
  const say = options.text ?? ((plain: string) => plain);
  const optimal = options.optimal ?? true;
  const operators = makeOperators(blocks, say);
  const schedule = makeSchedule(blocks, say, optimal);
  const timeline = makeTimeline(operators, say);
  const cycles = timeline.makespanCycles;
  const compulsory = 2 * ACTIVATION;
  const weights = blocks * WEIGHTS;
  const spilled = schedule.answer.objective;
  return {
    format: 'weft-run/1',
    key: '9f3b0c5a7d1e2468ace013579bdf02468ace13579bdf02468ace13579bdf0246',
    appVersion: '0.1.0',
    title: say('Residual chain on Edge 32'),
    inputs: {
      model: makeModel(blocks, say),
      architecture: makeArchitecture(say),
      settings: DEFAULT_SETTINGS,
    },
    facts: {
      operators: operators.length,
      tensors: schedule.problem.tensors.length,
      parameters: blocks * WEIGHTS,
      macs: blocks * WEIGHTS * 3136,
      inputs: [{ name: say('image'), shape: [1, 64, 56, 56], elementType: 'fp32' }],
      outputs: [{ name: say('features'), shape: [1, 64, 56, 56], elementType: 'fp32' }],
    },
    totals: [
      metric('time.cycles', 'Cycles', cycles, 'cycles', 'simulated', 'end of the last command'),
      metric('time.seconds', 'Time', cycles / 5e8, 's', 'simulated', 'cycles ÷ clock', [
        { name: 'cycles', value: cycles, unit: 'cycles' },
        { name: 'clock', value: 5e8, unit: 'Hz' },
      ]),
      metric('energy.total', 'Energy', 0.000_412_7, 'J', 'estimate', 'Σ events × energy per event'),
      metric('offchip.total', 'Off-chip bytes', compulsory + weights + spilled, 'B', 'counted', 'Σ bytes moved'),
      metric('offchip.compulsory', 'Compulsory', compulsory + weights, 'B', 'counted', 'inputs + weights + outputs'),
      metric('offchip.spill', 'Non-compulsory', spilled, 'B', optimal ? 'proven' : 'counted', 'spills + refills'),
      metric('compute.utilisation', 'Utilisation', 0.713, '1', 'simulated', 'MACs ÷ (cycles × MACs per cycle)'),
    ],
    columns: COLUMNS,
    operators,
    schedule,
    timeline,
    ...makeAccounts(operators, say),
    findings: [
      problem('finding.off-chip-bound', say('The off-chip channel limits 4 of 12 operators'), {
        severity: 'warning',
        where: { node: 'n1' },
        facts: { busy: 0.83, 'bandwidth B/cycle': 8 },
        fixes: [{ title: say('Double the bandwidth'), edits: [] }],
      }),
      problem('finding.scratchpad-fits', say('Every activation fits on chip'), { severity: 'info' }),
    ],
    techniques: [
      { id: 'scheduler/portfolio', version: '1.0.0', title: 'Order and residency', role: 'scheduler' },
      { id: 'simulator/event', version: '1.0.0', title: 'Event simulator', role: 'simulator' },
    ],
    stoppedEarly: false,
  };
}

function metric(
  id: string,
  title: string,
  value: number,
  unit: Unit,
  badge: Badge,
  formula: string,
  inputs: Metric['provenance']['inputs'] = [],
): Metric {
  const technique = { id: 'simulator/event', version: '1.0.0' };
  return { id, title, value, unit, badge, provenance: { formula, inputs, source: 'definition', technique } };
}

function column(id: OperatorColumn['id'], title: string, unit: Unit, badge: Badge, formula: string): OperatorColumn {
  return { id, title, unit, badge, formula, source: 'definition' };
}

const COLUMNS: readonly OperatorColumn[] = [
  column('macs', 'MACs', 'MAC', 'counted', 'm × n × k × groups'),
  column('estimateCycles', 'Estimate', 'cycles', 'estimate', 'tiles × (k + rows + columns)'),
  column('startCycle', 'Start', 'cycles', 'simulated', 'first command issued'),
  column('endCycle', 'End', 'cycles', 'simulated', 'last command finished'),
  column('busyCycles', 'Busy', 'cycles', 'simulated', 'cycles its unit was busy'),
  column('utilisation', 'Utilisation', '1', 'simulated', 'MACs ÷ (busy × MACs per cycle)'),
  column('weightBytes', 'Weights', 'B', 'counted', 'Σ weight elements × bytes'),
  column('outputBytes', 'Output', 'B', 'counted', 'elements × bytes'),
  column('compulsoryBytes', 'Compulsory', 'B', 'counted', 'inputs + weights + outputs'),
  column('spillBytes', 'Spilled', 'B', 'proven', 'spills + refills'),
  column('refetchBytes', 'Fetched again', 'B', 'estimate', 'tiles beyond the first'),
  column('energy', 'Energy', 'J', 'estimate', 'Σ events × energy per event'),
];

function makeOperators(blocks: number, say: (plain: string) => string): readonly OperatorResult[] {
  return Array.from({ length: blocks * 2 }, (_, index): OperatorResult => {
    const isConv = index % 2 === 0;
    const block = index >> 1;
    const busy = isConv ? CONV_CYCLES : ADD_CYCLES;
    const start = block * (CONV_CYCLES + ADD_CYCLES) + LOAD_CYCLES + (isConv ? 0 : CONV_CYCLES);
    return {
      index,
      name: say(isConv ? `conv${block + 1}` : `add${block + 1}`),
      type: isConv ? 'conv + relu' : 'add',
      nodes: isConv ? [`n${index + 1}`, `r${index + 1}`] : [`n${index + 1}`],
      unit: isConv ? 'array' : 'vector',
      mapping: say(isConv ? 'weight-stationary · 3136×64×576 in 98×2×18 tiles' : '16 lanes'),
      limit: isConv ? 'compute' : 'off-chip',
      macs: isConv ? WEIGHTS * 3136 : 0,
      estimateCycles: busy - 96,
      startCycle: start,
      endCycle: start + busy,
      busyCycles: busy,
      utilisation: isConv ? 0.9 - (block % 30) * 0.03 : 0,
      weightBytes: isConv ? WEIGHTS : 0,
      outputBytes: ACTIVATION,
      compulsoryBytes: (isConv ? WEIGHTS : 0) + (index === 0 || index === blocks * 2 - 1 ? ACTIVATION : 0),
      spillBytes: block === 2 && !isConv ? ACTIVATION * 2 : 0,
      refetchBytes: isConv ? block * 1024 : 0,
      energy: isConv ? 6.1e-5 : 4.2e-6,
    };
  });
}

function makeSchedule(blocks: number, say: (plain: string) => string, optimal: boolean): RunResult['schedule'] {
  const tensors: ScheduleTensor[] = [];
  const ops: ScheduleOperator[] = [];
  const intervals: ResidencyInterval[] = [];
  const tensor = (name: string, kind: ScheduleTensor['kind']) => {
    tensors.push({ id: tensors.length, name: say(name), shape: [1, 64, 56, 56], bytes: ACTIVATION, kind });
    return tensors.length - 1;
  };
  let carried = tensor('image', 'input');
  for (let block = 0; block < blocks; block++) {
    const step = block * 2;
    const inner = tensor(`conv${block + 1}.out`, 'act');
    const sum = tensor(`add${block + 1}.out`, block === blocks - 1 ? 'output' : 'act');
    const slot = (block % 2) * ACTIVATION;
    ops.push({
      id: step,
      name: say(`conv${block + 1}`),
      type: 'conv',
      inputs: [carried],
      outputs: [inner],
      weightBytes: WEIGHTS,
    });
    ops.push({
      id: step + 1,
      name: say(`add${block + 1}`),
      type: 'add',
      inputs: [carried, inner],
      outputs: [sum],
      weightBytes: 0,
    });
    if (block === 0) intervals.push({ t: carried, from: 0, to: 2, addr: slot });
    intervals.push({ t: inner, from: step, to: step + 2, addr: 2 * ACTIVATION });
    const end = block === blocks - 1 ? step + 2 : step + 4;
    const addr = ACTIVATION - slot;
    if (block === 0 && blocks > 1) {
      // Written out after it was made and read again for the next operator: what the schedule is said to spill.
      intervals.push({ t: sum, from: step + 1, to: step + 2, addr }, { t: sum, from: step + 2, to: end, addr });
    } else intervals.push({ t: sum, from: step + 1, to: end, addr });
    carried = sum;
  }
  const objective = ACTIVATION * 2;
  return {
    problem: { name: say('residual chain'), bytesPerElement: 1, tensors, ops },
    answer: {
      mode: 'strict',
      S: SCRATCHPAD,
      objective,
      bound: optimal ? objective : ACTIVATION,
      optimal,
      compulsory: 2 * ACTIVATION,
      order: ops.map((op) => op.id),
      intervals,
      baselines: { noReuse: objective * 8, 'fileOrder+optimalResidency': objective * 2 },
      proof: say('All orders were enumerated; none moves fewer bytes.'),
      solver: { id: 'scheduler/portfolio', version: '1.0.0' },
    },
  };
}

function makeTimeline(operators: readonly OperatorResult[], say: (plain: string) => string): Timeline {
  interface Row {
    readonly lane: number;
    readonly start: number;
    readonly end: number;
    readonly operator: number;
    readonly kind: number;
  }
  const rows: Row[] = [];
  for (const { index, startCycle, endCycle, unit, weightBytes } of operators) {
    rows.push({ lane: unit === 'array' ? 0 : 1, start: startCycle, end: endCycle, operator: index, kind: 0 });
    const isStore = weightBytes === 0;
    const start = isStore ? endCycle : startCycle - LOAD_CYCLES;
    rows.push({ lane: 2, start, end: start + (isStore ? 3000 : LOAD_CYCLES), operator: index, kind: isStore ? 2 : 1 });
  }
  rows.sort((a, b) => a.lane - b.lane || a.start - b.start);
  return {
    lanes: [
      { component: 'array', title: say('Array 32×32'), kind: 'compute' },
      { component: 'vector', title: say('Vector unit'), kind: 'compute' },
      { component: 'dram', title: say('DRAM'), kind: 'channel' },
    ],
    makespanCycles: Math.max(...rows.map((row) => row.end)),
    clockHertz: 5e8,
    lane: encodeColumn(Uint16Array.from(rows, (row) => row.lane)),
    start: encodeColumn(Float64Array.from(rows, (row) => row.start)),
    end: encodeColumn(Float64Array.from(rows, (row) => row.end)),
    operator: encodeColumn(Int32Array.from(rows, (row) => row.operator)),
    kind: encodeColumn(Uint8Array.from(rows, (row) => row.kind)),
    command: encodeColumn(Int32Array.from(rows, (_, row) => row)),
  };
}

function makeModel(blocks: number, say: (plain: string) => string): DocumentFile {
  const nodes: DocumentNode[] = [];
  const links: DocumentLink[] = [];
  const add = (id: string, type: string, name: string, x: number, y: number) =>
    nodes.push({
      id,
      type,
      name: say(name),
      x,
      y,
      parent: null,
      parameters: type === 'conv' ? { channels: 64, note: say('drawn by hand') } : {},
    });
  const join = (from: string, to: string, port = 'in') =>
    links.push({ id: `l${links.length}`, from: { node: from, port: 'out' }, to: { node: to, port } });
  add('in', 'input', 'image', 0, 0);
  let carried = 'in';
  for (let block = 0; block < blocks; block++) {
    const [conv, relu, sum] = [`n${block * 2 + 1}`, `r${block * 2 + 1}`, `n${block * 2 + 2}`];
    const x = 240 + block * 640;
    add(conv, 'conv', `conv${block + 1}`, x, -60);
    add(relu, 'activation', `relu${block + 1}`, x + 210, -60);
    add(sum, 'elementwise', `add${block + 1}`, x + 420, 20);
    join(carried, conv);
    join(conv, relu);
    join(relu, sum, 'a');
    join(carried, sum, 'b');
    carried = sum;
  }
  add('out', 'output', 'features', 240 + blocks * 640, 20);
  join(carried, 'out');
  return { format: 'weft-document/1', id: 'model', kind: 'model', title: say('Residual chain'), nodes, links };
}

function makeArchitecture(say: (plain: string) => string): DocumentFile {
  const node = (id: string, type: string, name: string, x: number, y: number): DocumentNode => ({
    id,
    type,
    name: say(name),
    x,
    y,
    parent: null,
    parameters: { note: say('as in the data sheet') },
  });
  const link = (id: string, from: string, to: string): DocumentLink => ({
    id,
    from: { node: from, port: 'out' },
    to: { node: to, port: 'in' },
  });
  return {
    format: 'weft-document/1',
    id: 'architecture',
    kind: 'architecture',
    title: say('Edge 32'),
    nodes: [
      node('dram', 'dram-channel', 'DRAM', 0, 60),
      node('dma', 'dma', 'DMA', 230, 60),
      node('spm', 'scratchpad', 'Scratchpad', 460, 60),
      node('array', 'systolic-array', 'Array 32×32', 690, 0),
      node('vector', 'vector-unit', 'Vector unit', 690, 120),
    ],
    links: [link('a', 'dram', 'dma'), link('b', 'dma', 'spm'), link('c', 'spm', 'array'), link('d', 'spm', 'vector')],
  };
}

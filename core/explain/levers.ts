/**
 * What would make a run shorter: changes of the architecture's parameters and of the run's settings, each with the cycles it
 * is predicted to take (`predict.ts`), most gained first. Only what works against a cause that takes some of the run is
 * tried, one change at a time.
 */
import { type ArrayUnit, type LaneUnit, type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { parametersOf } from '#core/document/components.ts';
import { withDistinctNames } from '#core/document/distinct-names.ts';
import { type Document, fromFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import type { RunData } from '#core/report/run-data.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { Cause } from './attribution.ts';
import { limitsOfRun, type RunLimits } from './limits.ts';
import { type Assumptions, Predictor } from './predict.ts';
import type { ParameterEdit, ProgramLever } from './program-lever.ts';
import { roomOfOrder } from './room.ts';

/** Of the run: causes that take less are not worth a lever, nor are levers that gain less. */
const WORTH = 0.01;

interface Draft extends Assumptions {
  readonly title: string;
  readonly cause: Cause;
  readonly edits: readonly ParameterEdit[];
  readonly settings?: Partial<RunSettings>;
  readonly basis?: 'bound';
  readonly method?: string;
}

const known = new WeakMap<RunData, readonly ProgramLever[]>();

/** Largest predicted gain first; none where a document of an older run cannot be read any more. Worked out once a result. */
export function programLevers(data: RunData): readonly ProgramLever[] {
  const levers = known.get(data) ?? leversOf(data);
  known.set(data, levers);
  return levers;
}

function leversOf(data: RunData): readonly ProgramLever[] {
  const found = limitsOfRun(data);
  const { inputs, timeline } = data.result;
  const { graph } = buildModel(withDistinctNames(fromFile(inputs.model)));
  if (!found || !graph) return [];
  const before = { machine: found.machine, settings: inputs.settings };
  const predictor = new Predictor(graph, data.result, found.attribution, before);
  const drawing = fromFile(inputs.architecture);
  const drafts = [
    ...bandwidthLevers(found),
    ...arrayLevers(found, drawing),
    ...laneLevers(found),
    ...memoryLevers(found, data),
    ...bufferLevers(found),
    ...latencyLevers(found, drawing),
    ...settingLevers(found, data),
  ];
  const levers = drafts.flatMap((draft): ProgramLever[] => {
    const machine = machineWith(drawing, draft.edits, found.machine.scratchpad.capacityBytes);
    if (!machine) return [];
    const settings = { ...inputs.settings, ...draft.settings };
    const cycles = predictor.cycles({ machine, settings }, draft);
    if (cycles === null || cycles > timeline.makespanCycles * (1 - WORTH)) return [];
    return [
      {
        id: [...draft.edits.map(({ node, parameter }) => `${node}.${parameter}`), draft.title].join(' '),
        title: draft.title,
        cause: draft.cause,
        edits: draft.edits,
        settings: draft.settings ?? null,
        predictedCycles: cycles,
        basis: draft.basis ?? 'estimate',
        method:
          draft.method ??
          'Cycles of every operator in this run, scaled by its analytic estimate before and after; the schedule stays.',
      },
    ];
  });
  return levers
    .filter((lever) => !levers.some((other) => other !== lever && isWithin(other, lever)))
    .sort((a, b) => a.predictedCycles - b.predictedCycles || (a.id < b.id ? -1 : 1));
}

/** Part of what `whole` changes gives as much. */
function isWithin(part: ProgramLever, whole: ProgramLever): boolean {
  if (part.settings || whole.settings || part.edits.length >= whole.edits.length) return false;
  const changed = new Map(whole.edits.map(({ node, parameter, value }) => [`${node}.${parameter}`, value]));
  return (
    part.predictedCycles <= whole.predictedCycles &&
    part.edits.every(({ node, parameter, value }) => changed.get(`${node}.${parameter}`) === value)
  );
}

/** The machine of the drawing with these parameters; the capacity of the run unless it is what changes. */
function machineWith(drawing: Document, edits: readonly ParameterEdit[], capacityBytes: number): Machine | null {
  const nodes = new Map(drawing.nodes);
  for (const { node, parameter, value } of edits) {
    const drawn = nodes.get(node);
    if (drawn) nodes.set(node, { ...drawn, parameters: { ...drawn.parameters, [parameter]: value } });
  }
  const { machine } = resolveMachine({ ...drawing, nodes });
  if (!machine) return null;
  const isChanged = edits.some(({ parameter }) => parameter === 'capacityBytes');
  return isChanged ? machine : { ...machine, scratchpad: { ...machine.scratchpad, capacityBytes } };
}

const shareOf = ({ limits }: RunLimits, ...causes: readonly Cause[]) =>
  limits.filter(({ cause }) => causes.includes(cause)).reduce((sum, { share }) => sum + share, 0);

/** Twice the bandwidth of every channel, and twice the width of what is between them and the scratchpad. */
function bandwidthLevers(found: RunLimits): readonly Draft[] {
  const { machine } = found;
  if (shareOf(found, 'bandwidth', 'capacity', 'buffers') < WORTH) return [];
  const channels = machine.channels.map(({ node, bytesPerTick }) => ({
    node,
    parameter: 'gigabytesPerSecond',
    value: Number(((2 * bytesPerTick * machine.clockHertz) / 1e9).toPrecision(12)),
  }));
  const widths = new Map<string, number>();
  for (const { node, bytesPerTick, bus } of machine.engines) {
    widths.set(node, 2 * bytesPerTick);
    if (bus) widths.set(bus.node, 2 * bus.bytesPerTick);
  }
  const ways = [...widths].map(([node, value]) => ({ node, parameter: 'bytesPerCycle', value }));
  const all = machine.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0) * machine.clockHertz;
  const names = machine.channels.length === 1 ? machine.channels[0]!.name : `${machine.channels.length} channels`;
  return [
    {
      title: `Double the bandwidth of ${names}: ${formatQuantity((2 * all) / 1e9, 'GB/s')}`,
      cause: 'bandwidth',
      edits: channels,
    },
    {
      title: `Double the bandwidth of ${names} and the width of DMA and bus: ${formatQuantity((2 * all) / 1e9, 'GB/s')}`,
      cause: 'bandwidth',
      edits: [...channels, ...ways],
    },
    { title: 'Make DMA and bus twice as wide', cause: 'bandwidth', edits: ways },
  ];
}

function arrayLevers(found: RunLimits, drawing: Document): readonly Draft[] {
  if (shareOf(found, 'array') < WORTH) return [];
  const arrays = found.machine.units.filter((unit): unit is ArrayUnit => unit.kind === 'systolic-array');
  const groups = arrays.length > 1 ? [...arrays.map((array) => [array]), arrays] : [arrays];
  return groups.flatMap((group): Draft[] => {
    const [first] = group;
    if (!first) return [];
    const of = group.length === 1 ? first.name : `all ${group.length} arrays`;
    const size = (rows: number, columns: number) =>
      group.length === 1 ? `: ${first.rows * rows} × ${first.columns * columns}` : '';
    const rows = group.map((unit) => ({ node: unit.node, parameter: 'rows', value: 2 * unit.rows }));
    const columns = group.map((unit) => ({ node: unit.node, parameter: 'columns', value: 2 * unit.columns }));
    const fixed = group.filter(({ node }) => FIXED.has(String(drawing.nodes.get(node)?.parameters.dataflow)));
    return [
      { title: `Twice the rows of ${of}${size(2, 1)}`, cause: 'array', edits: rows },
      { title: `Twice the columns of ${of}${size(1, 2)}`, cause: 'array', edits: columns },
      { title: `Twice the rows and columns of ${of}${size(2, 2)}`, cause: 'array', edits: [...rows, ...columns] },
      ...(fixed.length > 0
        ? [
            {
              title: `Let ${of} take the best dataflow for each operator`,
              cause: 'array' as const,
              edits: fixed.map(({ node }) => ({ node, parameter: 'dataflow', value: 'auto' })),
            },
          ]
        : []),
    ];
  });
}

const FIXED: ReadonlySet<string> = new Set(['os', 'ws', 'is']);

function laneLevers(found: RunLimits): readonly Draft[] {
  if (shareOf(found, 'vector') < WORTH) return [];
  const units = found.machine.units.filter((unit): unit is LaneUnit => unit.kind !== 'systolic-array');
  const groups = units.length > 1 ? [...units.map((unit) => [unit]), units] : [units];
  return groups.flatMap((group): Draft[] => {
    const [first] = group;
    if (!first) return [];
    const title =
      group.length === 1
        ? `Twice the lanes of ${first.name}: ${2 * first.lanes}`
        : `Twice the lanes of all ${group.length} vector units`;
    const edits = group.map(({ node, lanes }) => ({ node, parameter: 'lanes', value: 2 * lanes }));
    return [{ title, cause: 'vector', edits }];
  });
}

/** A scratchpad in which this order spills nothing; where settings override what is drawn, in the settings. */
function memoryLevers(found: RunLimits, { result }: RunData): readonly Draft[] {
  const { answer, problem } = result.schedule;
  const { node, alignmentBytes } = found.machine.scratchpad;
  if (answer.objective === 0 || shareOf(found, 'capacity') < WORTH) return [];
  const enough = roomOfOrder(problem, answer, alignmentBytes);
  const isSet = result.inputs.settings.scratchpadBytes !== null;
  return [
    {
      title: `Make the scratchpad ${formatQuantity(enough, 'B')} large: nothing is spilled in this order`,
      cause: 'capacity',
      edits: isSet ? [] : [{ node, parameter: 'capacityBytes', value: enough }],
      ...(isSet && { settings: { scratchpadBytes: enough } }),
      spillLeft: 0,
      method:
        'The bytes spilled and refilled are gone: this order has room for all. Cycles of the channels scale with the bytes.',
    },
  ];
}

function bufferLevers(found: RunLimits): readonly Draft[] {
  if (shareOf(found, 'buffers') < WORTH) return [];
  return found.machine.units.map((unit): Draft => {
    const ids =
      unit.kind === 'systolic-array'
        ? (['inputBufferBytes', 'weightBufferBytes', 'outputBufferBytes'] as const).map((id) => [id, unit[id]] as const)
        : [['bufferBytes', unit.bufferBytes] as const];
    const all = ids.reduce((sum, [, bytes]) => sum + bytes, 0);
    return {
      title: `Make the buffers of ${unit.name} four times as large: ${formatQuantity(4 * all, 'B')} in all`,
      cause: 'buffers',
      edits: ids.map(([parameter, bytes]) => ({ node: unit.node, parameter, value: 4 * bytes })),
    };
  });
}

function latencyLevers(found: RunLimits, drawing: Document): readonly Draft[] {
  if (shareOf(found, 'latency') < WORTH) return [];
  const halved = found.machine.channels.map(({ node }) => {
    const parameter = 'latencyNanoseconds';
    const drawn = integerOf(parametersOf('architecture', drawing.nodes.get(node)!), parameter);
    return { node, parameter, value: drawn / 2 };
  });
  return [
    {
      title: 'Halve the latency of the off-chip channels',
      cause: 'latency',
      edits: halved,
      method: 'Cycles in which nothing works, scaled by the latency and set-up of a transfer before and after.',
    },
  ];
}

/** Other settings of the run: narrower numbers, another objective of the mapping, the strongest scheduler. */
function settingLevers(found: RunLimits, { result }: RunData): readonly Draft[] {
  const { settings } = result.inputs;
  const { answer } = result.schedule;
  const narrower = ({ fp32: 'fp16', fp16: 'int8', int16: 'int8', model: 'int8', int8: null } as const)[settings.format];
  const drafts: Draft[] = [];
  if (narrower && shareOf(found, 'bandwidth', 'capacity', 'buffers') >= WORTH)
    drafts.push({
      title: `Store and compute in ${narrower} instead of ${settings.format}`,
      cause: 'bandwidth',
      edits: [],
      settings: { format: narrower },
      method:
        'Bytes of every operator scaled by the width of an element; the schedule may gain more. Accuracy is not looked at.',
    });
  const objective = settings.objective === 'cycles' ? 'off-chip' : 'cycles';
  drafts.push({
    title: objective === 'off-chip' ? 'Map operators for fewest off-chip bytes' : 'Map operators for fewest cycles',
    cause: objective === 'off-chip' ? 'buffers' : 'array',
    edits: [],
    settings: { objective },
  });
  if (settings.scheduler.id !== 'scheduler/portfolio' && answer.objective > answer.bound)
    drafts.push({
      title: 'Schedule with the portfolio of searches',
      cause: 'capacity',
      edits: [],
      settings: { scheduler: { id: 'scheduler/portfolio', parameters: settings.scheduler.parameters } },
      spillLeft: answer.bound / answer.objective,
      basis: 'bound',
      method: 'No schedule at this capacity spills less than the lower bound; how near it comes is not known.',
    });
  return drafts;
}

/**
 * What a candidate's names stand for: the kernel and its tensors, units, DMA engines and channels that are drawn, and the
 * mapping its tiling makes. Needs no schedule. Then its commands with pieces and places in numbers (`commandsOf`).
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { GivenCommand, GivenRoute } from '#core/compile/given.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import { type MappedOperator, mapGiven } from '#core/compile/map.ts';
import { bytesOf, type KernelPieces, type Pieces } from '#core/compile/pieces.ts';
import type { StepPlaces } from '#core/compile/residency-plan.ts';
import type { GivenTiling, TileCounts, UnitModel } from '#core/compile/unit-model.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type {
  Alias,
  Blocks,
  Candidate,
  CommandLine,
  LoadLine,
  OperandLine,
  OperandPlaceName,
  Reference,
  ResultLine,
  ResultPlaceName,
  TextPlace,
} from './candidate.ts';
import { textProblem } from './parse.ts';

export interface ResolvedCandidate {
  readonly candidate: Candidate;
  readonly operator: number;
  readonly mapped: MappedOperator;
  /** In the order of the kernel's operands and results. */
  readonly operands: readonly OperandLine[];
  readonly results: readonly ResultLine[];
  /** By name in the text: the buffer's number, weights after the last operand. */
  readonly buffers: ReadonlyMap<string, number>;
  readonly resultNames: ReadonlyMap<string, number>;
  readonly units: ReadonlyMap<string, number>;
  readonly dmas: ReadonlyMap<string, number>;
  readonly channels: ReadonlyMap<string, number>;
}

/** What a candidate is resolved against. */
export interface Site {
  readonly graph: KernelGraph;
  readonly problem: ScheduleProblem;
  readonly machine: Machine;
  readonly models: readonly UnitModel[];
  readonly settings: Pick<RunSettings, 'format' | 'objective'>;
}

const AXES = ['g', 'm', 'n', 'k'] as const;

/** Problems: `candidate.name`, `candidate.tiling`. */
export function resolveCandidate(
  candidate: Candidate,
  operator: number,
  site: Site,
): Result<ResolvedCandidate, Problem> {
  const { graph, problem, machine } = site;
  const kernel = graph.operators[operator]!;
  if (candidate.kernel.name !== kernel.name)
    return err(
      textProblem('name', candidate.kernel.at, `it is of "${candidate.kernel.name}", not of "${kernel.name}"`),
    );
  const units = drawn(candidate.units, machine.units, 'unit');
  if (!units.ok) return units;
  const dmas = drawn(candidate.dmas, machine.engines, 'DMA engine');
  if (!dmas.ok) return dmas;
  const channels = drawn(candidate.channels, machine.channels, 'channel');
  if (!channels.ok) return channels;

  const operands = tensors(candidate.operands, kernel.inputs, graph, 'operand');
  if (!operands.ok) return operands;
  const results = tensors(candidate.results, kernel.outputs, graph, 'result');
  if (!results.ok) return results;
  const buffers = new Map(operands.value.map(({ alias }, index) => [alias, index]));
  const hasWeights = problem.ops[operator]!.weightBytes > 0;
  const { weights } = candidate;
  if (weights && !hasWeights) return err(textProblem('name', weights.at, `"${kernel.name}" has no weights`));
  if (!weights && hasWeights)
    return err(textProblem('name', candidate.kernel.at, `"${kernel.name}" has weights, which have no name: weights w`));
  if (weights && buffers.has(weights.name))
    return err(textProblem('name', weights.at, `${weights.name} is an operand's name already`));
  if (weights) buffers.set(weights.name, operands.value.length);

  const { tiling } = candidate;
  const given: GivenTiling =
    tiling.kind === 'chunks'
      ? { kind: 'chunks', chunks: tiling.chunks }
      : { kind: 'tile', tile: tiling.extents, dataflow: tiling.dataflow, outer: outerAxis(candidate.commands) };
  const unitList = [...units.value.values()];
  const mapped = mapGiven(kernel, graph, machine, site.models, site.settings, unitList, given);
  if (!mapped.ok) return err(textProblem('tiling', tiling.at, mapped.error));
  const { mapping } = mapped.value;
  return ok({
    candidate,
    operator,
    mapped: { ...mapped.value, mapping: { ...mapping, description: `candidate: ${mapping.description}` } },
    operands: operands.value,
    results: results.value,
    buffers,
    resultNames: new Map(results.value.map(({ alias }, index) => [alias, index])),
    units: units.value,
    dmas: dmas.value,
    channels: channels.value,
  });
}

/** Indices of what is drawn, by alias. A node's id names it where its name does not tell. */
function drawn(
  aliases: readonly Alias[],
  list: readonly { readonly node: string; readonly name: string }[],
  what: string,
): Result<ReadonlyMap<string, number>, Problem> {
  const found = new Map<string, number>();
  for (const { alias, name, at } of aliases) {
    const named = list.flatMap((each, index) => (each.name === name ? [index] : []));
    const index = named.length === 1 ? named[0]! : list.findIndex(({ node }) => node === name);
    if (index === -1) {
      const known = list.map((each) => `"${each.name}"`).join(', ');
      const why = named.length > 1 ? `${named.length} are called so; name one by its id` : `there are ${known}`;
      return err(textProblem('name', at, `no ${what} "${name}": ${why}`));
    }
    if (found.has(alias)) return err(textProblem('name', at, `the name ${alias} is given twice`));
    if ([...found.values()].includes(index)) return err(textProblem('name', at, `"${name}" is named twice`));
    found.set(alias, index);
  }
  return ok(found);
}

/** The lines in the order of `ids`; every tensor has one. */
function tensors<T extends Alias>(
  lines: readonly T[],
  ids: readonly number[],
  graph: KernelGraph,
  what: string,
): Result<readonly T[], Problem> {
  const names = ids.map((id) => graph.tensors[id]!.name);
  const known = names.map((name) => `"${name}"`).join(', ');
  const aliases = new Set<string>();
  for (const { name, alias, at } of lines) {
    if (!names.includes(name)) return err(textProblem('name', at, `no ${what} "${name}": there are ${known}`));
    if (aliases.has(alias)) return err(textProblem('name', at, `the name ${alias} is given twice`));
    aliases.add(alias);
  }
  const found: T[] = [];
  for (const name of names) {
    const [line, again] = lines.filter((each) => each.name === name);
    if (again) return err(textProblem('name', again.at, `"${name}" is named twice`));
    if (!line)
      return err(
        textProblem('name', lines[0]?.at ?? { line: 1, column: 1 }, `a line is missing for the ${what} "${name}"`),
      );
    found.push(line);
  }
  return ok(found);
}

/** The label of the tile order: n runs inside m where n changes first. */
function outerAxis(commands: readonly CommandLine[]): 'm' | 'n' {
  let first: Blocks | null = null;
  for (const command of commands) {
    if (command.kind !== 'execute') continue;
    first ??= command.blocks;
    if ((command.blocks.n ?? 0) !== (first.n ?? 0)) return 'm';
    if ((command.blocks.m ?? 0) !== (first.m ?? 0)) return 'n';
  }
  return 'm';
}

/** Tensors the candidate streams, to be streamed in the schedule. */
export function streamedTensors(
  { operands, results, operator }: ResolvedCandidate,
  graph: KernelGraph,
): readonly number[] {
  const { inputs, outputs } = graph.operators[operator]!;
  return [
    ...inputs.filter((_, index) => operands[index]!.place === 'off-chip'),
    ...outputs.filter((_, index) => results[index]!.place === 'off-chip'),
  ];
}

/** `candidate.place` where the schedule puts an operand or result elsewhere than the candidate says. */
export function placeProblem(resolved: ResolvedCandidate, step: StepPlaces): Problem | null {
  const { candidate, operands, results, buffers } = resolved;
  for (const [index, { interval, loadsFirst }] of step.operands.entries()) {
    const line = operands[index]!;
    const scheduled: OperandPlaceName = interval < 0 ? 'off-chip' : 'scratchpad';
    if (scheduled !== line.place) return misplaced(line, scheduled);
    const fetch = candidate.commands.find(
      (command) => command.kind === 'fetch' && buffers.get(command.operand.name) === index,
    );
    if (fetch && !loadsFirst)
      return textProblem('place', fetch.at, `under this schedule ${line.alias} lies in the scratchpad already`);
  }
  for (const [index, { interval, stored }] of step.results.entries()) {
    const line = results[index]!;
    const scheduled: ResultPlaceName = interval < 0 ? 'off-chip' : stored === 'no' ? 'scratchpad' : 'both';
    if (scheduled !== line.place) return misplaced(line, scheduled);
  }
  return null;
}

function misplaced({ alias, name, place, at }: OperandLine | ResultLine, scheduled: ResultPlaceName): Problem {
  const text = `the candidate has ${alias} ("${name}") '${place}', this schedule has it '${scheduled}'`;
  return textProblem('place', at, text);
}

/** The commands in numbers. Problems: `candidate.name`, `candidate.command`. */
export function commandsOf(
  resolved: ResolvedCandidate,
  pieces: KernelPieces,
  machine: Machine,
  elementsOf: (operand: number) => { readonly elements: number; readonly width: number },
): Result<readonly GivenCommand[], Problem> {
  const labels = new Map<string, number>();
  const commands: GivenCommand[] = [];
  for (const [index, line] of resolved.candidate.commands.entries()) {
    const after: number[] = [];
    for (const { name, at } of line.after) {
      const other = labels.get(name);
      if (other === undefined) return err(textProblem('name', at, `no earlier command has the label ${name}`));
      after.push(other);
    }
    const made = commandOf(line, resolved, pieces, machine, elementsOf);
    if (!made.ok) return made;
    commands.push({ ...made.value, after });
    if (line.label === null) continue;
    if (labels.has(line.label)) return err(textProblem('name', line.at, `the label ${line.label} is given twice`));
    labels.set(line.label, index);
  }
  return ok(commands);
}

type Unordered = GivenCommand extends infer C ? (C extends GivenCommand ? Omit<C, 'after'> : never) : never;

function commandOf(
  line: CommandLine,
  resolved: ResolvedCandidate,
  pieces: KernelPieces,
  machine: Machine,
  elementsOf: (operand: number) => { readonly elements: number; readonly width: number },
): Result<Unordered, Problem> {
  const { counts } = resolved.mapped.mapping.loop;
  const fault = (at: TextPlace, message: string) => err(textProblem('command', at, message));
  const unit = line.kind === 'fetch' ? ok(-1) : named(line.unit, resolved.units, 'unit');
  if (!unit.ok) return unit;
  const route = line.kind === 'execute' ? ok(null) : routeOf(line, resolved, machine);
  if (!route.ok) return route;
  if (line.kind !== 'fetch')
    for (const axis of AXES)
      if ((line.blocks[axis] ?? 0) >= counts[axis])
        return fault(line.at, `there is no block ${axis} ${line.blocks[axis]}: ${axis} has ${counts[axis]}`);
  const tile: TileCounts = { g: 0, m: 0, n: 0, k: 0, ...(line.kind !== 'fetch' && line.blocks) };
  switch (line.kind) {
    case 'fetch': {
      const operand = named(line.operand, resolved.buffers, 'operand');
      if (!operand.ok) return operand;
      const place = resolved.operands[operand.value]?.place;
      if (place !== 'scratchpad') return fault(line.operand.at, `${line.operand.name} is not in the scratchpad here`);
      if (line.into.name !== line.operand.name)
        return fault(line.into.at, `${line.operand.name} lies at @${line.operand.name}, not at @${line.into.name}`);
      const { elements, width } = elementsOf(operand.value);
      const { from, to } = line.elements;
      if (to > elements) return fault(line.at, `${line.operand.name} has ${elements} elements, not ${to}`);
      const right = from * width;
      if (line.offset !== right)
        return fault(
          line.into.at,
          `element ${from} of ${line.operand.name} lies at @${line.operand.name}+${right}, not +${line.offset}`,
        );
      return ok({ kind: 'fetch', operand: operand.value, from, to, offset: line.offset, route: route.value });
    }
    case 'load': {
      const buffer = named(line.operand, resolved.buffers, 'operand');
      if (!buffer.ok) return buffer;
      return loadOf(line, buffer.value, unit.value, tile, route.value, resolved, pieces);
    }
    case 'execute':
      return ok({ kind: 'execute', tile, unit: unit.value, slot: line.half });
    case 'store': {
      const result = named(line.result, resolved.resultNames, 'result');
      if (!result.ok) return result;
      if (resolved.results[result.value]!.place === 'scratchpad')
        return fault(line.result.at, `${line.result.name} stays in the scratchpad here: it is not stored`);
      if (line.blocks.k !== undefined) return fault(line.at, 'a result has no k: its last sum is stored');
      const piece = pieces.results[result.value]!.indexOf(tile);
      return ok({ kind: 'store', result: result.value, piece, unit: unit.value, slot: line.half, route: route.value });
    }
  }
}

function loadOf(
  line: LoadLine,
  buffer: number,
  unit: number,
  tile: TileCounts,
  route: GivenRoute | null,
  { operands, candidate, mapped }: ResolvedCandidate,
  pieces: KernelPieces,
): Result<Unordered, Problem> {
  const { name } = line.operand;
  const fault = (at: TextPlace, message: string) => err(textProblem('command', at, message));
  if (operands[buffer] && operands[buffer].place !== 'off-chip')
    return fault(line.operand.at, `${name} is read from the scratchpad here: it does not pass through a buffer`);
  if (line.into.name !== name)
    return fault(line.into.at, `${name} goes to the buffer of ${name}, not that of ${line.into.name}`);
  const own: Pieces | null =
    buffer === operands.length && candidate.weights ? pieces.weights : (pieces.operands[buffer] ?? null);
  if (!own) return fault(line.operand.at, `${name} is loaded from nowhere`);
  const index = own.indexOf(tile);
  for (const axis of AXES) {
    const at = line.blocks[axis];
    if (
      at !== undefined &&
      at > 0 &&
      own.indexOf({ ...tile, [axis]: 0 }) === index &&
      mapped.mapping.loop.counts[axis] > 1
    )
      return fault(line.at, `${name} has no blocks of ${axis}`);
  }
  const piece = own.piece(index);
  const { from, to } = line.positions ?? piece;
  if (bytesOf(piece) === 0) return fault(line.at, `this block of ${name} has no elements`);
  if (from < piece.from || to > piece.to)
    return fault(line.at, `the block has positions ${piece.from}:${piece.to}, not ${from}:${to}`);
  return ok({ kind: 'load', buffer, piece: index, from, to, unit, slot: line.half, route });
}

function named({ name, at }: Reference, known: ReadonlyMap<string, number>, what: string): Result<number, Problem> {
  const index = known.get(name);
  if (index !== undefined) return ok(index);
  return err(
    textProblem('name', at, `no ${what} is called ${name}: there are ${[...known.keys()].join(', ') || 'none'}`),
  );
}

/** Without a channel, the first that the engine has. */
function routeOf(
  { dma, channel }: { readonly dma: Reference | null; readonly channel: Reference | null },
  { dmas, channels }: ResolvedCandidate,
  machine: Machine,
): Result<GivenRoute | null, Problem> {
  if (!dma) return ok(null);
  const engine = named(dma, dmas, 'DMA engine');
  if (!engine.ok) return engine;
  const reached = machine.engines[engine.value]!.channels;
  if (!channel) return ok({ engine: engine.value, channel: reached[0]! });
  const index = named(channel, channels, 'channel');
  if (!index.ok) return index;
  if (!reached.includes(index.value))
    return err(textProblem('command', channel.at, `${dma.name} does not reach the channel ${channel.name}`));
  return ok({ engine: engine.value, channel: index.value });
}

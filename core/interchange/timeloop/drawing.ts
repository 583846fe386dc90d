/**
 * A Timeloop architecture as a drawing. Timeloop has a tree of any memories over a mesh of multipliers; a drawing has one
 * array with a buffer an operand, one scratchpad and off-chip memory: what falls outside is folded in or told, never dropped silently.
 */
import { arrayUnits, chain } from '#core/architecture/chain.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import { DRAM_KINDS } from '#core/energy/dram.ts';
import { LARGEST_NODE, SMALLEST_NODE } from '#core/energy/scaling.ts';
import { type StorageLevel, treeFault } from '#core/mapping/memory-tree.ts';
import { readArchitecture } from './architecture.ts';
import { type Hints, OPERANDS, type Operand, readHints } from './hints.ts';
import { numberAt, readFiles, type TextFile, textOf, Unreadable } from './read.ts';

const CLOCK_MEGAHERTZ = 1000;
/** A gigabit: no on-chip memory is larger. */
const OFF_CHIP_BYTES = 1e9 / 8;
/** Part of the scratchpad an operand without a buffer of its own streams through. */
const SHARE = 1 / 8;
const LARGEST_SIDE = 4096;
const SMALLEST_BUFFER = 16;
const LARGEST_BUFFER = 2 ** 34;
const SMALLEST_SCRATCHPAD = 64;
const WIDEST_PORT = 2 ** 20;
const WIDEST_LINK = 65_536;
const LARGEST_BANDWIDTH = 100_000;

export interface Drawn {
  readonly document: Document;
  /** What was folded, assumed or left out. */
  readonly problems: readonly Problem[];
}

type Tell = (code: string, severity: Problem['severity'], message: string) => void;

/**
 * `title` names the drawing. Errors: `timeloop.*` (`timeloop.no-architecture` for a problem or a mapping by itself), or what
 * is wrong with the tree of memories (`mapping.architecture`).
 */
export function drawTimeloop(file: TextFile, title: string, id: string): Result<Drawn, Problem> {
  const read = readFiles([file]);
  if (!read.ok) return read;
  const root = read.value;
  try {
    const architecture = root.arch ?? root.architecture;
    if (architecture === undefined) throw new Unreadable('no-architecture', whatItIs(Object.keys(root)));
    const notes: string[] = [];
    const tree = readArchitecture(architecture, notes);
    const fault = treeFault(tree);
    if (fault) return err(inFile(file, fault));
    const problems: Problem[] = [];
    const tell: Tell = (code, severity, message) =>
      problems.push(problem(`timeloop.${code}`, message, { severity, where: { file: file.name } }));
    for (const note of notes) tell('note', 'warning', note);
    const unused = ['problem', 'mapping', 'ERT', 'ERT_summary', 'sparse_optimizations'].filter(
      (key) => root[key] !== undefined,
    );
    if (unused.length > 0)
      tell('beside', 'info', `Beside the architecture the file has ${unused.join(', ')}: 'weft map' counts with them`);
    const { compute } = tree;
    const [rows, columns] = [compute.meshY, compute.meshX];
    if (rows > LARGEST_SIDE || columns > LARGEST_SIDE)
      throw new Unreadable('mesh', `An array of ${rows} × ${columns} is larger than ${LARGEST_SIDE} a side`);

    const hints = readHints(root);
    const levels = tree.levels.filter(({ isDummy }) => !isDummy);
    const memories = memoriesOf(levels, tell);
    const buffers = buffersOf(memories, rows, columns, hints, tell);
    const clock = clockOf(hints, tell);
    const nanometres = nodeOf(hints, tell);
    const { scratchpad, dram } = memories;
    // Timeloop's own default binds nothing; twice every edge of the array both ways binds nothing here.
    const unbound = Math.ceil(4 * (rows + columns) * (scratchpad.wordBits / 8));
    const port = bytesPerCycle(scratchpad);
    if (port === null)
      tell('bandwidth', 'info', `${scratchpad.name} has no bandwidth: ${unbound} B a cycle bind nothing in the array`);
    const channel = channelOf(dram, clock, hints, tell);
    const hasRegisterFiles = memories.inner.some(({ instances }) => instances > 1 && instances === compute.instances);
    if (hasRegisterFiles)
      tell('cells', 'info', 'Memories beside each multiplier make cells with a register file; that sets their energy');
    tell(
      'lanes',
      'info',
      'Timeloop has one array; a vector unit and a special-function unit are drawn beside it so that whole models run',
    );
    const unit = { clockMegahertz: clock, nanometres };
    const document = chain(title.slice(0, 200), {
      channel: channel.parameters,
      bus: { bytesPerCycle: channel.width, latencyCycles: 0 },
      dma: { bytesPerCycle: channel.width, setupCycles: 0 },
      scratchpad: {
        capacityBytes: Math.min(buffers.capacity, 2 ** 40),
        alignmentBytes: 1,
        bytesPerCycle: Math.min(Math.max(1, Math.round(port ?? unbound)), WIDEST_PORT),
        nanometres,
      },
      units: arrayUnits(
        {
          rows,
          columns,
          inputBufferBytes: buffers.bytes.input,
          weightBufferBytes: buffers.bytes.weight,
          outputBufferBytes: buffers.bytes.output,
          cells: hasRegisterFiles ? 'register-file' : 'pipeline',
        },
        unit,
        compute.name.startsWith('_') ? 'Array' : compute.name.slice(0, 200),
      ),
    })(id);
    return ok({ document, problems });
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    return err(inFile(file, cause.problem));
  }
}

function inFile({ name }: TextFile, { code, message, facts }: Problem): Problem {
  return problem(code, `${name}: ${message}`, { where: { file: name }, facts });
}

function whatItIs(keys: readonly string[]): string {
  const part = ['problem', 'mapping', 'mapper', 'ERT', 'ERT_summary', 'ART', 'components', 'variables'].find((key) =>
    keys.includes(key),
  );
  if (part === undefined) return 'there is no architecture in the file';
  const isCounted = part === 'problem' || part === 'mapping' || part.startsWith('ERT');
  return `a Timeloop file with ${part} and no architecture is no drawing${isCounted ? `; 'weft map' takes it beside an architecture` : ''}`;
}

interface Memories {
  readonly scratchpad: StorageLevel;
  /** Between scratchpad and multipliers, the outermost first. */
  readonly inner: readonly StorageLevel[];
  readonly dram: StorageLevel | null;
}

function memoriesOf(levels: readonly StorageLevel[], tell: Tell): Memories {
  const last = levels.at(-1);
  if (last === undefined) throw new Unreadable('no-memory', 'There is no memory but levels that keep nothing');
  const bytes = bytesOf(last);
  const isOffChip = last.isDram || bytes === null || bytes >= OFF_CHIP_BYTES || /dram|hbm|off.?chip/i.test(last.name);
  const dram = isOffChip ? last : null;
  const onChip = levels.filter((level) => level !== dram);
  const at = onChip.findLastIndex(({ instances }) => instances === 1);
  const scratchpad = onChip[at];
  if (!scratchpad)
    throw new Unreadable(
      'no-scratchpad',
      dram && onChip.length === 0
        ? `There is no memory on chip below ${dram.name}; a drawing has a scratchpad`
        : 'No memory on chip is of one instance for the whole array; a drawing has one scratchpad',
    );
  if (bytesOf(scratchpad) === null)
    throw new Unreadable('no-size', `${scratchpad.name} has no depth, entries or sizeKB; a scratchpad has a size`);
  for (const level of onChip.slice(at + 1))
    tell(
      'folded',
      'warning',
      `${described(level)} lies outside ${scratchpad.name}, which all of the array shares: it is left out`,
    );
  if (!dram)
    tell(
      'no-off-chip',
      'warning',
      `${last.name} is the outermost memory and on chip: an off-chip channel of the default type is added`,
    );
  return { scratchpad, inner: onChip.slice(0, at).reverse(), dram };
}

interface Buffers {
  readonly bytes: Readonly<Record<Operand, number>>;
  /** What is left of the scratchpad. */
  readonly capacity: number;
}

function buffersOf({ scratchpad, inner }: Memories, rows: number, columns: number, hints: Hints, tell: Tell): Buffers {
  const total = Math.floor(bytesOf(scratchpad)!);
  let capacity = total;
  const of = (operand: Operand) => inner.find((level) => hints.keptBy(level.name).includes(operand));
  const used = new Set<StorageLevel>();
  const size = (operand: Operand): number => {
    const own = of(operand);
    const bytes = own ? bytesOf(own) : null;
    // Half of a buffer must hold what the whole array works on: one word a cell, four bytes for a sum.
    const least = 2 * rows * columns * (operand === 'output' ? 4 : (own?.wordBits ?? 8) / 8);
    const part = bytes === null ? null : Math.floor(bytes / OPERANDS.filter((each) => of(each) === own).length);
    if (own && part !== null && part >= least) {
      used.add(own);
      return Math.min(Math.max(SMALLEST_BUFFER, part), LARGEST_BUFFER);
    }
    const share = Math.min(Math.max(SMALLEST_BUFFER, Math.floor(total * SHARE)), LARGEST_BUFFER);
    capacity -= share;
    const why = !own
      ? 'no memory below keeps the operand'
      : part === null
        ? `${own.name} has no size`
        : `${own.name} has less than two words a cell for it`;
    tell(
      'buffer',
      'info',
      `The ${operand} buffer, ${formatQuantity(share, 'B')}, is cut from ${scratchpad.name}: ${why}`,
    );
    return share;
  };
  const bytes = { input: size('input'), weight: size('weight'), output: size('output') };
  if (capacity < SMALLEST_SCRATCHPAD)
    throw new Unreadable('no-scratchpad', `${described(scratchpad)} is too small to be a scratchpad`);
  for (const level of used) {
    const kept = OPERANDS.filter((operand) => of(operand) === level);
    if (level.instances > 1)
      tell(
        'gathered',
        'info',
        `${described(level)} ${kept.length > 1 ? 'make the buffers' : 'make the buffer'} of ${kept.join(', ')}, as if one memory`,
      );
  }
  for (const level of inner)
    if (!used.has(level))
      tell(
        'folded',
        'warning',
        `${described(level)} has no place of its own in a drawing: it is taken as part of the array's cells`,
      );
  return { bytes, capacity };
}

function channelOf(dram: StorageLevel | null, clock: number, hints: Hints, tell: Tell) {
  const given = dram && bytesPerCycle(dram);
  const fallback = 16;
  if (dram && given === null)
    tell('bandwidth', 'info', `${dram.name} has no bandwidth: ${fallback} B a cycle are taken`);
  const perCycle = Math.min(given ?? fallback, (LARGEST_BANDWIDTH * 1000) / clock);
  const named = textOf(dram && hints.attributesOf(dram.name).type)?.toLowerCase() ?? '';
  const kind = DRAM_KINDS.find((each) => each.id === (named === 'ddr3' ? 'ddr4' : named)) ?? DRAM_KINDS[0]!;
  if (dram && kind.id !== named)
    tell(
      'off-chip-kind',
      'info',
      `${dram.name} ${named ? `is of type ${named}` : 'names no type of memory'}: ${kind.title} is taken for its energy`,
    );
  return {
    parameters: {
      kind: kind.id,
      gigabytesPerSecond: Math.max((perCycle * clock) / 1000, 0.001),
      latencyNanoseconds: 0,
    },
    width: Math.min(Math.max(1, Math.ceil(perCycle)), WIDEST_LINK),
  };
}

function clockOf(hints: Hints, tell: Tell): number {
  const key = 'global_cycle_seconds';
  const given = hints.anywhere(key);
  const seconds = given === undefined ? null : numberAt('the architecture', { [key]: given }, key);
  const megahertz = seconds === null ? null : Number((1e-6 / seconds).toPrecision(12));
  if (megahertz !== null && megahertz >= 1 && megahertz <= 10_000) return megahertz;
  const why = seconds === null ? 'The file has no global_cycle_seconds' : `A cycle of ${seconds} s cannot be drawn`;
  tell('clock', 'info', `${why}: ${CLOCK_MEGAHERTZ} MHz is taken, and off-chip bandwidth follows from it`);
  return CLOCK_MEGAHERTZ;
}

function nodeOf(hints: Hints, tell: Tell): number {
  const text = textOf(hints.anywhere('technology'));
  const node = text === null ? null : Number(/^(\d+(?:\.\d+)?)\s*(?:nm)?$/i.exec(text)?.[1]);
  if (node !== null && node >= SMALLEST_NODE && node <= LARGEST_NODE) return node;
  if (text !== null) tell('technology', 'info', `Technology ${JSON.stringify(text)} is not drawn: 45 nm is taken`);
  return 45;
}

/** Bytes a cycle both ways; null where nothing binds. */
function bytesPerCycle({ readBandwidth, writeBandwidth, sharedBandwidth, wordBits, instances }: StorageLevel) {
  const own = readBandwidth === null || writeBandwidth === null ? null : readBandwidth + writeBandwidth;
  const words = sharedBandwidth === null ? own : Math.min(sharedBandwidth, own ?? Infinity);
  // One way alone is what binds it.
  const either = words ?? readBandwidth ?? writeBandwidth;
  return either === null ? null : (either * instances * wordBits) / 8;
}

/** All instances together; null: as large as needed. */
function bytesOf({ capacityWords, wordBits, instances }: StorageLevel): number | null {
  return capacityWords === null ? null : (capacityWords * wordBits * instances) / 8;
}

function described(level: StorageLevel): string {
  const { name, instances, capacityWords, wordBits } = level;
  const size = capacityWords === null ? 'no size' : formatQuantity((capacityWords * wordBits) / 8, 'B');
  return `${name} (${instances > 1 ? `${instances} × ` : ''}${size})`;
}

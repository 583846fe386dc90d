/**
 * ZigZag's accelerator description (v3): memories with size in bits, operands, ports and the dimensions of the array they
 * serve, listed from the cells outwards, and the array of multipliers. Source: KULeuven-MICAS/zigzag v3.8.5, inputs/hardware.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import { type Fault, type Located, type Read, readYaml } from './located.ts';

export const OPERANDS = ['I1', 'I2', 'O'] as const;
export type Operand = (typeof OPERANDS)[number];

export interface Dimension {
  readonly name: string;
  readonly size: number;
}

export interface Port {
  readonly name: string;
  /** Bits a cycle at most. */
  readonly bits: number;
}

export interface Memory {
  readonly name: string;
  readonly line: number;
  readonly bits: number;
  readonly operands: readonly Operand[];
  readonly ports: readonly Port[];
  /** Dimensions of the array one instance serves; an instance stands for every combination of the others. */
  readonly served: readonly string[];
  readonly latencyCycles: number;
}

export interface Accelerator {
  readonly name: string;
  /** Line of the array. */
  readonly line: number;
  readonly dimensions: readonly Dimension[];
  readonly memories: readonly Memory[];
  /** `analog` or `digital` for in-memory computing, else null. */
  readonly inMemory: string | null;
  readonly repeated: Read['repeated'];
  /** Keys of memories and of the array that say costs: read, not used. */
  readonly costs: readonly string[];
}

const COSTS = ['r_cost', 'w_cost', 'area', 'unit_energy', 'unit_area'];
const MOST_MEMORIES = 256;

class Unfit extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Faults carry the line of the value that is wrong. */
export function readAccelerator(text: string): Result<Accelerator, Fault> {
  const read = readYaml(text);
  if (!read.ok) return read;
  try {
    return ok(accelerator(read.value));
  } catch (cause) {
    if (cause instanceof Unfit) return err({ line: cause.line, message: cause.message });
    throw cause;
  }
}

function accelerator({ root, repeated }: Read): Accelerator {
  if (root.kind === 'list' && root.items.some((item) => item.kind === 'map' && item.entries.has('spatial_mapping')))
    throw new Unfit(root.line, 'this is a ZigZag mapping; import the accelerator (inputs/hardware) instead');
  const top = mapOf(root, 'the file');
  if (top.has('cores')) {
    const { line } = top.get('cores')!;
    throw new Unfit(line, 'this lists several cores (Stream); import the accelerator of one core');
  }
  const array = mapOf(required(top, 'operational_array', root.line), 'operational_array');
  const names = texts(required(array, 'dimensions', lineOf(top, 'operational_array')), 'dimensions');
  const sizesAt = required(array, 'sizes', lineOf(top, 'operational_array'));
  const sizes = items(sizesAt, 'sizes').map((item) => whole(item, 'a size of the array', 1));
  if (names.length === 0 || names.length !== sizes.length)
    throw new Unfit(sizesAt.line, `${names.length} dimensions have ${sizes.length} sizes`);
  if (new Set(names).size !== names.length) throw new Unfit(sizesAt.line, 'a dimension is named twice');
  const memoriesAt = required(top, 'memories', root.line);
  const listed = [...mapOf(memoriesAt, 'memories')];
  if (listed.length === 0 || listed.length > MOST_MEMORIES)
    throw new Unfit(memoriesAt.line, `memories must be 1 to ${MOST_MEMORIES}, not ${listed.length}`);
  const memories = listed.map(([name, at]) => memory(name, at, names));
  const used = (entries: ReadonlyMap<string, Located>) => COSTS.filter((key) => entries.has(key));
  const costs = [...used(array), ...listed.flatMap(([, at]) => (at.kind === 'map' ? used(at.entries) : []))];
  const inMemory = array.get('is_imc');
  const kind = array.get('imc_type');
  return {
    name: textAt(top.get('name')) ?? 'Accelerator',
    line: lineOf(top, 'operational_array'),
    dimensions: names.map((name, index) => ({ name, size: sizes[index]! })),
    memories,
    inMemory: inMemory?.kind === 'scalar' && inMemory.value === true ? (textAt(kind) ?? 'unknown') : null,
    repeated,
    costs: [...new Set(costs)],
  };
}

function memory(name: string, at: Located, dimensions: readonly string[]): Memory {
  const fields = mapOf(at, `memory ${name}`);
  const field = (key: string) => required(fields, key, at.line, `memory ${name}`);
  const operandsAt = field('operands');
  const operands = texts(operandsAt, `operands of ${name}`).map((text) => {
    const operand = OPERANDS.find((each) => each === text);
    if (!operand)
      throw new Unfit(operandsAt.line, `${name} holds the operand '${text}'; there are ${OPERANDS.join(', ')}`);
    return operand;
  });
  const servedAt = field('served_dimensions');
  const served = texts(servedAt, `served_dimensions of ${name}`);
  const strange = served.find((dimension) => !dimensions.includes(dimension));
  if (strange !== undefined)
    throw new Unfit(
      servedAt.line,
      `${name} serves '${strange}', which is no dimension of the array (${dimensions.join(', ')})`,
    );
  const latency = fields.get('latency');
  return {
    name,
    line: at.line,
    bits: whole(field('size'), `size of ${name}`, 1),
    operands: [...new Set(operands)],
    ports: items(field('ports'), `ports of ${name}`).map((item, index) => port(item, `port ${index + 1} of ${name}`)),
    served: [...new Set(served)],
    latencyCycles: latency ? whole(latency, `latency of ${name}`, 0) : 1,
  };
}

function port(at: Located, owner: string): Port {
  const fields = mapOf(at, owner);
  const bits = required(fields, 'bandwidth_max', at.line, owner);
  return { name: textAt(fields.get('name')) ?? owner, bits: whole(bits, `bandwidth_max of ${owner}`, 1) };
}

function mapOf(at: Located, what: string): ReadonlyMap<string, Located> {
  if (at.kind !== 'map') throw new Unfit(at.line, `${what} must be a map of keys and values`);
  return at.entries;
}

function items(at: Located, what: string): readonly Located[] {
  if (at.kind !== 'list') throw new Unfit(at.line, `${what} must be a list`);
  return at.items;
}

function texts(at: Located, what: string): readonly string[] {
  return items(at, what).map((item) => {
    const text = textAt(item);
    if (text === null) throw new Unfit(item.line, `${what} must be a list of names`);
    return text;
  });
}

function textAt(at: Located | undefined): string | null {
  return at?.kind === 'scalar' && (typeof at.value === 'string' || typeof at.value === 'number')
    ? String(at.value)
    : null;
}

function whole(at: Located, what: string, minimum: number): number {
  const value = at.kind === 'scalar' ? at.value : null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum)
    throw new Unfit(
      at.line,
      `${what} must be a whole number of at least ${minimum}, not ${at.kind === 'scalar' ? String(value) : `a ${at.kind}`}`,
    );
  return value;
}

function required(entries: ReadonlyMap<string, Located>, key: string, line: number, owner = 'the file'): Located {
  const found = entries.get(key);
  if (!found) throw new Unfit(line, `${owner} has no '${key}'`);
  return found;
}

function lineOf(entries: ReadonlyMap<string, Located>, key: string): number {
  return entries.get(key)?.line ?? 1;
}

/**
 * Timeloop architectures: the flat form (arithmetic, storage), trees of `subtree` and `local` (v0.2 to v0.4 as its
 * front-end writes them) and lists of `nodes` with !Container and !Component (v0.4 as people write them).
 */
import { dramAccessEnergy, multiplicationEnergy, sramAccessEnergy } from '#core/mapping/energy-law.ts';
import { type ComputeLevel, type MemoryTree, type StorageLevel, storageLevel } from '#core/mapping/memory-tree.ts';
import { countAt, isRecord, listOf, numberAt, pick, type Record_, textOf, Unreadable } from './read.ts';

const COMPUTE = /mac|compute|multiplier|alu|arithmetic/i;
const NETWORK = /noc|network|legacy|reductiontree|simplemulticast|wire|router/i;
const STORAGE = /sram|dram|regfile|storage|buffer|register|fifo|memory|cache/i;

interface Place {
  readonly instances: number;
  readonly meshX: number | null;
  readonly meshY: number | null;
}

/** Throws Unreadable. `notes` takes what was not understood and left out. */
export function readArchitecture(architecture: unknown, notes: string[]): MemoryTree {
  if (!isRecord(architecture)) throw new Unreadable('architecture', 'The architecture is not a map');
  if (architecture.storage !== undefined || architecture.arithmetic !== undefined) return flat(architecture);
  if (architecture.subtree !== undefined || architecture.local !== undefined) return tree(architecture, notes);
  if (architecture.nodes !== undefined) return nodes(architecture, notes);
  throw new Unreadable('architecture', 'The architecture has neither storage, subtree nor nodes');
}

function flat(architecture: Record_): MemoryTree {
  const { arithmetic } = architecture;
  if (!isRecord(arithmetic)) throw new Unreadable('architecture', 'The architecture has no arithmetic');
  const place = (record: Record_): Place => {
    const name = textOf(record.name) ?? '__ARITH__';
    return {
      instances: countAt(name, record, 'instances') ?? 1,
      meshX: countAt(name, record, 'meshX'),
      meshY: countAt(name, record, 'meshY'),
    };
  };
  const levels = listOf(architecture.storage).map((level) => {
    if (!isRecord(level)) throw new Unreadable('architecture', 'A storage level is not a map');
    return storage(nameOf(level), '', level, place(level), false);
  });
  return { compute: compute(textOf(arithmetic.name) ?? '__ARITH__', arithmetic, place(arithmetic)), levels };
}

function tree(architecture: Record_, notes: string[]): MemoryTree {
  const isV4 = (numberAt('architecture', architecture, 'version') ?? 0) >= 0.4;
  const levels: StorageLevel[] = [];
  let arithmetic: ComputeLevel | null = null;
  let multiplier = 1;
  let node: Record_ | null = architecture;
  let depth = 0;
  while (node !== null) {
    if (++depth > 100) throw new Unreadable('architecture', 'Subtrees more than 100 deep');
    for (const component of listOf(node.local)) {
      if (!isRecord(component)) throw new Unreadable('architecture', 'A component is not a map');
      const full = textOf(component.name) ?? '';
      const attributes = isRecord(component.attributes) ? component.attributes : component;
      const name = nameOf(component);
      const instances = countAt(name, attributes, 'instances') ?? multiplier * elements(full);
      const meshX = countAt(name, attributes, 'meshX');
      const meshY = countAt(name, attributes, 'meshY');
      // The front-end writes the whole mesh of a component beside its name.
      const place = { instances: meshX !== null && meshY !== null ? meshX * meshY : instances, meshX, meshY };
      const kind = textOf(pick(component, 'class', 'subclass')) ?? '';
      if (component.enabled === false) continue;
      if (COMPUTE.test(kind)) arithmetic = compute(name, attributes, place);
      else if (isStorage(kind, attributes)) levels.unshift(storage(name, kind, attributes, place, isV4));
      else if (!NETWORK.test(kind)) notes.push(`${name}: class ${kind || 'unknown'} is left out`);
    }
    const children: readonly unknown[] = listOf(node.subtree);
    if (children.length > 1)
      throw new Unreadable('architecture', 'A subtree with several branches; Timeloop takes one');
    const [child] = children;
    node = isRecord(child) ? child : null;
    if (node !== null) multiplier *= elements(textOf(node.name) ?? '');
  }
  if (arithmetic === null) throw new Unreadable('architecture', 'The architecture has no compute component');
  return { compute: arithmetic, levels };
}

function nodes(architecture: Record_, notes: string[]): MemoryTree {
  const levels: StorageLevel[] = [];
  let arithmetic: ComputeLevel | null = null;
  let [x, y] = [1, 1];
  const fanOut = (name: string, spatial: unknown): void => {
    if (!isRecord(spatial)) return;
    const meshX = countAt(name, spatial, 'meshX') ?? 1;
    const meshY = countAt(name, spatial, 'meshY') ?? 1;
    if (meshX * meshY <= 1) return;
    levels.unshift(
      storageLevel({ name: `inter_${name}_spatial`, instances: x * y, meshX: x, meshY: y, isDummy: true }),
    );
    x *= meshX;
    y *= meshY;
  };
  const walk = (list: unknown, depth: number): void => {
    if (depth > 100) throw new Unreadable('architecture', 'Nodes more than 100 deep');
    for (const node of listOf(list)) {
      if (!isRecord(node)) throw new Unreadable('architecture', 'A node is not a map');
      const tag = textOf(node['!']) ?? '';
      if (tag === 'Parallel')
        notes.push('memories in parallel are taken one inside another: say what each of them keeps');
      if (node.nodes !== undefined) {
        walk(node.nodes, depth + 1);
        continue;
      }
      const name = nameOf(node);
      const attributes = isRecord(node.attributes) ? node.attributes : {};
      const kind = textOf(pick(node, 'class', 'subclass')) ?? '';
      if (node.enabled === false) continue;
      if (tag === 'Container' || (kind === '' && tag !== 'Component')) {
        fanOut(name, node.spatial);
        continue;
      }
      fanOut(name, node.spatial);
      const place = { instances: x * y, meshX: x, meshY: y };
      if (COMPUTE.test(kind)) arithmetic = compute(name, attributes, place);
      else if (isStorage(kind, attributes)) levels.unshift(storage(name, kind, attributes, place, true));
      else if (!NETWORK.test(kind)) notes.push(`${name}: class ${kind || 'unknown'} is left out`);
    }
  };
  walk(architecture.nodes, 0);
  if (arithmetic === null) throw new Unreadable('architecture', 'The architecture has no compute component');
  return { compute: arithmetic, levels };
}

function isStorage(kind: string, attributes: Record_): boolean {
  return STORAGE.test(kind) || pick(attributes, 'depth', 'memory_depth', 'entries', 'sizeKB', 'size') !== undefined;
}

function compute(name: string, attributes: Record_, place: Place): ComputeLevel {
  const wordBits = countAt(name, attributes, 'word_bits', 'word_width', 'datawidth') ?? 16;
  return {
    name,
    wordBits,
    ...mesh(name, place),
    energy: numberAt(name, attributes, 'energy') ?? multiplicationEnergy(wordBits),
  };
}

function storage(name: string, kind: string, attributes: Record_, place: Place, isV4: boolean): StorageLevel {
  const wordBits = countAt(name, attributes, 'word_bits', 'word_width', 'datawidth') ?? 16;
  const width = countAt(name, attributes, 'width', 'memory_width');
  const isDram = /dram/i.test(kind) || /^dram$/i.test(textOf(attributes.technology) ?? '');
  let blockSize = countAt(name, attributes, 'block_size', 'n_words');
  let clusterSize = countAt(name, attributes, 'cluster_size');
  if (width !== null) {
    // From v0.4 a row is one block; before, what a row has beyond a block are instances side by side.
    if (isV4) blockSize ??= width / (wordBits * (clusterSize ?? 1));
    else clusterSize ??= width / (wordBits * (blockSize ?? 1));
  }
  blockSize ??= 1;
  clusterSize ??= 1;
  if (!Number.isInteger(blockSize) || !Number.isInteger(clusterSize) || blockSize < 1 || clusterSize < 1)
    throw new Unreadable('width', `${name}: a width of ${width} bits is not a whole number of ${wordBits}-bit words`);
  const capacityWords = capacityOf(name, attributes, wordBits, blockSize);
  const energy =
    numberAt(name, attributes, 'vector_access_energy') ??
    (isDram
      ? dramAccessEnergy(wordBits, blockSize)
      : capacityWords === null || capacityWords === 0
        ? 0
        : sramAccessEnergy(capacityWords, wordBits, blockSize, clusterSize));
  const both = numberAt(name, attributes, 'bandwidth');
  const bandwidth = (...keys: readonly string[]): number | null => {
    const value =
      numberAt(name, attributes, ...keys) ?? (keys[0] === 'shared_bandwidth' || both === null ? null : both / 2);
    return value === null || value === Infinity || value <= 0 ? null : value;
  };
  return storageLevel({
    name,
    ...mesh(name, place),
    wordBits,
    blockSize,
    clusterSize,
    capacityWords,
    multipleBuffering: numberAt(name, attributes, 'multiple_buffering') ?? 1,
    minimumUtilisation: numberAt(name, attributes, 'min_utilization') ?? 0,
    readBandwidth: bandwidth('read_bandwidth'),
    writeBandwidth: bandwidth('write_bandwidth'),
    sharedBandwidth: bandwidth('shared_bandwidth'),
    energy: { read: energy, fill: energy, update: energy },
    isDram,
    isDummy: /dummy/i.test(kind),
  });
}

function capacityOf(name: string, attributes: Record_, wordBits: number, blockSize: number): number | null {
  const entries = countAt(name, attributes, 'entries');
  if (entries !== null) return entries;
  const depth = numberAt(name, attributes, 'depth', 'memory_depth');
  if (depth !== null) return depth === Infinity ? null : Math.floor(depth * blockSize);
  const kilobytes = numberAt(name, attributes, 'sizeKB');
  return kilobytes === null ? null : Math.floor((kilobytes * 8192) / wordBits);
}

/** As Timeloop completes a mesh: with X alone Y follows, with neither all instances lie along X. */
function mesh(name: string, { instances, meshX, meshY }: Place): { instances: number; meshX: number; meshY: number } {
  const x = meshX ?? (meshY === null ? instances : instances / meshY);
  const y = meshY ?? instances / x;
  if (!Number.isInteger(x) || !Number.isInteger(y) || x * y !== instances)
    throw new Unreadable(
      'mesh',
      `${name}: ${instances} instances do not make a mesh of ${meshX ?? '?'} × ${meshY ?? '?'}`,
      {
        level: name,
      },
    );
  return { instances, meshX: x, meshY: y };
}

/** `PE[0..15]` has 16. */
function elements(name: string): number {
  const range = /\[(\d+)\.\.(\d+)\]$/.exec(name);
  return range ? Math.max(1, Number(range[2]) - Number(range[1]) + 1) : 1;
}

function nameOf(record: Record_): string {
  const name = textOf(record.name);
  if (name === null || name === '') throw new Unreadable('architecture', 'A component has no name');
  return name.replace(/\[\d+\.\.\d+\]$/, '');
}

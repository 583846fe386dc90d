/**
 * An accelerator as a tree of memories: storage levels from the innermost (beside the arithmetic) to the outermost,
 * each a mesh of equal instances. The fan-out of a level is the mesh of the next inner one over its own. Sizes and
 * bandwidths are in words of the level, per instance. After Parashar et al., Timeloop, ISPASS 2019, section IV.
 */
import { type Problem, problem } from '#core/base/problem.ts';

/** Of one level: the children of a level are counted one by one where no closed form holds. */
const MOST_INSTANCES = 2 ** 20;

export interface Mesh {
  readonly instances: number;
  /** instances = meshX · meshY. */
  readonly meshX: number;
  readonly meshY: number;
}

export interface StorageLevel extends Mesh {
  readonly name: string;
  readonly wordBits: number;
  /** Words of one access. */
  readonly blockSize: number;
  /** Instances that share one physical array and its access energy. */
  readonly clusterSize: number;
  /** Null: as large as needed. */
  readonly capacityWords: number | null;
  /** 2 is double buffering: one half is filled while the other is used, so that a tile may take half of the capacity. */
  readonly multipleBuffering: number;
  /** The least part of the capacity a mapping must use, 0…1. */
  readonly minimumUtilisation: number;
  /** Words per cycle and instance; null: never binding. Reads, writes (fills and updates), and both together. */
  readonly readBandwidth: number | null;
  readonly writeBandwidth: number | null;
  readonly sharedBandwidth: number | null;
  /** Whether one read can feed several children, and whether partial sums of several children are added on their way up. */
  readonly multicast: boolean;
  readonly spatialReduction: boolean;
  /** pJ of one access of `blockSize` words. */
  readonly energy: { readonly read: number; readonly fill: number; readonly update: number };
  /** Off chip: counted by the objective of that name. */
  readonly isDram: boolean;
  /** Holds no data; only its fan-out matters (a column of a mesh). */
  readonly isDummy: boolean;
}

export interface ComputeLevel extends Mesh {
  readonly name: string;
  readonly wordBits: number;
  /** pJ of one multiply-accumulate. */
  readonly energy: number;
}

export interface MemoryTree {
  readonly compute: ComputeLevel;
  /** Innermost first. */
  readonly levels: readonly StorageLevel[];
}

/** A storage level with the fields that are given, and otherwise: 16-bit words, one instance, unbounded, free. */
export function storageLevel(given: Partial<StorageLevel> & { readonly name: string }): StorageLevel {
  return {
    instances: 1,
    meshX: 1,
    meshY: 1,
    wordBits: 16,
    blockSize: 1,
    clusterSize: 1,
    capacityWords: null,
    multipleBuffering: 1,
    minimumUtilisation: 0,
    readBandwidth: null,
    writeBandwidth: null,
    sharedBandwidth: null,
    multicast: true,
    spatialReduction: true,
    energy: { read: 0, fill: 0, update: 0 },
    isDram: false,
    isDummy: false,
    ...given,
  };
}

/** Words a tile may take in one instance; null: unbounded. */
export function effectiveCapacity(level: StorageLevel): number | null {
  return level.capacityWords === null ? null : Math.floor(level.capacityWords / level.multipleBuffering);
}

/** Children per instance of level `index`, along X and Y; of level 0: arithmetic units. */
export function fanout(tree: MemoryTree, index: number): { readonly x: number; readonly y: number } {
  const parent = tree.levels[index]!;
  const child = index === 0 ? tree.compute : tree.levels[index - 1]!;
  return { x: Math.floor(child.meshX / parent.meshX), y: Math.floor(child.meshY / parent.meshY) };
}

/** Null when the tree makes sense, else what does not. */
export function treeFault(tree: MemoryTree): Problem | null {
  const fault = (name: string, message: string): Problem =>
    problem('mapping.architecture', `${name}: ${message}`, { facts: { level: name } });
  if (tree.levels.length === 0) return fault(tree.compute.name, 'there is no memory');
  if (tree.levels.length > 32) return fault(tree.compute.name, 'more than 32 levels');
  const names = new Set<string>();
  let inner: Mesh & { readonly name: string } = tree.compute;
  for (const level of [tree.compute, ...tree.levels]) {
    if (names.has(level.name)) return fault(level.name, 'the name is used twice');
    names.add(level.name);
    if (![level.instances, level.meshX, level.meshY, level.wordBits].every(isCount))
      return fault(level.name, 'instances, mesh and word width are whole numbers of at least 1');
    if (level.instances > MOST_INSTANCES) return fault(level.name, `more than ${MOST_INSTANCES} instances`);
    if (level.meshX * level.meshY !== level.instances)
      return fault(level.name, `${level.meshX} × ${level.meshY} is not ${level.instances} instances`);
    if (inner.meshX % level.meshX !== 0 || inner.meshY % level.meshY !== 0)
      return fault(
        level.name,
        `a mesh of ${level.meshX} × ${level.meshY} cannot feed ${inner.meshX} × ${inner.meshY} of ${inner.name} evenly`,
      );
    inner = level;
  }
  for (const level of tree.levels) {
    const { energy, multipleBuffering, minimumUtilisation, capacityWords } = level;
    if (!isCount(level.blockSize) || !isCount(level.clusterSize))
      return fault(level.name, 'block and cluster size are whole numbers of at least 1');
    if (capacityWords !== null && !(Number.isSafeInteger(capacityWords) && capacityWords >= 0))
      return fault(level.name, 'the capacity is a whole number of words');
    if (!(multipleBuffering >= 1)) return fault(level.name, 'multiple buffering is at least 1');
    if (!(minimumUtilisation >= 0 && minimumUtilisation <= 1))
      return fault(level.name, 'the minimum utilisation is within 0…1');
    for (const bandwidth of [level.readBandwidth, level.writeBandwidth, level.sharedBandwidth])
      if (bandwidth !== null && !(bandwidth > 0)) return fault(level.name, 'a bandwidth is above 0');
    if (![energy.read, energy.fill, energy.update].every((value) => value >= 0 && Number.isFinite(value)))
      return fault(level.name, 'an energy is at least 0');
  }
  if (!(tree.compute.energy >= 0)) return fault(tree.compute.name, 'an energy is at least 0');
  return null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** A mapping that is being made, in a kernel's own arrays: read, copied, and written as a Mapping. */

import type { MappingObjective } from '#core/mapping/mapper.ts';
import type { LevelMapping, Mapping } from '#core/mapping/mapping.ts';
import type { MemoryTree } from '#core/mapping/memory-tree.ts';
import { FITS, type NestKernel } from '#core/mapping/nest.ts';

/** A copy of a kernel's inputs. */
export type Snapshot = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Uint8Array];

export function snapshot(kernel: NestKernel): Snapshot {
  return [
    kernel.temporal.slice(),
    kernel.spatial.slice(),
    kernel.temporalOrder.slice(),
    kernel.spatialOrder.slice(),
    kernel.split.slice(),
    kernel.keep.slice(),
  ];
}

export function restore(kernel: NestKernel, saved: Snapshot): void {
  kernel.temporal.set(saved[0]);
  kernel.spatial.set(saved[1]);
  kernel.temporalOrder.set(saved[2]);
  kernel.spatialOrder.set(saved[3]);
  kernel.split.set(saved[4]);
  kernel.keep.set(saved[5]);
}

export function mappingOf(tree: MemoryTree, kernel: NestKernel): Mapping {
  const { dimensions, spaces } = kernel;
  const row = (list: Int32Array, level: number): readonly number[] => [
    ...list.subarray(level * dimensions, (level + 1) * dimensions),
  ];
  return {
    levels: tree.levels.map((_, level): LevelMapping => {
      return {
        temporal: row(kernel.temporal, level),
        temporalOrder: row(kernel.temporalOrder, level),
        spatial: row(kernel.spatial, level),
        spatialOrder: row(kernel.spatialOrder, level),
        split: kernel.split[level]!,
        keep: [...kernel.keep.subarray(level * spaces, (level + 1) * spaces)].map((kept) => kept === 1),
      };
    }),
  };
}

/** The best so far, and how many nests may still be counted. */
export class Incumbent {
  value = Infinity;
  #second = Infinity;
  best: Snapshot | null = null;
  evaluations = 0;
  isCancelled = false;
  readonly kernel: NestKernel;
  readonly #objective: MappingObjective;
  readonly #cancelled: () => boolean;
  /** Of the last nest: its value and what breaks ties. Infinity when it does not fit. */
  lastValue = Infinity;
  lastSecond = Infinity;

  constructor(kernel: NestKernel, objective: MappingObjective, cancelled: () => boolean) {
    this.kernel = kernel;
    this.#objective = objective;
    this.#cancelled = cancelled;
  }

  /** Counts one unit of work; true when the user asked to stop. */
  spend(): boolean {
    this.evaluations++;
    if ((this.evaluations & 255) === 0 && this.#cancelled()) this.isCancelled = true;
    return this.isCancelled;
  }

  /** Counts the nest in the kernel and keeps it when it is the best; ties go to the lower of the other figure, then to the first found. */
  evaluate(): void {
    const { kernel } = this;
    this.spend();
    this.lastValue = Infinity;
    this.lastSecond = Infinity;
    if (kernel.run() !== FITS) return;
    const { cycles, energyTotal } = kernel;
    switch (this.#objective) {
      case 'cycles':
        this.lastValue = cycles;
        this.lastSecond = energyTotal;
        break;
      case 'energy':
        this.lastValue = energyTotal;
        this.lastSecond = cycles;
        break;
      case 'edp':
        this.lastValue = energyTotal * cycles;
        this.lastSecond = cycles;
        break;
      case 'off-chip':
        this.lastValue = kernel.offChipBytes;
        this.lastSecond = energyTotal * cycles;
        break;
    }
    if (this.isBetter(this.value, this.#second)) {
      this.value = this.lastValue;
      this.#second = this.lastSecond;
      this.best = snapshot(kernel);
    }
  }

  /** Whether the last nest is better than one with these figures. */
  isBetter(value: number, second: number): boolean {
    return this.lastValue < value || (this.lastValue === value && this.lastSecond < second);
  }
}

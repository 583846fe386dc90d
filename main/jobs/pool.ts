/** Worker threads for many small jobs at once: lanes that are there while somebody needs them, and end with the last who does. */
import { availableParallelism } from 'node:os';
import { createLane, type Lane, type LaneLimits } from './lane.ts';

export interface LanePool {
  readonly size: number;
  /** The lanes, made when nobody else needed any; until it is released. */
  hold(): { readonly lanes: readonly Lane[]; release(): void };
  close(): Promise<void>;
}

const MOST_LANES = 8;

/** At least two: while one hands over what it did, the other works. */
export const poolSize = (processors = availableParallelism()): number => Math.max(2, Math.min(MOST_LANES, processors));

export function createLanePool(worker: URL, limits?: LaneLimits, size = poolSize()): LanePool {
  let lanes: readonly Lane[] = [];
  let holders = 0;
  const end = async (): Promise<void> => {
    const ending = lanes;
    lanes = [];
    await Promise.all(ending.map((lane) => lane.close()));
  };
  return {
    size,
    hold: () => {
      holders++;
      if (lanes.length === 0) lanes = Array.from({ length: size }, () => createLane(worker, limits));
      let isHeld = true;
      return {
        lanes,
        release: () => {
          if (!isHeld) return;
          isHeld = false;
          holders--;
          if (holders === 0) void end();
        },
      };
    },
    close: end,
  };
}

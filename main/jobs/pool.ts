/** Worker threads for many small jobs at once: lanes that are there while somebody needs them, and a while longer. */
import { availableParallelism } from 'node:os';
import { createLane, type Lane, type LaneLimits } from './lane.ts';

export interface LanePool {
  readonly size: number;
  /** The lanes, made where there are none; until it is released. */
  hold(): { readonly lanes: readonly Lane[]; release(): void };
  close(): Promise<void>;
}

const MOST_LANES = 8;
/** Threads nobody needs are kept so long, milliseconds: the next study begins at once. */
const KEPT_MS = 60_000;

/** At least two: while one hands over what it did, the other works. */
export const poolSize = (processors = availableParallelism()): number => Math.max(2, Math.min(MOST_LANES, processors));

export function createLanePool(worker: URL, limits?: LaneLimits, size = poolSize()): LanePool {
  let lanes: readonly Lane[] = [];
  let holders = 0;
  let idle: NodeJS.Timeout | null = null;
  const end = async (): Promise<void> => {
    if (idle) clearTimeout(idle);
    idle = null;
    const ending = lanes;
    lanes = [];
    await Promise.all(ending.map((lane) => lane.close()));
  };
  return {
    size,
    hold: () => {
      holders++;
      if (idle) clearTimeout(idle);
      idle = null;
      if (lanes.length === 0) lanes = Array.from({ length: size }, () => createLane(worker, limits));
      let isHeld = true;
      return {
        lanes,
        release: () => {
          if (!isHeld) return;
          isHeld = false;
          holders--;
          if (holders === 0) idle = setTimeout(() => void end(), KEPT_MS).unref();
        },
      };
    },
    close: end,
  };
}

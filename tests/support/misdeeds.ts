/** What rogue techniques do on demand (rogue-techniques-worker.ts). */
export const MISDEEDS = ['throw', 'heap', 'trap', 'buffers', 'endless'] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** An exploration of this seed + i does the i-th. */
export const ROGUE_SEED = 666_000;

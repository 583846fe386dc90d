/** Where the optional folder of reference data lies; tests that need it are skipped, with a message, where it is absent. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const shared = process.env.WEFT_SHARED ?? resolve(root, '../shared');

/** The absolute path of `relative` under ../shared, or null when it is not on this machine. */
export function sharedPath(relative: string): string | null {
  const path = resolve(shared, relative);
  return existsSync(path) ? path : null;
}

/** For test titles: says why a suite is skipped. */
export const skippedWithoutShared = 'skipped: ../shared is not on this machine';

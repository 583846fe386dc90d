/** `runs.*` about what waits: the order of queued runs, and whether the next one may start. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
import { idSchema } from './schemas.ts';

export interface QueueView {
  /** Nothing new starts until it is resumed; what runs goes on. Kept with the project. */
  readonly isPaused: boolean;
  /** Ids of queued runs, the next one first. */
  readonly waiting: readonly string[];
}

export const queue = {
  queue: base.output(type<QueueView>()),
  /** Puts a queued run before another, or last. Runs that are not queued any more leave the order as it is. */
  reorder: base.input(z.strictObject({ run: idSchema, before: idSchema.nullable() })).output(type<QueueView>()),
  pause: base.output(type<QueueView>()),
  resume: base.output(type<QueueView>()),
};

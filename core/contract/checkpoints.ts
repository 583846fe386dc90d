/** Named states of documents, kept until they are removed. The frozen inputs of a run are one that nobody had to make. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import type { DocumentFile } from '#core/document/document.ts';
import type { SimulationInputs } from '#core/run/fabric/result.ts';
import type { RunInputs } from '#core/run/result.ts';
import { base } from './base.ts';
import { idSchema } from './schemas.ts';

export interface CheckpointView {
  readonly id: string;
  readonly document: string;
  /** Of the document, when it was made. */
  readonly revision: number;
  readonly title: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Both documents of a run and its settings, without the file its weights came from. */
export type FrozenInputs = Omit<RunInputs, 'weights'> | SimulationInputs;

const checkpoint = z.strictObject({ checkpoint: idSchema });
const title = z.string().min(1).max(200);

export const checkpoints = {
  /** Of a document, oldest first. */
  list: base.input(z.strictObject({ document: idSchema })).output(type<readonly CheckpointView[]>()),
  /** Of the document as it was last acknowledged. */
  make: base.input(z.strictObject({ document: idSchema, title })).output(type<CheckpointView>()),
  get: base.input(checkpoint).output(type<DocumentFile>()),
  rename: base.input(checkpoint.extend({ title })).output(type<CheckpointView>()),
  /** Out of sight; gone when the project is closed. */
  remove: base.input(checkpoint).output(type<null>()),
  /** Brings back one that was removed since the project was opened. */
  restore: base.input(checkpoint).output(type<CheckpointView>()),
  frozen: base.input(z.strictObject({ run: idSchema })).output(type<FrozenInputs>()),
} as const;

/** Reports that are of no single run: two runs compared, a study. Fetched from `/blob/<blob>` like a run's exports. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
import { idSchema } from './schemas.ts';
import type { ExportView } from './views.ts';

export const DERIVED_EXPORTS = ['html', 'pdf', 'markdown', 'csv'] as const;
export type DerivedExport = (typeof DERIVED_EXPORTS)[number];

const choices = {
  format: z.enum(DERIVED_EXPORTS),
  /** Ids in their order; all unless said. Title and appendix are always there. */
  sections: z.array(idSchema).max(100).optional(),
};

export const reports = {
  /** Of two finished programs, `run` against `base`; the CSV has a row an operator. */
  comparison: base.input(z.strictObject({ run: idSchema, base: idSchema, ...choices })).output(type<ExportView>()),
  /** Of the points there are by now; the CSV has a row a point. */
  study: base.input(z.strictObject({ study: idSchema, ...choices })).output(type<ExportView>()),
} as const;

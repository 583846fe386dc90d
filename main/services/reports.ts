/** `reports.*`: of two runs compared, of a study. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function reportsService({ reports }: Backend) {
  const os = implement(contract.reports);
  return os.router({
    comparison: os.comparison.handler(async ({ input: { run, base, format, sections } }) =>
      answer(await reports.comparison(run, base, format, sections)),
    ),
    study: os.study.handler(async ({ input: { study, format, sections } }) =>
      answer(await reports.study(study, format, sections)),
    ),
  });
}

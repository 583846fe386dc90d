/** `candidates.*`: templates, checks and lists of candidates. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function candidatesService({ candidates }: Backend) {
  const os = implement(contract.candidates);
  return os.router({
    list: os.list.handler(({ input }) => answer(candidates.list(input.model))),
    get: os.get.handler(({ input }) => answer(candidates.get(input.candidate))),
    template: os.template.handler(async ({ input }) => answer(await candidates.template(input))),
    check: os.check.handler(async ({ input }) => answer(await candidates.check(input))),
    cancel: os.cancel.handler(() => candidates.cancel()),
    remove: os.remove.handler(({ input }) => answer(candidates.remove(input.candidate))),
  });
}

/** `crossovers.*`: maps of the best mode over memory and bandwidth. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function crossoversService(backend: Backend) {
  const os = implement(contract.crossovers);
  return os.router({
    get: os.get.handler(({ input }) => answer(backend.crossover(input))),
    start: os.start.handler(({ input: { grid, ...site } }) => answer(backend.startCrossover(site, grid))),
    cancel: os.cancel.handler(({ input }) => answer(backend.cancelCrossover(input))),
  });
}

/** `checkpoints.*`: named states of documents, frozen inputs of runs. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function checkpointsService({ checkpoints }: Backend) {
  const os = implement(contract.checkpoints);
  return os.router({
    list: os.list.handler(({ input }) => answer(checkpoints.list(input.document))),
    make: os.make.handler(({ input }) => answer(checkpoints.make(input.document, input.title))),
    get: os.get.handler(({ input }) => answer(checkpoints.file(input.checkpoint))),
    rename: os.rename.handler(({ input }) => answer(checkpoints.rename(input.checkpoint, input.title))),
    remove: os.remove.handler(({ input }) => answer(checkpoints.remove(input.checkpoint))),
    restore: os.restore.handler(({ input }) => answer(checkpoints.restore(input.checkpoint))),
    frozen: os.frozen.handler(({ input }) => answer(checkpoints.frozen(input.run))),
  });
}

/** A worker whose jobs misbehave on demand: the input's `path` (import), or the explorer's id, names the misdeed. */
import { parentPort } from 'node:worker_threads';
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { serveJobs } from '#main/jobs/serve.ts';

const hoard: unknown[] = [];

if (parentPort)
  serveJobs(parentPort, {
    warm: () => ok(null),
    ready: () => ok(null),
    'explorer-plan': () => ok(1),
    'explorer-turn': ({ begin, wantsState }) => {
      switch (begin?.explorer) {
        case 'throw':
          throw new Error('out of luck');
        case 'heap':
          for (;;) hoard.push(new Array(1e5).fill(Math.random()));
        case 'endless':
          for (;;);
        case 'problem':
          return err(problem('study.explorer-invalid', 'As expected'));
        default:
          return ok({ choices: [], isDone: true, ...(wantsState && { state: null }) });
      }
    },
    'import-run': async ({ path: misdeed }, control) => {
      switch (misdeed) {
        case 'throw':
          throw new Error('out of luck');
        case 'problem':
          return err(problem('test.expected', 'As expected'));
        case 'exit':
          return process.exit(3);
        case 'uncaught':
          setTimeout(() => {
            throw new Error('nobody caught this');
          });
          return new Promise(() => {});
        case 'heap':
          for (;;) hoard.push(new Array(1e5).fill(Math.random()));
        case 'buffers':
          // Typed arrays live outside the heap that resource limits cap.
          for (let i = 0; i < 64; i++) {
            hoard.push(new Uint8Array(32 * 2 ** 20).fill(1));
            await new Promise((next) => setTimeout(next, 20));
          }
          return err(problem('test.not-stopped', 'Nobody stopped this'));
        case 'endless':
          for (;;);
        case 'wasm-trap': {
          // (module (func (export "f") unreachable))
          const bytes = [
            0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11,
          ];
          const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
          (instance.exports.f as () => void)();
          return err(problem('test.no-trap', 'This was to trap'));
        }
        case 'patient': {
          // Works until asked to stop, and then hands over what it has.
          for (let step = 0; !control.cancelled(); step++) {
            control.report({ phase: 'test', fraction: 0.5, message: `step ${step}` });
            await new Promise((next) => setTimeout(next, 5));
          }
          return err(problem('test.stopped-itself', 'Stopped when asked'));
        }
        default:
          return err(problem('test.unknown', misdeed));
      }
    },
  });

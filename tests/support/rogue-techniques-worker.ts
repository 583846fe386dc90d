/**
 * The real worker, with techniques that misbehave on demand: a run whose model is titled `rogue:<kind>:<misdeed>`, an
 * import of a file of such a name, makes every function of every technique of that kind do the misdeed; an exploration whose seed
 * is ROGUE_SEED + i does the i-th.
 */
import { parentPort } from 'node:worker_threads';
import { techniques } from '#core/technique/registry.ts';
import type { TechniqueKind } from '#core/technique/technique.ts';
import { handlers } from '#main/jobs/handlers.ts';
import { serveJobs } from '#main/jobs/serve.ts';
import { unpackJson } from '#projects/codec.ts';
import { MISDEEDS, type Misdeed, ROGUE_SEED } from './misdeeds.ts';

let armed: { readonly kind: string; readonly misdeed: string } | null = null;
const hoard: unknown[] = [];

const DEEDS: Readonly<Record<Misdeed, () => void>> = {
  throw: () => {
    throw new Error('out of luck');
  },
  endless: () => {
    for (;;);
  },
  heap: () => {
    for (;;) hoard.push(new Array(1e5).fill(Math.random()));
  },
  // Typed arrays live outside the heap that resource limits cap; slow enough not to take the machine with it.
  buffers: () => {
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 64; i++) {
      hoard.push(new Uint8Array(32 * 2 ** 20).fill(1));
      Atomics.wait(nap, 0, 0, 20);
    }
  },
  // (module (func (export "f") unreachable))
  trap: () => {
    const bytes = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11,
    ];
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    (exports.f as () => void)();
  },
};

function arm(title: string): void {
  const [, kind = '', misdeed = ''] = /^rogue:([a-z-]+):([a-z]+)/.exec(title) ?? [];
  armed = kind === '' ? null : { kind, misdeed };
}

function makeRogue(kind: TechniqueKind): void {
  for (const technique of techniques[kind])
    for (const [name, value] of Object.entries(technique as unknown as Record<string, unknown>)) {
      if (typeof value !== 'function') continue;
      Object.defineProperty(technique, name, {
        value: (...args: unknown[]): unknown => {
          if (armed?.kind === kind) DEEDS[armed.misdeed as Misdeed]();
          return Reflect.apply(value, technique, args);
        },
      });
    }
}

if (parentPort) {
  for (const kind of Object.keys(techniques) as TechniqueKind[]) makeRogue(kind);
  serveJobs(parentPort, {
    ...handlers,
    run: (input, control, file) => {
      const inputs = unpackJson<{ readonly model: { readonly title: string } }>(input.inputs);
      arm(inputs.model.title);
      return handlers.run(input, control, file);
    },
    'explorer-plan': (input, control, file) => {
      arm('');
      return handlers['explorer-plan'](input, control, file);
    },
    'explorer-turn': (input, control, file) => {
      const misdeed = MISDEEDS[Number(input.begin?.parameters.seed) - ROGUE_SEED];
      arm(misdeed ? `rogue:explorer:${misdeed}` : '');
      return handlers['explorer-turn'](input, control, file);
    },
    import: (input, control, file) => {
      arm(input.name);
      return handlers.import(input, control, file);
    },
  });
}

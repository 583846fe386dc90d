/** Where the parts of the app lie, seen from an entry file: `main/x.ts` in the sources, `out/main/x.js` when built. */
import { fileURLToPath } from 'node:url';

export interface Resources {
  /** Entry of the worker threads. */
  readonly worker: URL;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** Folder of the shipped example projects. */
  readonly examples: string;
}

/** `entry` is the entry file's own `import.meta.url`; a bundler may put this module anywhere. */
export function resourcesOf(entry: string): Resources {
  const isSource = entry.endsWith('.ts');
  const root = new URL(isSource ? '../' : '../../', entry);
  return {
    worker: new URL(isSource ? './jobs/worker.ts' : './worker.js', entry),
    renderer: fileURLToPath(new URL('out/renderer/', root)),
    examples: fileURLToPath(new URL('projects/examples/', root)),
  };
}

/** Writes a file atomically and kills itself right before, or after, one of the file calls. For export-kill.test.ts. */
import fs from 'node:fs';
import { type FileCalls, writeFileAtomic } from '#projects/atomic-file.ts';

const [path = '', killAt = '', when = 'before'] = process.argv.slice(2);
let calls = 0;
const counted = (name: keyof FileCalls) =>
  ((...args: unknown[]) => {
    calls++;
    const isLast = String(calls) === killAt;
    if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL');
    const value = (fs[name] as (...all: unknown[]) => unknown)(...args);
    if (isLast) process.kill(process.pid, 'SIGKILL');
    return value;
  }) as never;
const files: FileCalls = {
  openSync: counted('openSync'),
  writeSync: counted('writeSync'),
  fsyncSync: counted('fsyncSync'),
  closeSync: counted('closeSync'),
  renameSync: counted('renameSync'),
  rmSync: counted('rmSync'),
  mkdirSync: counted('mkdirSync'),
};
const written = writeFileAtomic(path, ['new '.repeat(5000), 'end'], { files });
if (!written.ok) throw new Error(written.error.message);
process.stdout.write(String(calls));

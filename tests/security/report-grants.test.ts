/**
 * P-18: importers open what was picked and nothing else, whatever it says; P-05: an export that is killed at any file call
 * leaves the old file whole or the new one whole.
 */
import { spawnSync } from 'node:child_process';
import fs, { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { formatDocument, loadTextProject } from '#projects/text.ts';
import { importFile } from '../../main/files/import-file.ts';
import { temporaryFolder } from '../crash/edits.ts';

const opened = vi.hoisted((): string[] => []);
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const noted =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      // Handles are of files that were opened by name before.
      if (typeof args[0] === 'string') opened.push(args[0]);
      return call(...args);
    };
  return {
    ...real,
    openSync: noted(real.openSync),
    readFileSync: noted(real.readFileSync),
    createReadStream: noted(real.createReadStream),
  };
});

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  opened.length = 0;
});
afterEach(() => folder.remove());

const text = formatDocument(toFile(emptyDocument('m', 'model', 'M')));
function project(documents: readonly string[]): string {
  const path = join(folder.path, 'picked');
  mkdirSync(path);
  const head = { format: 'weft-project/1', title: 'T', summary: '', documents };
  writeFileSync(join(path, 'project.json'), JSON.stringify(head));
  return path;
}
const opensOutside = (picked: string) =>
  opened.filter((path) => !resolve(path).startsWith(fs.realpathSync(picked) + sep));

describe('P-18 importers read only what was picked', () => {
  it.each(['../secret.json', '/etc/passwd', '..\\secret.json', 'sub/secret.json', '..', './x.json'])(
    'of a folder, not the document %j',
    (name) => {
      const picked = project([name]);
      writeFileSync(join(folder.path, 'secret.json'), text);
      opened.length = 0;
      expect(loadTextProject(picked).ok).toBe(false);
      expect(opensOutside(picked)).toEqual([]);
    },
  );

  it.runIf(process.platform !== 'win32').each([
    ['a symbolic link', (secret: string, here: string) => symlinkSync(secret, here)],
    ['a symbolic link by a relative name', (_secret: string, here: string) => symlinkSync('../secret.json', here)],
    ['a hard link', (secret: string, here: string) => linkSync(secret, here)],
    ['a folder', (_secret: string, here: string) => mkdirSync(here)],
  ])('of a folder, not %s in it', (_title, make) => {
    const picked = project(['m.json']);
    const secret = join(folder.path, 'secret.json');
    writeFileSync(secret, text);
    make(secret, join(picked, 'm.json'));
    opened.length = 0;
    expect(loadTextProject(picked)).toMatchObject({ ok: false, error: { code: 'file.outside' } });
    expect(opensOutside(picked)).toEqual([]);
    expect(opened.some((path) => path.endsWith('m.json'))).toBe(false);
  });

  it.runIf(process.platform !== 'win32')('of a folder whose project.json is a link, nothing', () => {
    const picked = join(folder.path, 'picked');
    mkdirSync(picked);
    writeFileSync(join(folder.path, 'secret.json'), '{}');
    symlinkSync(join(folder.path, 'secret.json'), join(picked, 'project.json'));
    opened.length = 0;
    expect(loadTextProject(picked)).toMatchObject({ error: { code: 'file.outside' } });
    expect(opened).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('of a folder behind a link that was picked, its files', () => {
    const picked = project(['m.json']);
    writeFileSync(join(picked, 'm.json'), text);
    const link = join(folder.path, 'link');
    symlinkSync(picked, link);
    expect(loadTextProject(link).ok).toBe(true);
    expect(opensOutside(picked)).toEqual([]);
  });

  it.each(['../secret.bin', '/etc/passwd', 'secret.bin'])('of a model, not its external data %j', (location) => {
    // ModelProto{graph{initializer{dims 4, float, name w, external_data{location}, data_location EXTERNAL}}}
    const field = (tag: number, bytes: Buffer) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
    const entry = Buffer.concat([field(0x0a, Buffer.from('location')), field(0x12, Buffer.from(location))]);
    const tensor = Buffer.concat([
      Buffer.from([0x08, 4, 0x10, 1]),
      field(0x42, Buffer.from('w')),
      field(0x6a, entry),
      Buffer.from([0x70, 1]),
    ]);
    const graph = Buffer.concat([field(0x12, Buffer.from('g')), field(0x2a, tensor)]);
    const model = Buffer.concat([Buffer.from([0x08, 8]), field(0x3a, graph)]);
    const picked = join(folder.path, 'model.onnx');
    writeFileSync(picked, model);
    writeFileSync(join(folder.path, 'secret.bin'), Buffer.alloc(16));
    opened.length = 0;
    importFile(picked, 'model.onnx');
    expect([...new Set(opened)]).toEqual([picked]);
  });
});

describe('P-05 exports are atomic when the process is killed', () => {
  const calls = ['mkdirSync', 'openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'];
  const module = pathToFileURL(resolve(import.meta.dirname, '../../projects/atomic-file.ts')).href;

  it.each(calls.flatMap((call) => [`before ${call}`, `after ${call}`]))('%s', (when) => {
    const path = join(folder.path, 'report.html');
    writeFileSync(path, 'old');
    const script = `
      import fs from 'node:fs';
      import { writeFileAtomic } from ${JSON.stringify(module)};
      const [moment, name] = ${JSON.stringify(when)}.split(' ');
      const die = () => process.kill(process.pid, 'SIGKILL');
      const files = { ...fs, [name]: (...args) => {
        if (moment === 'before') die();
        const answer = fs[name](...args);
        die();
        return answer;
      } };
      writeFileAtomic(${JSON.stringify(path)}, ['new ', 'and ', 'whole'], { files });`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: resolve(import.meta.dirname, '../..'),
    });
    expect(child.signal).toBe('SIGKILL');
    const isRenamed = when === 'after renameSync';
    expect(readFileSync(path, 'utf8')).toBe(isRenamed ? 'new and whole' : 'old');
    expect(readdirSync(folder.path).filter((name) => !name.endsWith('.tmp'))).toEqual(['report.html']);
  });
});

/** The small files around a project: atomic writes, the recent list, the text form, places and names. */
import fs, { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentFile } from '#core/document/document.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { type FileCalls, writeFileAtomic } from './atomic-file.ts';
import { fileSlug } from './id.ts';
import { places } from './places.ts';
import { forgetProject, recentProjects, rememberProject } from './recent.ts';
import { isTextProject, listTextProjects, loadTextProject, saveTextProject } from './text.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('P-05 atomic writes', () => {
  const calls = ['mkdirSync', 'openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'] as const;

  it.each(calls.flatMap((call) => ['ENOSPC', 'EACCES'].map((code) => [call, code] as const)))(
    'leave the old file whole or the new file whole when %s fails with %s',
    (failing, code) => {
      const path = join(folder.path, 'report.html');
      writeFileSync(path, 'old');
      let countdown = 0;
      const files = Object.fromEntries(
        [...calls, 'rmSync' as const].map((name) => [
          name,
          (...args: unknown[]) => {
            if (name === failing && countdown-- === 0) throw Object.assign(new Error(code), { code });
            return (fs[name] as (...all: unknown[]) => unknown)(...args);
          },
        ]),
      ) as unknown as FileCalls;
      const written = writeFileAtomic(path, 'new', { files });
      expect(written).toMatchObject({ ok: false, error: { code: 'file.write-failed', facts: { system: code } } });
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(folder.path)).toEqual(['report.html']);
    },
  );

  it('make folders, replace, and write in pieces when the system takes only pieces', () => {
    const path = join(folder.path, 'a', 'b.txt');
    const files: FileCalls = {
      ...fs,
      writeSync: ((handle: number, bytes: Uint8Array, at: number, length: number) =>
        fs.writeSync(handle, bytes, at, Math.min(length, 3))) as FileCalls['writeSync'],
    };
    expect(writeFileAtomic(path, 'one', { files }).ok).toBe(true);
    expect(writeFileAtomic(path, 'two and more', { files, mode: 0o600 }).ok).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('two and more');
    if (process.platform !== 'win32') expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('recent projects', () => {
  it('are newest first, once each, and know what is gone', () => {
    const there = join(folder.path, 'a.weft');
    writeFileSync(there, '');
    rememberProject(folder.path, there, 'A');
    rememberProject(folder.path, join(folder.path, 'b.weft'), 'B');
    rememberProject(folder.path, there, 'A again');
    expect(recentProjects(folder.path).map(({ title, exists }) => [title, exists])).toEqual([
      ['A again', true],
      ['B', false],
    ]);
    forgetProject(folder.path, there);
    expect(recentProjects(folder.path)).toHaveLength(1);
  });

  it('are none when the list is nonsense', () => {
    writeFileSync(join(folder.path, 'recent.json'), '{"x":');
    expect(recentProjects(folder.path)).toEqual([]);
  });
});

describe('the text form', () => {
  const document: DocumentFile = {
    format: 'weft-document/1',
    id: 'm',
    kind: 'model',
    title: 'Le Net/5',
    nodes: [
      { id: 'b', type: 'conv', name: 'B', x: 1, y: 2, parent: null, parameters: { stride: [1, 1], k: 3 } },
      { id: 'a', type: 'relu', name: 'A', x: 1, y: 2, parent: null, parameters: {} },
    ],
    links: [{ id: 'l', from: { node: 'b', port: 'out' }, to: { node: 'a', port: 'in' } }],
  };
  const project = { title: 'T', summary: 'S', documents: [document, { ...document, id: 'm2', links: [] }] };

  it('comes back equal, one record a line', () => {
    const path = join(folder.path, 'lenet');
    expect(saveTextProject(path, project).ok).toBe(true);
    expect(readdirSync(path).sort()).toEqual(['le-net-5-2.json', 'le-net-5.json', 'project.json']);
    expect(readFileSync(join(path, 'le-net-5.json'), 'utf8')).toContain(
      '\n    {"id":"b","name":"B","parameters":{"k":3,"stride":[1,1]},"parent":null,"type":"conv","x":1,"y":2},\n',
    );
    expect(loadTextProject(path)).toEqual({ ok: true, value: project });
    expect(listTextProjects(folder.path)).toEqual([{ slug: 'lenet', title: 'T', summary: 'S' }]);
    expect([isTextProject(path), isTextProject(folder.path)]).toEqual([true, false]);
  });

  it('reads only names inside its folder, and says what is wrong where', () => {
    const path = join(folder.path, 'evil');
    mkdirSync(path);
    const head = { format: 'weft-project/1', title: 'T', summary: '' };
    for (const name of ['../x.json', '/etc/passwd', '..\\x.json', '.hidden.json']) {
      writeFileSync(join(path, 'project.json'), JSON.stringify({ ...head, documents: [name] }));
      expect(loadTextProject(path)).toMatchObject({ error: { code: 'file.wrong-shape' } });
    }
    writeFileSync(join(path, 'project.json'), JSON.stringify({ ...head, documents: ['gone.json'] }));
    expect(loadTextProject(path)).toMatchObject({ error: { code: 'file.unreadable', facts: { system: 'ENOENT' } } });
    writeFileSync(join(path, 'project.json'), '{');
    expect(loadTextProject(path)).toMatchObject({ error: { code: 'file.not-json' } });
    expect(listTextProjects(folder.path)).toEqual([]);
    expect(listTextProjects(join(folder.path, 'absent'))).toEqual([]);
  });
});

describe('names and places', () => {
  it('titles become file names', () => {
    expect(fileSlug('ResNet-50 v1.5 / edge')).toBe('ResNet-50-v1-5-edge');
    expect(fileSlug('../..')).toBe('project');
    expect(fileSlug('con')).toBe('project-con');
    expect(fileSlug('模型 1')).toBe('模型-1');
  });

  it('WEFT_HOME holds everything', () => {
    expect(places(folder.path)).toEqual({ config: folder.path, projects: join(folder.path, 'projects') });
    if (process.platform === 'linux') expect(places('', { XDG_CONFIG_HOME: '/x' }).config).toBe('/x/weft');
  });
});

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Command as Edit } from '#core/document/command.ts';
import { createProject } from '#projects/project.ts';
import { loadTextProject } from '#projects/text.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { diffCommand } from './diff.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const example = resolve(import.meta.dirname, '../../projects/examples/mlp-two-cores');

async function diff(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(diffCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The example as a project whose architecture has a checkpoint, and after it an array of 8 rows. */
function edited() {
  const text = loadTextProject(example);
  if (!text.ok) throw new Error(text.error.message);
  const path = join(folder.path, 'edited.weft');
  const made = createProject(path, 'Edited', text.value.documents);
  if (!made.ok) throw new Error(made.error.message);
  const { documents, checkpoints } = made.value;
  const drawn = text.value.documents.find(({ kind }) => kind === 'architecture')!;
  const state = documents.state(drawn.id)!;
  const array = [...state.document.nodes.values()].find(({ type }) => type === 'systolic-array')!;
  checkpoints.insert(state.document, state.revision, 'as it came');
  const command: Edit = { type: 'node.set-parameter', node: array.id, parameter: 'rows', value: 8 };
  const stepped = documents.step(drawn.id, state.revision, { type: 'do', command });
  if (!stepped.ok) throw new Error(stepped.error.message);
  made.value.close();
  return { path, title: drawn.title, array };
}

describe('weft diff', () => {
  const { path, title, array } = edited();

  it('finds nothing between a project and itself: exit code 0', async () => {
    const same = await diff(example, example, '--json');
    expect(same).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(same.out)).toMatchObject({ equal: true });
  });

  it('tells the parameter that differs, against the folder and against the checkpoint: exit code 1', async () => {
    const ran = await diff(example, path, '--json');
    expect(ran).toMatchObject({ code: 1, err: '' });
    const { equal, documents } = JSON.parse(ran.out);
    expect(equal).toBe(false);
    const changed = documents.filter(({ state }: { state: string }) => state !== 'equal');
    expect(changed).toMatchObject([
      {
        kind: 'architecture',
        state: 'changed',
        summary: '1 component changed',
        changes: [
          { kind: 'changed', subject: 'node', title: array.name, detail: expect.stringMatching(/Rows .* → 8/) },
        ],
      },
    ]);
    const since = await diff(`${path}#${title}@as it came`, `${path}#${title}`);
    expect(since.code).toBe(1);
    expect(since.out).toContain(`~ ${array.name}: Rows`);
    expect((await diff(`${path}#${title}@as it came`, example)).code).toBe(0);
  });

  it('takes documents of other files and presets, and does not look at places', async () => {
    const copy = join(folder.path, 'copy');
    cpSync(example, copy, { recursive: true });
    const file = join(copy, 'fpga-two-cores.json');
    const moved = JSON.parse(readFileSync(file, 'utf8'));
    moved.nodes[0].x = 12_345;
    writeFileSync(file, JSON.stringify(moved));
    const same = await diff(file, copy);
    expect(same).toMatchObject({ code: 0, out: expect.stringMatching(/: No difference/) });
    expect((await diff('gemmini-16x16', 'systolic-32x32')).code).toBe(1);
    expect((await diff('systolic-32x32', 'systolic-32x32')).code).toBe(0);
  });

  it('says what it cannot compare: exit code 2', async () => {
    expect(await diff(`${path}#no such`, path)).toMatchObject({ code: 2, err: expect.stringContaining(title) });
    expect(await diff(`${path}#${title}@never`, path)).toMatchObject({
      code: 2,
      err: expect.stringContaining('as it came'),
    });
    expect((await diff(join(folder.path, 'missing.weft'), path)).code).toBe(2);
    expect((await diff(path)).code).toBe(2);
  });
});

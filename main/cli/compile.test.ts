import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { compileCommand } from './compile.ts';
import { importCommand } from './import.ts';

const example = resolve(import.meta.dirname, '../../projects/examples/mlp-two-cores');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-compile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(command: typeof compileCommand, ...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(command, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('weft compile', () => {
  it('writes the command stream of a project', async () => {
    const { code, out } = await call(compileCommand, example);
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeGreaterThan(20);
    expect(out).toMatch(/load/);
    expect(out).toMatch(/execute/);
    const again = await call(compileCommand, example, '--emit', 'text', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ emit: 'text', file: null, problems: [] });
  });

  it('writes C for Gemmini, for the mesh of a given header', async () => {
    const params = join(folder, 'gemmini_params.h');
    writeFileSync(params, '#define DIM 8\n#define BANK_NUM 4\n#define BANK_ROWS 2048\n#define ACC_ROWS 512\n');
    const file = join(folder, 'p.c');
    const made = await call(compileCommand, example, '--emit', 'gemmini', '--gemmini-params', params, '--out', file);
    expect(made.code).toBe(0);
    expect(made.err).toMatch(/gemmini\.weights/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/#if DIM != 8 /);
    expect(text).toMatch(/gemmini_extended_compute_preloaded\(/);
    writeFileSync(params, '#define DIM -1\n');
    const refused = await call(compileCommand, example, '--emit', 'gemmini', '--gemmini-params', params, '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out).problems[0].code).toBe('gemmini.parameters');
  });

  it('writes ONNX that imports as it was', async () => {
    const file = join(folder, 'm.onnx');
    expect((await call(compileCommand, example, '--emit', 'onnx', '--out', file)).code).toBe(0);
    const [ours, back] = await Promise.all([
      call(importCommand, example, '--json'),
      call(importCommand, file, '--json'),
    ]);
    const { macs, parameters, inputs } = JSON.parse(ours.out);
    expect(JSON.parse(back.out)).toMatchObject({ macs, parameters, inputs });
  });

  it('says what is missing or not known', async () => {
    expect(await call(compileCommand, example, '--emit', 'onnx', '--gemmini-params', 'p.h')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--gemmini-params is read by --emit gemmini, not by onnx/),
    });
    expect((await call(compileCommand, '--help')).out).toMatch(
      /--gemmini-params FILE +gemmini_params\.h \(gemmini\): DIM/,
    );
    expect(await call(compileCommand, example, '--emit', 'fortran')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--emit takes one of text, gemmini, onnx/),
    });
    expect(await call(compileCommand, example, '--emit', 'onnx')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--out is needed/),
    });
  });
});

describe('weft import of an architecture', () => {
  const hardware = 'num_pes: 64\nl1_size_cstr: 512\nl2_size_cstr: 65536\nnoc_bw_cstr: 32\noffchip_bw_cstr: 8\n';

  it('prints its components, and other commands take it', async () => {
    const file = join(folder, 'small.m');
    writeFileSync(file, hardware);
    const printed = await call(importCommand, file);
    expect(printed.code).toBe(0);
    expect(printed.out).toMatch(/^small: 7 components, 6 links/);
    expect(printed.err).toMatch(/maestro\.shape/);
    const json = JSON.parse((await call(importCommand, file, '--json')).out);
    expect(json).toMatchObject({ title: 'small', links: 6 });
    expect((await call(compileCommand, example, '--architecture', file, '--json')).code).toBe(0);
    // It is no model.
    expect(await call(compileCommand, file)).toMatchObject({ code: 1, err: expect.stringMatching(/file\.wrong-kind/) });
  });
});

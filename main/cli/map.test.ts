import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { mapCommand } from './map.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function file(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

async function weft(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(mapCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const architecture = file(
  'arch.yaml',
  `arch:
  arithmetic: {instances: 4, meshX: 4, word-bits: 16}
  storage:
  - {name: Registers, entries: 64, instances: 4, meshX: 4, word-bits: 16}
  - {name: Memory, technology: DRAM, instances: 1, word-bits: 16}
`,
);
const problem = file('problem.yaml', 'problem: {shape: gemm-ABZ, M: 4, N: 2, K: 8}');
const mapping = file(
  'mapping.yaml',
  `mapping:
- {target: Registers, type: temporal, factors: M=1 N=1 K=8, permutation: KMN}
- {target: Memory, type: spatial, factors: M=4 N=1 K=1, permutation: MNK, split: 3}
- {target: Memory, type: temporal, factors: M=1 N=2 K=1, permutation: NMK}
`,
);

it('counts a mapping', async () => {
  const { code, out } = await weft(
    '--architecture',
    architecture,
    '--problem',
    problem,
    '--mapping',
    mapping,
    '--json',
  );
  expect(code).toBe(0);
  const said = JSON.parse(out);
  expect(said).toMatchObject({ status: 'ok', cycles: 16, computes: 64, utilization: 1, off_chip_bytes: 112 });
  expect(said.counters).toContainEqual(['Memory', 'B', 'Scalar reads (per-instance)', 16]);
  expect(said.search).toBeUndefined();
  const text = await weft('--architecture', architecture, '--problem', problem, '--mapping', mapping);
  expect(text.out).toContain('for M in [0:4) (Spatial-X)');
});

it('finds one when none is given, and writes it so that it is read again', async () => {
  const out = join(folder.path, 'best.yaml');
  const files = ['--architecture', architecture, '--problem', problem];
  const found = await weft(
    ...files,
    '--mapping-out',
    out,
    '--objective',
    'energy',
    '--evaluation-limit',
    '5000',
    '--json',
  );
  expect(found.code).toBe(0);
  const best = JSON.parse(found.out);
  expect(best.search).toMatchObject({
    objective: 'energy',
    value: best.energy_pJ,
    stop: 'proven',
    lower_bound: best.energy_pJ,
  });
  expect(readFileSync(out, 'utf8')).toContain('mapping:');
  const again = JSON.parse((await weft(...files, '--mapping', out, '--json')).out);
  expect(again).toEqual({ ...best, search: undefined });
});

it('refuses what does not fit, and says so', async () => {
  const small = file('small.yaml', readFileSync(architecture, 'utf8').replace('entries: 64', 'entries: 8'));
  const { code, out, err } = await weft('--architecture', small, '--problem', problem, '--mapping', mapping, '--json');
  expect(code).toBe(1);
  const message = "couldn't map level Registers: mapped tile size 17 exceeds buffer capacity 8";
  expect(JSON.parse(out)).toMatchObject({ status: 'rejected', message, problems: [{ facts: { overBytes: 18 } }] });
  expect(err).toContain(message);
  expect((await weft('--problem', join(folder.path, 'none.yaml'))).code).toBe(1);
  expect((await weft('--architecture', architecture)).code).toBe(2);
});

it("evaluates MAESTRO's files, and says what they lack", async () => {
  const machine = file('hw.m', 'num_pes: 4\nl1_size_cstr: 8\nl2_size_cstr: 64\nnoc_bw_cstr: 2\n');
  const dataflow = file(
    'row.m',
    `Network Row { Layer ONE { Type: CONV
Dimensions { K: 4, C: 1, R: 1, S: 1, Y: 1, X: 8 }
Dataflow { SpatialMap(1,1) K; TemporalMap(1,1) X; } } }`,
  );
  const { code, out, err } = await weft('--problem', dataflow, '--architecture', machine, '--json');
  expect(code).toBe(0);
  expect(err).toContain('offchip_bw_cstr is not in the file');
  const said = JSON.parse(out);
  expect(said).toMatchObject({ status: 'ok', network: 'Row', cycles: 18, macs: 32 });
  expect(said.layers[0].tensors.filter).toEqual({ l1_reads: 32, l1_writes: 4, l2_reads: 4, l2_writes: 4 });
  expect(said.rows[0]).toHaveLength(said.columns.length);
  expect((await weft('--mapping', dataflow, '--architecture', machine)).out).toContain('1 layers, 18 cycles on 4');
  expect((await weft('--problem', dataflow)).err).toContain("--architecture is needed: MAESTRO's hardware");
  const swapped = await weft('--problem', dataflow, '--architecture', dataflow, '--json');
  expect(swapped.code).not.toBe(0);
});

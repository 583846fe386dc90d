import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { costCommand } from './cost.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function file(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

async function cost(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(costCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const products = file('gemm.csv', 'Layer,M,N,K,\r\nsquare,32,32,32,\r\ndecode,1,64,64,\r\n');
const convolutions = file(
  'conv.csv',
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\nConv1,8,8,3,3,2,4,1,\nConv2_DP,8,8,3,3,5,1,1,\n',
);
const text = `[general]
run_name = test
[architecture_presets]
ArrayHeight: 32
ArrayWidth: 32
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
Bandwidth : 10
Dataflow : os
[run_presets]
InterfaceBandwidth: CALC
`;
const config = file('array.cfg', text);

describe('weft cost', () => {
  it('gives SCALE-Sim’s figures as JSON, percentages from 0 to 100', async () => {
    const { code, out, err } = await cost('--topology', products, '--config', config, '--json');
    expect([code, err]).toEqual([0, '']);
    // 93 cycles: 32 + 32 + 32 − 2, counted from 0. 1024 results and R + C more.
    expect(JSON.parse(out).layers[0]).toEqual({
      layer: 'square',
      cycles: 93,
      overallUtilisation: (100 * 32 ** 3) / (93 * 1024),
      mappingEfficiency: 100,
      computeUtilisation: (100 * 32 ** 3) / (94 * 1024),
      sram: { ifmapReads: 1024, filterReads: 1024, ofmapWrites: 1088 },
      dram: { ifmapReads: 1024, filterReads: 1024, ofmapWrites: 1024, ofmapReads: 0 },
    });
  });

  it('has a row for each depthwise channel under scalesim and one row under the others', async () => {
    const names = async (model: string) => {
      const { out } = await cost('--topology', convolutions, '--config', config, '--model', model, '--json');
      return JSON.parse(out).layers.map(({ layer }: { readonly layer: string }) => layer);
    };
    const channels = [0, 1, 2, 3, 4].map((channel) => `Conv2_DPChannel_${channel}`);
    expect(await names('scalesim')).toEqual(['Conv1', ...channels]);
    expect(await names('drain-aware')).toEqual(['Conv1', 'Conv2_DP']);
    expect(await names('bandwidth')).toEqual(['Conv1', 'Conv2_DP']);
  });

  it('prints a table with a total', async () => {
    const { code, out } = await cost('--topology', products, '--config', config, '--model', 'drain-aware');
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(['layer', 'square', 'decode', 'total']);
    // 2·32 + 32 + 32 − 2, and two folds of 2·1 + 32 + 64 − 2.
    expect(lines[3]).toMatch(/^total\s+318$/);
  });

  it('says what is wrong in both files, by line', async () => {
    const rows = file('bad.csv', 'Layer,M,N,K,\na,1,2,\n');
    const array = file('bad.cfg', text.replace('ArrayWidth: 32', 'ArrayWidth: wide'));
    const { code, out, err } = await cost('--topology', rows, '--config', array, '--json');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('error scale-sim.topology: line 2: K is missing');
    expect(err).toContain("error scale-sim.config: line 5: ArrayWidth is 'wide'");
    expect(err).toContain('bad.cfg]');
  });

  it('needs both files, a model it knows, and a bandwidth for the bandwidth model', async () => {
    expect((await cost('--topology', products)).code).toBe(2);
    expect((await cost('--topology', products, '--config', config, '--model', 'none')).code).toBe(2);
    expect((await cost('--topology', join(folder.path, 'none.csv'), '--config', config)).err).toContain('file.missing');
    const narrow = file('narrow.cfg', text.replace('Bandwidth : 10\n', ''));
    expect((await cost('--topology', products, '--config', narrow)).code).toBe(0);
    const { code, err } = await cost('--topology', products, '--config', narrow, '--model', 'bandwidth');
    expect(code).toBe(1);
    expect(err).toContain('[architecture_presets] has no Bandwidth, which the bandwidth model needs');
  });
});

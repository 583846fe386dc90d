/** ZigZag accelerators become drawings: a hand-written one by arithmetic, every published one as a sound machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArrayUnit, resolveMachine } from '#core/architecture/machine.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/zigzag/technique.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const FIXTURE = `name: small
memories:
  weight_reg:
    size: 8
    r_cost: 0.1
    w_cost: 0.1
    area: 0
    latency: 1
    operands: [I2]
    ports:
      - {name: r, type: read, bandwidth_min: 8, bandwidth_max: 8, allocation: ["I2, tl"]}
    served_dimensions: []
  weight_sram:
    size: 262144
    latency: 1
    operands: [I2]
    ports:
      - {name: rw, type: read_write, bandwidth_min: 64, bandwidth_max: 128, allocation: ["I2, fh", "I2, tl"]}
    served_dimensions: [D1, D2]
  shared:
    size: 4194304
    latency: 1
    operands: [I1, O]
    ports:
      - {name: r, type: read, bandwidth_min: 64, bandwidth_max: 512, allocation: ["I1, tl", "O, tl", "O, th"]}
      - {name: w, type: write, bandwidth_min: 64, bandwidth_max: 256, allocation: ["I1, fh", "O, fh", "O, fl"]}
    served_dimensions: [D1, D2]
  dram:
    size: 10000000000
    latency: 20
    operands: [I1, I2, O]
    ports:
      - {name: rw, type: read_write, bandwidth_min: 64, bandwidth_max: 128, allocation: ["I1, fh"]}
    served_dimensions: [D1, D2]
operational_array:
  unit_energy: 0.04
  unit_area: 1
  dimensions: [D1, D2]
  sizes: [16, 8]
`;

const open = (text: string) =>
  technique.open(bytesSource(new TextEncoder().encode(text)), { document: 'd', file: 'small.yaml' });
const machineOf = (text: string) => {
  const made = open(text);
  if (!made.ok) throw new Error(made.error.message);
  const { machine, problems } = resolveMachine(made.value.document);
  if (!machine) throw new Error(problems.map(({ message }) => message).join('; '));
  return {
    machine,
    array: machine.units.find((unit): unit is ArrayUnit => unit.kind === 'systolic-array')!,
    ...made.value,
  };
};

describe('a description by hand', () => {
  it('becomes the array, its buffers, the scratchpad and the channel', () => {
    const { machine, array, problems, document } = machineOf(FIXTURE);
    expect(document).toMatchObject({ kind: 'architecture', title: 'small' });
    // D1 along the columns, D2 along the rows.
    expect([array.rows, array.columns]).toEqual([8, 16]);
    expect(array.weightBufferBytes).toBe(262_144 / 8);
    // Inputs and outputs have no memory of their own: an eighth of 512 KiB each, and the scratchpad the rest.
    expect(array.inputBufferBytes).toBe(65_536);
    expect(array.outputBufferBytes).toBe(65_536);
    expect(machine.scratchpad.capacityBytes).toBe(524_288 - 2 * 65_536);
    expect(machine.scratchpad.bytesPerTick).toBe((512 + 256) / 8);
    // 128 bits a cycle at 1 GHz.
    expect(machine.channels[0]!.bytesPerTick).toBe(16);
    expect(machine.channels[0]!.latencyTicks).toBe(20);
    expect(problems.map(({ code }) => code).sort()).toEqual([
      'zigzag.buffer',
      'zigzag.buffer',
      'zigzag.clock',
      'zigzag.costs',
      'zigzag.folded',
      'zigzag.lanes',
      'zigzag.off-chip-kind',
    ]);
    expect(problems.find(({ code }) => code === 'zigzag.folded')!.message).toBe(
      "line 3: weight_reg (128 × 1 B, I2) has no place of its own in a drawing: it is taken as part of the array's cells",
    );
  });

  it.each([
    ['size: 8\n', 'size: eight\n', 'line 4: size of weight_reg must be a whole number of at least 1, not eight'],
    ['operands: [I1, O]', 'operands: [I1, W]', "line 23: shared holds the operand 'W'; there are I1, I2, O"],
    [
      'served_dimensions: []',
      'served_dimensions: [D9]',
      "line 12: weight_reg serves 'D9', which is no dimension of the array (D1, D2)",
    ],
    ['sizes: [16, 8]', 'sizes: [16]', 'line 39: 2 dimensions have 1 sizes'],
    ['sizes: [16, 8]', 'sizes: [16, 8000]', 'line 35: an array of 8000 × 16 is larger than 4096 a side'],
    ['  dimensions: [D1, D2]\n', '', "line 35: the file has no 'dimensions'"],
    [
      'latency: 1\n    operands: [I2]\n    ports:\n      - {name: rw',
      'latency: 1\n    operands: [I2\n    ports:\n      - {name: rw',
      null,
    ],
  ])('with %j for %j fails where it is wrong', (from, to, message) => {
    const made = open(FIXTURE.replace(from, to));
    expect(made.ok).toBe(false);
    if (made.ok) return;
    expect(made.error.code).toBe('zigzag.unreadable');
    if (message === null) expect(made.error.message).toMatch(/^small\.yaml, line 1[5-8]: not YAML/);
    else expect(made.error.message).toBe(`small.yaml, ${message}`);
    expect(typeof made.error.facts.line).toBe('number');
  });

  it('takes the last of two equal keys, and says so', () => {
    const { array, problems } = machineOf(FIXTURE.replace('    size: 262144\n', '    size: 1\n    size: 524288\n'));
    expect(array.weightBufferBytes).toBe(65_536);
    expect(problems.find(({ code }) => code === 'zigzag.repeated-key')!.message).toMatch(
      /^line 15: 'size' is given twice/,
    );
  });

  it('adds an off-chip channel where the last memory is on chip, and says so', () => {
    const text = FIXTURE.replace(/ {2}dram:[\s\S]*(?=operational_array)/, '');
    expect(machineOf(text).problems.map(({ code }) => code)).toContain('zigzag.no-off-chip');
  });

  it('tells a mapping and a list of cores from an accelerator', () => {
    const mapping = '- name: default\n  spatial_mapping:\n    D1:\n      - K, 32\n';
    expect(technique.match('m.yaml', new TextEncoder().encode(mapping))).toBe(true);
    expect(open(mapping)).toMatchObject({ error: { message: expect.stringMatching(/this is a ZigZag mapping/) } });
    expect(open('cores: [a.yaml]\n')).toMatchObject({ error: { message: expect.stringMatching(/several cores/) } });
  });

  it('is recognised by content, not by its ending alone', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(technique.match('a.yaml', bytes(FIXTURE))).toBe(true);
    expect(technique.match('a.yaml', bytes('architecture:\n  version: 0.4\n'))).toBe(false);
    expect(technique.match('a.onnx', bytes(FIXTURE))).toBe(false);
  });
});

const folder = sharedPath('data/zigzag/inputs');
const files = (kind: string) =>
  folder ? readdirSync(join(folder, kind)).filter((name) => name.endsWith('.yaml')) : [];

describe.skipIf(!folder)(`published descriptions ${folder ? '' : skippedWithoutShared}`, () => {
  it.each(files('hardware'))('%s is a sound machine of as many cells', (name) => {
    const text = readFileSync(join(folder!, 'hardware', name), 'utf8');
    const head = new TextEncoder().encode(text.slice(0, 4096));
    expect(technique.match(name, head)).toBe(true);
    const { array, machine, problems } = machineOf(text);
    const sizes = /sizes: \[([\d, ]+)\]/.exec(text)![1]!.split(',').map(Number);
    expect(array.rows * array.columns).toBe(sizes.reduce((a, b) => a * b));
    expect(machine.scratchpad.capacityBytes).toBeGreaterThan(1024);
    expect(problems.every(({ severity }) => severity !== 'error')).toBe(true);
  });

  it('Eyeriss: 12 × 14 cells, 64 KiB of weights, 8 KiB of sums, 1 MiB scratchpad', () => {
    const { array, machine } = machineOf(readFileSync(join(folder!, 'hardware/eyeriss_like.yaml'), 'utf8'));
    expect([array.rows, array.columns]).toEqual([12, 14]);
    expect([array.inputBufferBytes, array.weightBufferBytes, array.outputBufferBytes]).toEqual([
      64 * 168,
      65_536,
      8192,
    ]);
    expect(machine.scratchpad.capacityBytes).toBe(2 ** 20);
  });

  it.each(files('mapping'))('mapping %s is told apart', (name) => {
    const text = readFileSync(join(folder!, 'mapping', name), 'utf8');
    expect(open(text)).toMatchObject({ ok: false, error: { code: 'zigzag.unreadable' } });
  });
});

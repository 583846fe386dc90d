/** Timeloop architectures become drawings: hand-written ones by arithmetic, published ones as sound machines. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArrayUnit, resolveMachine } from '#core/architecture/machine.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import { technique } from '#core/techniques/importer/timeloop/technique.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const open = (text: string, file = 'chip.yaml') => technique.open(bytesSource(encode(text)), { document: 'd', file });

function drawn(text: string) {
  const made = open(text);
  if (!made.ok) throw new Error(made.error.message);
  const { machine, problems } = resolveMachine(made.value.document);
  if (!machine) throw new Error(problems.map(({ message }) => message).join('; '));
  expect(problems).toEqual([]);
  const array = machine.units.find((unit): unit is ArrayUnit => unit.kind === 'systolic-array')!;
  const remarks = made.value.problems.map(({ code, message }) => `${code}: ${message}`);
  return { machine, array, remarks, document: made.value.document };
}

const SPADS = `architecture:
  version: 0.4
  nodes:
  - !Container
    name: system
    attributes: {technology: "65nm", global_cycle_seconds: 5e-9}
  - !Component
    name: DRAM
    class: DRAM
    attributes: {type: HBM2, width: 64, datawidth: 16, shared_bandwidth: 4}
  - !Component
    name: shared_glb
    class: smartbuffer_SRAM
    attributes: {depth: 16384, width: 64, datawidth: 16, read_bandwidth: 16, write_bandwidth: 16}
  - !Container {name: PE_column, spatial: {meshX: 14}}
  - !Container {name: PE, spatial: {meshY: 12}}
  - !Component
    name: first_spad
    class: smartbuffer_RF
    attributes: {depth: 12, width: 16, datawidth: 16}
    constraints: {dataspace: {keep: [Inputs], bypass: [Weights, Outputs]}}
  - !Component {name: weights_spad, class: smartbuffer_RF, attributes: {depth: 224, width: 16, datawidth: 16}}
  - !Component {name: psum_spad, class: smartbuffer_RF, attributes: {depth: 24, width: 16, datawidth: 16}}
  - !Component {name: mac, class: intmac, attributes: {datawidth: 16}}
`;

describe('an architecture of nodes with a scratchpad an operand in each element', () => {
  const { machine, array, remarks } = drawn(SPADS);
  it('is an array of the mesh, with the memories of all elements as its buffers', () => {
    expect([array.rows, array.columns, array.cells]).toEqual([12, 14, 'register-file']);
    expect(array.inputBufferBytes).toBe(168 * 12 * 2);
    expect(array.weightBufferBytes).toBe(168 * 224 * 2);
    expect(array.outputBufferBytes).toBe(168 * 24 * 2);
  });
  it('has the memory all elements share as its scratchpad, and its rows as words', () => {
    expect(machine.scratchpad.capacityBytes).toBe(16384 * 8);
    expect(machine.scratchpad.bytesPerTick).toBe((16 + 16) * 2);
  });
  it('has its clock and process, and off-chip bandwidth from both', () => {
    expect(machine.clockHertz).toBe(200e6);
    expect(array.nanometres).toBe(65);
    expect(machine.channels).toMatchObject([{ bytesPerTick: 4 * 2 }]);
    expect(machine.channels[0]!.energySource).toMatch(/O'Connor/);
  });
  it('tells what was gathered and added', () => {
    expect(remarks.map((remark) => remark.replace(/:.*/, ''))).toEqual([
      ...Array<string>(3).fill('timeloop.gathered'),
      'timeloop.cells',
      'timeloop.lanes',
    ]);
    expect(remarks[0]).toContain('first_spad (168 × 24 B) make the buffer of input');
  });
});

const FLAT = `architecture:
  arithmetic: {name: MACs, instances: 64, meshX: 16, word-bits: 8}
  storage:
  - {name: Registers, entries: 1, instances: 64, meshX: 16, word-bits: 8}
  - {name: Weights, sizeKB: 32, instances: 1, word-bits: 8}
  - {name: Buffer, sizeKB: 256, instances: 1, word-bits: 8}
`;

describe('a flat architecture with little in its elements and no DRAM', () => {
  const { machine, array, remarks } = drawn(FLAT);
  it('cuts what an operand lacks from the scratchpad, and adds a channel', () => {
    expect([array.rows, array.columns]).toEqual([4, 16]);
    expect(array.weightBufferBytes).toBe(32 * 1024);
    expect([array.inputBufferBytes, array.outputBufferBytes]).toEqual([32 * 1024, 32 * 1024]);
    expect(machine.scratchpad.capacityBytes).toBe((256 - 32 - 32) * 1024);
    expect(machine.clockHertz).toBe(1e9);
    expect(machine.channels).toMatchObject([{ bytesPerTick: 16 }]);
  });
  it('says so', () => {
    for (const expected of [
      "timeloop.folded: Registers (64 × 1 B) has no place of its own in a drawing: it is taken as part of the array's cells",
      'timeloop.buffer: The input buffer, 32 KiB, is cut from Buffer: Registers has less than two words a cell for it',
      'timeloop.no-off-chip: Buffer is the outermost memory and on chip: an off-chip channel of the default type is added',
      'timeloop.bandwidth: Buffer has no bandwidth: 80 B a cycle bind nothing in the array',
      'timeloop.clock: The file has no global_cycle_seconds: 1000 MHz is taken, and off-chip bandwidth follows from it',
    ])
      expect(remarks).toContain(expected);
  });
  it('takes what a mapping or constraints keep over names', () => {
    const constrained = `${FLAT}architecture_constraints:\n  targets:\n  - {target: Weights, type: bypass, keep: [Inputs, Weights], bypass: [Outputs]}\n`;
    const { array } = drawn(constrained);
    expect([array.inputBufferBytes, array.weightBufferBytes]).toEqual([16 * 1024, 16 * 1024]);
    const mapped = `${FLAT}mapping:\n- {target: Weights, type: dataspace, keep: [Inputs], bypass: [Weights, Outputs]}\n`;
    expect(drawn(mapped).array.inputBufferBytes).toBe(32 * 1024);
    expect(drawn(mapped).remarks).toContain(
      "timeloop.beside: Beside the architecture the file has mapping: 'weft map' counts with them",
    );
  });
});

describe('what is no drawing is refused', () => {
  it.each([
    [
      'a problem',
      'problem: {shape: gemm-ABZ, instance: {M: 1, N: 1, K: 1}}\n',
      "timeloop.no-architecture: chip.yaml: a Timeloop file with problem and no architecture is no drawing; 'weft map' takes it beside an architecture",
    ],
    [
      'a mapping, by itself a list',
      '- {target: Buffer, type: temporal, factors: M=2}\n',
      "timeloop.no-architecture: chip.yaml: a Timeloop file with mapping and no architecture is no drawing; 'weft map' takes it beside an architecture",
    ],
    [
      'a mapper',
      'mapper: {algorithm: hybrid}\n',
      'timeloop.no-architecture: chip.yaml: a Timeloop file with mapper and no architecture is no drawing',
    ],
    [
      'a template',
      'architecture:\n  nodes: {{nodes}}\n',
      'timeloop.template: chip.yaml: a Jinja template; let the Timeloop front-end expand it first',
    ],
    [
      'multipliers without memory',
      'architecture: {nodes: [!Component {name: MAC, class: intmac}]}\n',
      'mapping.architecture: chip.yaml: MAC: there is no memory',
    ],
    [
      'registers below DRAM',
      FLAT.replace(/.*name: (Weights|Buffer).*\n/g, '  - {name: DRAM, technology: DRAM}\n').replace(
        /(.*DRAM.*\n)\1/,
        '$1',
      ),
      'timeloop.no-scratchpad: chip.yaml: No memory on chip is of one instance for the whole array; a drawing has one scratchpad',
    ],
    [
      'a buffer without size',
      FLAT.replace('sizeKB: 256, ', 'class: SRAM, ').concat('  - {name: DRAM, technology: DRAM}\n'),
      'timeloop.no-size: chip.yaml: Buffer has no depth, entries or sizeKB; a scratchpad has a size',
    ],
    [
      'an array too wide',
      FLAT.replace(/instances: 64, meshX: 16/g, 'instances: 8192, meshX: 8192'),
      'timeloop.mesh: chip.yaml: An array of 1 × 8192 is larger than 4096 a side',
    ],
  ])('%s', (_, text, expected) => {
    const made = open(text);
    expect(made.ok ? 'drawn' : `${made.error.code}: ${made.error.message}`).toBe(expected);
  });
  it('too large a file', () => {
    const made = open(`${FLAT}#${'x'.repeat(2 ** 20)}`);
    expect(made).toMatchObject({ ok: false, error: { code: 'timeloop.too-large' } });
  });
});

const timeloop = sharedPath('data/timeloop');
describe.skipIf(!timeloop)(`published files${timeloop ? '' : ` (${skippedWithoutShared})`}`, () => {
  it("the front-end's own files are recognised; the one of two levels is drawn", () => {
    const [one, two] = readdirSync(join(timeloop!, 'seen'))
      .sort()
      .map((folder) => readFileSync(join(timeloop!, 'seen', folder, 'parsed-processed-input.yaml'), 'utf8'));
    for (const text of [one!, two!]) expect(technique.match('x.yaml', encode(text.slice(0, 4096)))).toBe(true);
    // One level of 64 B: nothing is left of it beside operand buffers.
    expect(open(one!)).toMatchObject({ ok: false, error: { code: 'timeloop.no-scratchpad' } });
    const { machine, array } = drawn(two!);
    expect([array.rows, array.columns, array.nanometres]).toEqual([1, 1, 40]);
    expect(machine.scratchpad.capacityBytes).toBe(32_768 * 8);
    // A buffer of 64 B keeps all three.
    expect([array.inputBufferBytes, array.weightBufferBytes, array.outputBufferBytes]).toEqual([21, 21, 21]);
  });
  it('the machine of the fixed mappings, whatever the mapping', () => {
    const files = readdirSync(join(timeloop!, 'seen_model')).filter((name) => name.endsWith('.json'));
    expect(files.length).toBe(20);
    for (const name of files) {
      const { machine, array } = drawn(readFileSync(join(timeloop!, 'seen_model', name), 'utf8'));
      expect([array.rows, array.columns]).toEqual([16, 16]);
      expect(machine.scratchpad.capacityBytes).toBeLessThanOrEqual(512 * 1024);
      const { inputBufferBytes, weightBufferBytes, outputBufferBytes } = array;
      expect(inputBufferBytes + weightBufferBytes + outputBufferBytes).toBeGreaterThan(0);
    }
  });
});

const zigzag = sharedPath('data/zigzag/inputs');
it.skipIf(!zigzag)(`files of others stay theirs${zigzag ? '' : ` (${skippedWithoutShared})`}`, () => {
  for (const folder of ['hardware', 'mapping'])
    for (const name of readdirSync(join(zigzag!, folder))) {
      const head = readFileSync(join(zigzag!, folder, name)).subarray(0, 4096);
      const [first] = techniques.importer.filter((importer) => importer.match(name, head));
      expect(first?.manifest.id).toBe('importer/zigzag');
    }
});

/** MAESTRO hardware files become drawings: by arithmetic, and every published one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArrayUnit, resolveMachine } from '#core/architecture/machine.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/maestro/technique.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const FIXTURE = `// a small accelerator
num_pes: 168
l1_size_cstr: 512 // of each
l2_size_cstr: 108000

noc_bw_cstr: 32
offchip_bw_cstr: 8
`;

const open = (text: string) =>
  technique.open(bytesSource(new TextEncoder().encode(text)), { document: 'd', file: 'x/eyeriss.m' });
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

describe('a file by hand', () => {
  it('becomes the squarest array, L1s as buffers, L2 as scratchpad', () => {
    const { machine, array, problems, document } = machineOf(FIXTURE);
    expect(document).toMatchObject({ kind: 'architecture', title: 'eyeriss' });
    expect([array.rows, array.columns]).toEqual([12, 14]);
    expect(array.inputBufferBytes).toBe((168 * 512) / 3);
    expect(machine.scratchpad).toMatchObject({ capacityBytes: 108_000, bytesPerTick: 32 });
    expect(machine.channels[0]!.bytesPerTick).toBe(8);
    expect(problems.map(({ code }) => code)).toEqual([
      'maestro.shape',
      'maestro.l1',
      'maestro.width',
      'maestro.clock',
      'maestro.lanes',
    ]);
  });

  it.each([
    ['num_pes: 168', 'num_pes: many', 'eyeriss.m, line 2: num_pes must be a whole number from 1 to 16777216, not many'],
    ['num_pes: 168', 'num_pes 168', "eyeriss.m, line 2: 'num_pes 168' is not 'name: number'"],
    ['num_pes: 168', '', 'eyeriss.m: num_pes is missing'],
    ['num_pes: 168', 'num_pes: 8191', 'eyeriss.m: 8191 processing elements make 1 × 8191, more than 4096 a side'],
    ['noc_bw_cstr: 32', 'num_pes: 2', 'eyeriss.m, line 6: num_pes is given twice'],
    ['num_pes: 168', 'Network ResNet {', 'this is a MAESTRO mapping'],
  ])('with %j as %j fails where it is wrong', (from, to, message) => {
    const made = open(FIXTURE.replace(from, to));
    expect(made.ok).toBe(false);
    if (!made.ok) expect(made.error.message).toContain(message);
  });

  it('says what it took for what is missing, and what it does not know', () => {
    const { problems, machine } = machineOf('num_pes: 64\nvector_width: 4\n');
    expect(machine.scratchpad.capacityBytes).toBe(2 ** 20);
    expect(problems.filter(({ code }) => code === 'maestro.assumed')).toHaveLength(4);
    expect(problems[0]!.message).toBe('line 2: vector_width is not known and not used');
  });
});

const folder = sharedPath('data/maestro');
const files = (kind: string) => (folder ? readdirSync(join(folder, kind)).filter((name) => name.endsWith('.m')) : []);

describe.skipIf(!folder)(`published files ${folder ? '' : skippedWithoutShared}`, () => {
  it.each(files('hw'))('%s is a sound machine of as many cells', (name) => {
    const text = readFileSync(join(folder!, 'hw', name), 'utf8');
    expect(technique.match(name, new TextEncoder().encode(text))).toBe(true);
    const { array, machine } = machineOf(text);
    expect(array.rows * array.columns).toBe(Number(/num_pes:\s*(\d+)/.exec(text)![1]));
    expect(machine.scratchpad.capacityBytes).toBe(Number(/l2_size_cstr:\s*(\d+)/.exec(text)![1]));
  });

  it.each(files('mappings'))('mapping %s is told apart', (name) => {
    const text = readFileSync(join(folder!, 'mappings', name), 'utf8');
    expect(technique.match(name, new TextEncoder().encode(text.slice(0, 4096)))).toBe(true);
    expect(open(text)).toMatchObject({ error: { message: expect.stringMatching(/this is a MAESTRO mapping/) } });
  });
});

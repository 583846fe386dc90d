/** Importers of other tools' machines never crash or hang: seeded mutations of small sound files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { bytesSource, type Importer } from '#core/technique/importer.ts';
import { technique as maestro } from '#core/techniques/importer/maestro/technique.ts';
import { technique as timeloop } from '#core/techniques/importer/timeloop/technique.ts';
import { technique as zigzag } from '#core/techniques/importer/zigzag/technique.ts';
import { cases } from '../support/cases.ts';
import { sharedPath } from '../support/shared.ts';

const MUTATIONS = cases(1000, 100_000);

const ZIGZAG = `name: small
memories:
  rf: &rf
    size: 64
    latency: 1
    operands: [I1]
    ports:
      - name: rw_port_1
        type: read_write
        bandwidth_min: 8
        bandwidth_max: 8
        allocation:
          - I1, fh
          - I1, tl
    served_dimensions: []
  sram: { size: 1048576, latency: 1, operands: [I1, I2, O], ports: [{ name: p, bandwidth_max: 512 }], served_dimensions: [D1, D2] }
  dram: { size: 10000000000, latency: 1, operands: [I1, I2, O], ports: [{ name: p, bandwidth_max: 64 }], served_dimensions: [D1, D2] }
operational_array: { dimensions: [D1, D2], sizes: [4, 4] }
`;
const MAESTRO = 'num_pes: 256\nl1_size_cstr: 100\nl2_size_cstr: 3000\nnoc_bw_cstr: 1000\noffchip_bw_cstr: 50\n';

const TIMELOOP = `architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {technology: 65nm, global_cycle_seconds: 2e-9}}
  - !Component {name: DRAM, class: DRAM, attributes: {type: LPDDR4, width: 64, datawidth: 8, shared_bandwidth: 8}}
  - !Component {name: buffer, class: SRAM, attributes: {depth: 4096, width: 64, datawidth: 8, read_bandwidth: 16}}
  - !Container
    name: PE
    spatial: {meshX: 4, meshY: 2}
  - !Component
    name: weights
    class: regfile
    attributes: {depth: 64, width: 8, datawidth: 8}
    constraints: {dataspace: {keep: [Weights], bypass: [Inputs, Outputs]}}
  - !Component {name: mac, class: intmac, attributes: {datawidth: 8}}
`;
const FLAT = `architecture:
  arithmetic: {name: MACs, instances: 64, meshX: 16, word-bits: 8}
  storage:
  - {name: Registers, entries: 16, instances: 64, meshX: 16, word-bits: 8}
  - {name: Buffer, sizeKB: 256, instances: 1, word-bits: 8}
  - {name: DRAM, technology: DRAM, word-bits: 8}
`;
const SUBTREE = `subtree:
  - name: system
    local:
      - {name: 'Main[1..1]', class: SRAM, attributes: {depth: 4096, word-bits: 8, width: 32, block-size: 2}}
    subtree:
      - name: 'PE[0..3]'
        local:
          - {name: Buffer, class: regfile, attributes: {depth: 64, width: 8, datawidth: 8, meshX: 4}}
          - {name: MACC, class: intmac, attributes: {datawidth: 8, meshX: 4}}
`;

const shared = (folder: string, limit: number): readonly string[] => {
  const path = sharedPath(folder);
  return path
    ? readdirSync(path)
        .slice(0, limit)
        .map((name) => readFileSync(join(path, name), 'utf8'))
    : [];
};

/** Pieces that mean something to YAML or to the formats. */
const PIECES = [
  '[',
  ']',
  '{',
  '}',
  ':',
  '- ',
  '\n',
  '  ',
  '&a ',
  '*a',
  '*rf',
  '!!set ',
  '"',
  "'",
  '|',
  '? ',
  '#',
  '-1',
  '1e309',
  '0x10',
  '.nan',
  '~',
  '\t',
  '\0',
  'é',
  '<<: *rf',
];

function mutated(text: string, rng: Rng): string {
  let made = text;
  for (let i = 0, count = 1 + rng.below(4); i < count; i++) {
    const at = rng.below(made.length + 1);
    const length = rng.below(12);
    const lines = made.split('\n');
    switch (rng.below(6)) {
      case 0:
        made = made.slice(0, at) + PIECES[rng.below(PIECES.length)]! + made.slice(at);
        break;
      case 1:
        made = made.slice(0, at) + made.slice(at + length);
        break;
      case 2:
        made = made.slice(0, at) + String.fromCharCode(rng.below(256)).repeat(1 + length) + made.slice(at + length);
        break;
      case 3:
        made = made.replace(/\d+/, () => String(rng.below(2) === 0 ? rng.below(2 ** 31) * 2 ** 22 : rng.below(3)));
        break;
      case 4:
        lines.splice(rng.below(lines.length), 1 + rng.below(3), lines[rng.below(lines.length)]!);
        made = lines.join('\n');
        break;
      default:
        made = made.slice(0, at);
    }
  }
  return made;
}

const HOSTILE = [
  '',
  '[',
  `${'['.repeat(20_000)}`,
  `${'- '.repeat(5000)}x`,
  `memories: ${'{a: '.repeat(3000)}`,
  `a: &a [x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [${i === 0 ? '*a' : `*b${i - 1}, *b${i - 1}, *b${i - 1}`}]`).join('\n')}\n`,
  'memories: &m\n  a: *m\noperational_array: {dimensions: [D1], sizes: [1]}\n',
  'memories: {a: {size: 1, operands: [], ports: [], served_dimensions: []}}\noperational_array: {dimensions: [D1], sizes: [1]}\n',
  'num_pes: 16777213\n',
  ':'.repeat(60_000),
];

const importers: readonly (readonly [string, Importer, readonly string[]])[] = [
  ['ZigZag', zigzag, [ZIGZAG, ...shared('data/zigzag/inputs/hardware', 11)]],
  ['Timeloop', timeloop, [TIMELOOP, FLAT, SUBTREE]],
  ['MAESTRO', maestro, [MAESTRO, ...shared('data/maestro/hw', 4), ...shared('data/maestro/mappings', 2)]],
];

describe.each(importers)('P-17 %s', (_, importer, seeds) => {
  const check = (text: string) => {
    const made = importer.open(bytesSource(new TextEncoder().encode(text)), { document: 'd', file: 'f' });
    if (made.ok) {
      // What opens is a drawing without faults, whatever it stands for.
      expect(made.value.problems.every(({ severity }) => severity !== 'error')).toBe(true);
      const { problems } = resolveMachine(made.value.document);
      expect(problems).toEqual([]);
    } else {
      expect(made.error.code).toMatch(/^((zigzag|maestro)\.unreadable|timeloop\.[a-z-]+|mapping\.architecture)$/);
      expect(made.error.message.length).toBeLessThan(2000);
    }
    return made.ok;
  };

  it(`opens or refuses ${MUTATIONS} mutations`, () => {
    const rng = createRng(20);
    let opened = 0;
    for (let i = 0; i < MUTATIONS; i++) if (check(mutated(seeds[i % seeds.length]!, rng))) opened++;
    // Both ends are reached.
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(MUTATIONS);
  });

  it('refuses what is made to break it', () => {
    for (const text of HOSTILE) expect(check(text)).toBe(false);
  });
});

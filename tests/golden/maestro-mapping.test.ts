/**
 * MAESTRO's figures for its own mappings: every cell of every row, integers equal, the others to the six digits it prints. And
 * every run it made: the same mappings are accepted, with as many layers, and the same are refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COLUMNS, evaluateNetwork } from '#core/interchange/maestro/evaluate.ts';
import { readHardware } from '#core/interchange/maestro/hardware.ts';
import { readNetwork } from '#core/interchange/maestro/network.ts';
import { readCsv } from '../support/csv.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const folder = sharedPath('data/maestro');
const text = (path: string) => readFileSync(join(folder!, path), 'utf8');

function run(mapping: string, machine: string) {
  const hardware = readHardware(text(`hw/${machine}.m`));
  if (!hardware.ok) throw new Error(hardware.error.message);
  const network = readNetwork(text(`mappings/${mapping}.m`));
  return network.ok ? evaluateNetwork(network.value, hardware.value, mapping) : network;
}

/** As C++ writes it: a count in full, another number with six digits. */
function agrees(ours: number, printed: string): boolean {
  const isCount = Number.isInteger(ours) && !/[.e]/.test(printed);
  return (isCount ? ours : Number(ours.toPrecision(6))) === Number(printed);
}

describe.skipIf(!folder)(`MAESTRO ${folder ? '' : skippedWithoutShared}`, () => {
  const seen = folder ? readdirSync(join(folder, 'seen')).filter((name) => name.endsWith('.csv')) : [];
  it.each(seen)('%s: every figure of every layer', (file) => {
    const [mapping, machine] = file.replace('.csv', '').split('__');
    const found = run(mapping!, machine!);
    if (!found.ok) throw new Error(found.error.message);
    const [header, ...rows] = text(`seen/${file}`)
      .trim()
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.trim()));
    expect(header!.slice(2)).toEqual(COLUMNS);
    expect(found.value.length).toBe(rows.length);
    for (const [index, [, layer, ...cells]] of rows.entries()) {
      const { figures, layer: ours } = found.value[index]!;
      expect(ours.name).toBe(layer);
      const wrong = COLUMNS.flatMap((title, column) =>
        agrees(figures[column]!, cells[column]!) ? [] : [`${title}: ${cells[column]}, not ${figures[column]}`],
      );
      expect(wrong, layer).toEqual([]);
    }
  });

  it('accepts and refuses what MAESTRO does, on all of its mappings and machines', { timeout: 60_000 }, () => {
    const runs = readCsv(join(folder!, 'WALLTIME.csv'));
    expect(runs.length).toBe(172);
    for (const { config, mapping, rc, layers } of runs) {
      const found = run(mapping!, config!);
      const where = `${mapping} on ${config}`;
      if (rc === '0') expect(found.ok ? found.value.length : found.error.message, where).toBe(Number(layers));
      else {
        expect(found.ok, where).toBe(false);
        if (found.ok) continue;
        // 255: refused by its parser; 136: an arithmetic fault, from a division by no units or no work.
        expect(found.error.message, where).toMatch(
          rc === '255' ? /^TemporalMap.* must have size and offset/ : /need \d+ processing elements|computes nothing/,
        );
      }
    }
  });
});

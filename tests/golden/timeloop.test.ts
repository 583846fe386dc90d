/** Counters of fixed mappings against Timeloop's own output: integers equal, energies to the digits it prints. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTimeloop } from '#core/interchange/timeloop/import.ts';
import { type Evaluation, evaluate } from '#core/mapping/evaluate.ts';
import { readCsv } from '../support/csv.ts';
import { COUNTERS } from '../support/references.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

type Row = readonly [level: string, dataSpace: string, counter: string, value: number];

/** Every row of Timeloop's that does not agree, and how many were looked at. Rows after the first of a name are networks'. */
function disagreements(
  rows: readonly Row[],
  compute: string,
  found: Evaluation,
): { readonly seen: number; readonly wrong: string[] } {
  const wrong: string[] = [];
  const done = new Set<string>();
  let seen = 0;
  for (const [level, dataSpace, counter, value] of rows) {
    const key = `${level} ${dataSpace} ${counter}`;
    const at = found.levels.find((known) => known.level === level);
    const isCompute = level === compute;
    if (done.has(key) || (!at && !isCompute)) continue;
    done.add(key);
    let ours: number | undefined;
    if (isCompute)
      ours = {
        'Computes (total)': found.computes,
        Cycles: found.parts.compute,
        'Energy (total)': found.computeEnergyPj,
      }[counter];
    else if (dataSpace === '') ours = at!.cycles;
    else if (counter === 'Utilized instances (max)') ours = at!.instances;
    else if (counter === 'Energy (per-scalar-access)') continue;
    else {
      const data = at!.data.find((known) => known.dataSpace === dataSpace);
      const field = COUNTERS[counter];
      ours = data && field ? Number(data[field]) : undefined;
    }
    seen++;
    // Energies are printed to a hundredth.
    const tolerance = counter.startsWith('Energy') ? 0.005 + 1e-9 : 0;
    if (ours === undefined || Math.abs(ours - value) > tolerance) wrong.push(`${key}: ${value}, not ${ours}`);
  }
  return { seen, wrong };
}

const model = sharedPath('data/timeloop/seen_model');
describe.skipIf(!model)(`timeloop-model on fixed mappings${model ? '' : ` (${skippedWithoutShared})`}`, () => {
  for (const name of model ? readdirSync(model).filter((file) => file.endsWith('.json')) : [])
    it(name, () => {
      const text = readFileSync(join(model!, name), 'utf8');
      const { output } = JSON.parse(text) as {
        readonly output: {
          readonly status: string;
          readonly message?: readonly string[];
          readonly counters?: readonly Row[];
          readonly cycles?: string;
          readonly utilization?: string;
          readonly energy_uJ?: string;
          readonly computes?: string;
        };
      };
      const read = importTimeloop([{ name, text }]);
      if (!read.ok) throw new Error(read.error.message);
      const { tree, workload, mapping } = read.value;
      const found = evaluate(tree, workload, mapping!);
      if (output.status === 'rejected') {
        expect(found.ok ? 'accepted' : `ERROR: ${found.error.message}`).toBe(output.message!.at(-1));
        return;
      }
      if (!found.ok) throw new Error(found.error.message);
      const { seen, wrong } = disagreements(output.counters!, '__ARITH__', found.value);
      expect(wrong).toEqual([]);
      expect(seen).toBeGreaterThan(40);
      expect(found.value.cycles).toBe(Number(output.cycles));
      expect(found.value.computes).toBe(Number(output.computes));
      expect(found.value.utilisation.toFixed(2)).toBe(output.utilization);
      expect((found.value.energyPj / 1e6).toFixed(2)).toBe(output.energy_uJ);
    });
});

const tutorial = sharedPath('data/timeloop/seen');
describe.skipIf(!tutorial)(`Timeloop v4 tutorials${tutorial ? '' : ` (${skippedWithoutShared})`}`, () => {
  for (const folder of tutorial ? readdirSync(tutorial) : [])
    it(folder, () => {
      const files = ['parsed-processed-input.yaml', 'timeloop-model.ERT_summary.yaml'].map((name) => {
        return { name, text: readFileSync(join(tutorial!, folder, name), 'utf8') };
      });
      const read = importTimeloop(files);
      if (!read.ok) throw new Error(read.error.message);
      expect(read.value.problems).toEqual([]);
      const { tree, workload, mapping } = read.value;
      const found = evaluate(tree, workload, mapping!);
      if (!found.ok) throw new Error(found.error.message);
      const rows = readCsv(join(tutorial!, folder, 'counters.csv')).map(
        (row): Row => [row.level!, row.dataspace!, row.counter!, Number(row.value)],
      );
      const { seen, wrong } = disagreements(rows, tree.compute.name, found.value);
      expect(wrong).toEqual([]);
      expect(seen).toBe(rows.length);
    });
});

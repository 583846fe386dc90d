/** Every registered unit model: its tiles sum to its cycles, it is never faster than its peak, it is deterministic. */
import { describe, expect, it } from 'vitest';
import { type ComputeUnit, resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { Kernel } from '#core/catalog/operator-type.ts';
import { type MappingContext, streamedBytes, type UnitModel } from '#core/compile/unit-model.ts';
import { techniques } from '#core/technique/registry.ts';

const machines = PRESETS.map((preset) => resolveMachine(preset.build('architecture')).machine!);
const models: readonly UnitModel[] = techniques.unit;

function randomKernel(rng: Rng): Kernel {
  const size = (most: number) => 1 + rng.below(most);
  switch (rng.below(5)) {
    case 0:
      return { kind: 'vector', elements: size(100_000), operationsPerElement: size(9) };
    case 1:
      return { kind: 'special', elements: size(50_000), operationsPerElement: size(5), evaluations: size(50_000) };
    case 2:
      return { kind: 'move', elements: size(100_000) };
    default:
      return {
        kind: 'gemm',
        groups: rng.below(3) === 0 ? size(64) : 1,
        m: size(3000),
        n: size(700),
        k: size(900),
        bIsActivation: rng.below(2) === 0,
      };
  }
}

function contextFor(kernel: Kernel, rng: Rng): MappingContext {
  const gemm = kernel.kind === 'gemm';
  const elements = gemm ? kernel.groups * kernel.m * kernel.k : kernel.kind === 'view' ? 1 : kernel.elements;
  return {
    inputElementBytes: 1,
    weightElementBytes: 1,
    outputElementBytes: 1,
    inputBytes: elements,
    weightBytes: gemm ? kernel.groups * kernel.k * kernel.n : 0,
    outputBytes: gemm ? kernel.groups * kernel.m * kernel.n : elements,
    offChipBytesPerCycle: 4 + rng.below(60),
    parallel: 1 + rng.below(3),
    objective: rng.below(2) === 0 ? 'cycles' : 'off-chip',
  };
}

describe.each(models.map((model) => ({ id: model.manifest.id, model })))('$id', ({ model }) => {
  const units: readonly ComputeUnit[] = machines.flatMap((machine) =>
    machine.units.filter((unit) => unit.kind === model.component),
  );

  it('conforms on random kernels', () => {
    expect(units.length).toBeGreaterThan(0);
    let mapped = 0;
    for (let seed = 0; seed < 150; seed++) {
      const rng = createRng(seed);
      const kernel = randomKernel(rng);
      const context = contextFor(kernel, rng);
      const unit = units[rng.below(units.length)]!;
      const mapping = model.map(kernel, unit, context);
      if (mapping === null) continue;
      mapped++;
      const where = `seed ${seed} ${mapping.description}`;
      const { counts } = mapping.loop;
      let sum = 0;
      for (let g = 0; g < counts.g; g++)
        for (let m = 0; m < counts.m; m++)
          for (let n = 0; n < counts.n; n++)
            for (let k = 0; k < counts.k; k++) {
              const cycles = mapping.tileCycles(g, m, n, k);
              expect(cycles, where).toBeGreaterThan(0);
              sum += cycles;
            }
      expect(sum, where).toBe(mapping.cycles);
      if (kernel.kind === 'gemm')
        expect(mapping.cycles * mapping.peakMacsPerCycle, where).toBeGreaterThanOrEqual(
          kernel.groups * kernel.m * kernel.n * kernel.k,
        );
      expect(streamedBytes(mapping.loop, context), where).toBeGreaterThanOrEqual(
        context.inputBytes + context.weightBytes + context.outputBytes,
      );
      expect(model.map(kernel, unit, context)?.description, where).toBe(mapping.description);
    }
    expect(mapped).toBeGreaterThan(20);
  });

  it('declines what is not its kind', () => {
    const other = machines.flatMap((machine) => machine.units).find((unit) => unit.kind !== model.component)!;
    const rng = createRng(1);
    const kernel: Kernel = { kind: 'vector', elements: 8, operationsPerElement: 1 };
    expect(model.map(kernel, other, contextFor(kernel, rng))).toBeNull();
  });
});

/** The compiler's own lowerings as candidates: of random operators on random arrays they are right, and the same program. */
import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { admission } from '#core/candidate/admit.ts';
import { parseCandidate } from '#core/candidate/parse.ts';
import { resolveCandidate } from '#core/candidate/resolve.ts';
import { candidateTemplate } from '#core/candidate/template.ts';
import { candidateText } from '#core/candidate/text.ts';
import { toFile } from '#core/document/document.ts';
import { rowsOf } from '#core/program/builder.ts';
import type { Program } from '#core/program/program.ts';
import { programRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { cases } from '../support/cases.ts';
import { KERNELS, randomKernel, smallArchitecture } from '../support/random-kernel.ts';
import { randomModel } from '../support/random-model.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const services = () => ({ mip, control: uncontrolled });

/** Rows with their dependencies in order: whom a command waits for is a set. */
const rows = (program: Program) =>
  rowsOf(program).map(({ depends, ...row }) => ({ ...row, depends: [...depends].sort((a, b) => a - b) }));

describe("the compiler's lowering as a candidate", () => {
  it.each(KERNELS)('%s: is right, and gives the program it was taken from', (type) => {
    let compared = 0;
    const seeds = cases(2, 40);
    for (let seed = 0; seed < seeds; seed++) {
      const rng = createRng(seed * 97 + 5);
      const model = toFile(randomKernel(rng, type));
      const architecture = toFile(smallArchitecture(rng));
      const mode = SCHEDULE_MODES[seed % 3]!;
      const scheduler = { ...DEFAULT_SETTINGS.scheduler, parameters: { mode } };
      const settings = { ...DEFAULT_SETTINGS, format: 'model', scheduler } as const;
      const compiler = programRun({ model, architecture, settings }, services());
      if (!compiler.ok) continue;
      const { graph } = compiler.value.compiled;
      const nodes = graph.operators.map(({ nodes: [node] }) => node!);
      const candidates: Record<string, string> = {};
      for (const [operator, node] of nodes.entries()) {
        const text = candidateTemplate(compiler.value, node);
        if (!text.ok) throw new Error(text.error.message);
        candidates[node] = text.value;
        const parsed = parseCandidate(text.value);
        if (!parsed.ok) throw new Error(parsed.error.message);
        const { machine, bodies, problem } = compiler.value;
        const site = { graph, problem, machine, models: techniques.unit, settings };
        const resolved = resolveCandidate(parsed.value, operator, site);
        if (!resolved.ok) throw new Error(resolved.error.message);
        const [simulator] = techniques.simulator;
        const admitted = admission({
          resolved: resolved.value,
          graph,
          bodies,
          machine,
          settings,
          simulator,
          control: uncontrolled,
        });
        expect(admitted, `${type} ${seed}\n${text.value}`).toMatchObject({ ok: true, value: { problems: [] } });
        expect(parseCandidate(candidateText(parsed.value)).ok).toBe(true);
      }
      const again = programRun(
        { model, architecture, settings: { ...settings, candidates } },
        { ...services(), candidatesAreProved: true },
      );
      if (!again.ok)
        throw new Error(`${type} ${seed}: ${again.error.message}\n${Object.values(candidates).join('\n')}`);
      expect(rows(again.value.program), `${type} ${seed}`).toEqual(rows(compiler.value.program));
      expect(again.value.scratchpadBytes).toEqual(compiler.value.scratchpadBytes);
      compared++;
    }
    expect(compared).toBeGreaterThan(seeds / 2);
  });

  it('of random models too, under little scratchpad', () => {
    let compared = 0;
    for (let seed = 0; seed < 5; seed++) {
      const rng = createRng(seed);
      const model = toFile(randomModel(rng));
      const architecture = toFile(smallArchitecture(rng));
      const mode = SCHEDULE_MODES[seed % 3]!;
      const scheduler = { ...DEFAULT_SETTINGS.scheduler, parameters: { mode } };
      const settings = { ...DEFAULT_SETTINGS, format: 'model', scratchpadBytes: 4096, scheduler } as const;
      const compiler = programRun({ model, architecture, settings }, services());
      if (!compiler.ok) continue;
      const candidates: Record<string, string> = {};
      for (const { nodes } of compiler.value.compiled.graph.operators) {
        const text = candidateTemplate(compiler.value, nodes[0]!);
        if (text.ok) candidates[nodes[0]!] = text.value;
      }
      const again = programRun({ model, architecture, settings: { ...settings, candidates } }, services());
      if (!again.ok) throw new Error(`${seed}: ${again.error.message}`);
      expect(rows(again.value.program), `${seed}`).toEqual(rows(compiler.value.program));
      compared++;
    }
    expect(compared).toBeGreaterThan(2);
  }, 240_000);
});

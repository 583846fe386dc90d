/**
 * Layouts change no value: models with transpositions in random places, on arrays and without one, in every mode, with scratchpads
 * small enough to spill and tile, played on numbers. Every piece has the bytes of the places it covers, every place once;
 * what is folded is never more than what was drawn.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS, presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { admission } from '#core/candidate/admit.ts';
import { parseCandidate } from '#core/candidate/parse.ts';
import { resolveCandidate } from '#core/candidate/resolve.ts';
import { candidateTemplate } from '#core/candidate/template.ts';
import { runPasses } from '#core/compile/compile.ts';
import { layoutOf, lower } from '#core/compile/kernel-graph.ts';
import type { Layout } from '#core/compile/layout.ts';
import type { KernelPieces, Piece, Pieces } from '#core/compile/pieces.ts';
import { bytesOf } from '#core/compile/pieces.ts';
import { toFile } from '#core/document/document.ts';
import { randomSource } from '#core/reference/source.ts';
import { type ProgramRun, programRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { cases } from '../support/cases.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { openModel } from '../support/onnx-model.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';
import { transposedModel } from '../support/transposed-model.ts';

const SEEDS = cases(8, 400);

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** Places in memory that positions [from, to) of a factor's piece are at. */
function placesOf(piece: Piece, from: number, to: number, place: (g: number, d: number, s: number) => number) {
  const { g, d } = piece.block!;
  const places = new Set<number>();
  for (let group = g[0]; group < g[1]; group++)
    for (let depth = d[0]; depth < d[1]; depth++) for (let s = from; s < to; s++) places.add(place(group, depth, s));
  return places;
}

/** The pieces of a factor, counted place by place. */
function recount(pieces: Pieces, elements: number, bytes: number, place: (g: number, d: number, s: number) => number) {
  const width = bytes / elements;
  const owned: number[] = [];
  for (let index = 0; index < pieces.count; index++) {
    const piece = pieces.piece(index);
    const places = placesOf(piece, piece.from, piece.to, place);
    expect(places.size * width).toBe(bytesOf(piece));
    for (const at of places) expect(at >= 0 && at < elements).toBe(true);
    owned.push(...placesOf(piece, piece.ownFrom, piece.ownTo, place));
  }
  expect(owned.sort((a, b) => a - b)).toEqual(Array.from({ length: elements }, (_, at) => at));
}

/** The element at a place, digit by digit. */
function elementAt(layout: Layout, place: number): number {
  if (layout.length === 0) return place;
  let [element, rest] = [0, place];
  for (const { extent, stride } of layout.toReversed()) {
    element += (rest % extent) * stride;
    rest = Math.floor(rest / extent);
  }
  return element;
}

function recounted({ problem, compiled, pieces }: ProgramRun): number {
  let factors = 0;
  pieces.forEach(({ gemm, operands }: KernelPieces, operator) => {
    if (!gemm) return;
    const { inputs } = compiled.graph.operators[operator]!;
    for (const [role, place] of [
      [gemm.roles.a, gemm.places.a],
      [gemm.roles.b, gemm.places.b],
    ] as const) {
      if (role === -1) continue;
      const { elements } = compiled.graph.tensors[inputs[role]!]!;
      recount(operands[role]!, elements, problem.tensors[inputs[role]!]!.bytes, place);
      factors++;
    }
    const { form } = gemm;
    const layout = layoutOf(compiled.graph.tensors[compiled.graph.operators[operator]!.outputs[0]!]!);
    let isRight = true;
    for (let g = 0; g < form.groups; g++)
      for (let m = 0; m < form.m; m++)
        for (let n = 0; n < form.n; n++)
          isRight &&= elementAt(layout, gemm.places.result(g, m, n)) === form.result(g, m, n);
    expect(isRight).toBe(true);
  });
  return factors;
}

describe.each(PRESETS.map((preset, index) => ({ id: preset.id, preset, index })))('$id', ({ preset, index }) => {
  it('computes models with transpositions anywhere', () => {
    const seen = { played: 0, folded: 0, left: 0, strided: 0, factors: 0 };
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = createRng(50_000 * (index + 1) + seed);
      const model = transposedModel(rng);
      const where = `seed ${50_000 * (index + 1) + seed}`;
      const ran = ranProgram(
        model,
        preset.build('architecture'),
        {
          mode: SCHEDULE_MODES[rng.below(3)]!,
          S: [64, 512, 4096, 65_536, null][rng.below(5)]!,
          format: (['model', 'int8', 'fp16'] as const)[rng.below(3)]!,
          objective: (['cycles', 'off-chip'] as const)[rng.below(2)]!,
          parameters: {
            inPlace: rng.below(2) === 0,
            aliasConcat: rng.below(2) === 0,
            doubleBuffer: rng.below(3) === 0,
          },
        },
        mip,
      );
      if (!ran.ok) {
        expect(ran.error.code, `${where}: ${ran.error.message}`).toMatch(/^schedule\.(?!rejected)/);
        continue;
      }
      const run = ran.value;
      const certificate = certified(run, randomSource(run.model, seed));
      expect(certificate.ok || certificate.error.message, where).toBe(true);
      if (!certificate.ok) continue;
      expect(certificate.value.statement, where).toMatch(/^Values verified/);
      seen.played++;
      seen.factors += recounted(run);
      const { graph } = run.compiled;
      const transposes = (of: typeof graph) => of.operators.filter(({ types }) => types[0] === 'transpose').length;
      const drawn = lower(run.model).operators.filter(
        ({ types, kernel }) => types[0] === 'transpose' && kernel.kind === 'move',
      );
      seen.left += transposes(graph);
      seen.folded += drawn.length - transposes(graph);
      seen.strided += graph.tensors.filter(({ layout }) => layout && layout.length > 0).length;
    }
    expect(seen.played, JSON.stringify(seen)).toBeGreaterThan(SEEDS / 2);
    // Too seldom and the test would show nothing.
    for (const count of [seen.folded, seen.left, seen.strided])
      expect(count, JSON.stringify(seen)).toBeGreaterThan(SEEDS / 8);
    if (index === 0) expect(seen.factors, JSON.stringify(seen)).toBeGreaterThan(SEEDS / 4);
  });
});

const root = sharedPath('data/onnx/transformer');
const files = root ? readdirSync(root).filter((file) => file.endsWith('.onnx')) : [];

describe.skipIf(root === null)(`transformers${root === null ? ` (${skippedWithoutShared})` : ''}`, () => {
  it.each(files)('%s keeps no transposition and its values', (file) => {
    const { imported, graph } = openModel(new Uint8Array(readFileSync(join(root!, file))));
    const passed = runPasses(graph, techniques.pass);
    if (!passed.ok) throw new Error(passed.error.message);
    expect(passed.value.operators.filter(({ types }) => types[0] === 'transpose')).toEqual([]);
    // A loss that is known by name only has no value.
    if (graph.operators.some(({ type }) => type.id === 'opaque')) return;
    for (const [preset, S] of [
      ['systolic-32x32', null],
      ['gemmini-16x16', 2048],
      ['fpga-2-cores', 512],
    ] as const) {
      const architecture = PRESETS.find(({ id }) => id === preset)!.build('a');
      for (const mode of SCHEDULE_MODES) {
        const ran = ranProgram(imported.document, architecture, { mode, S }, mip);
        if (!ran.ok) throw new Error(ran.error.message);
        const certificate = certified(ran.value, randomSource(ran.value.model, 1));
        if (!certificate.ok) throw new Error(certificate.error.message);
        expect(certificate.value.statement, `${preset} ${mode}`).toMatch(/^Values verified/);
      }
    }
  });
});

it('an array alone runs what only reorders for its products', () => {
  const s = new Sketch();
  const x = s.add('input', 'in', { shape: [1, 24, 40] });
  const heads = (name: string, permutation: readonly number[]) => {
    const split = s.add('reshape', `${name} heads`, { shape: [1, 24, 4, 10] }, s.add('dense', name, { units: 40 }, x));
    return s.add('transpose', `${name} turned`, { permutation: [...permutation] }, split);
  };
  const scores = s.add('matmul', 'scores', {}, heads('q', [0, 2, 1, 3]), heads('k', [0, 2, 3, 1]));
  const values = s.add('matmul', 'values', {}, scores, heads('v', [0, 2, 1, 3]));
  const merged = s.add('transpose', 'merge', { permutation: [0, 2, 1, 3] }, values);
  s.add('output', 'out', {}, s.add('dense', 'o', { units: 8 }, s.add('reshape', 'r', { shape: [1, 24, 40] }, merged)));
  const drawn = presetById('gemmini-16x16')!.build('a');
  const isLanes = ({ type }: { readonly type: string }) => type === 'vector-unit' || type === 'special-function-unit';
  const gone = new Set([...drawn.nodes.values()].filter(isLanes).map(({ id }) => id));
  const architecture = {
    ...drawn,
    nodes: new Map([...drawn.nodes].filter(([id]) => !gone.has(id))),
    links: new Map([...drawn.links].filter(([, { from, to }]) => !gone.has(from.node) && !gone.has(to.node))),
  };
  for (const mode of SCHEDULE_MODES)
    for (const S of [256, 4096, null]) {
      const ran = ranProgram(s.document('model', 'heads'), architecture, { mode, S }, mip);
      if (!ran.ok) throw new Error(ran.error.message);
      expect(ran.value.machine.units).toHaveLength(1);
      expect(ran.value.compiled.graph.operators.map(({ types: [type] }) => type)).toEqual([
        'dense',
        'dense',
        'matmul',
        'dense',
        'matmul',
        'dense',
      ]);
      expect(ran.value.pieces.every(({ gemm }) => gemm !== null)).toBe(true);
      expect(recounted(ran.value)).toBe(8);
      const certificate = certified(ran.value, randomSource(ran.value.model, 3));
      expect(certificate.ok && certificate.value.isVerified, `${mode} ${S}`).toBe(true);
    }
});

it('a kernel that reads or writes by strides is a right candidate of itself', () => {
  let strided = 0;
  for (let seed = 0; seed < 30; seed++) {
    const settings = {
      ...DEFAULT_SETTINGS,
      format: 'model',
      scheduler: { ...DEFAULT_SETTINGS.scheduler, parameters: { mode: SCHEDULE_MODES[seed % 3]! } },
    } as const;
    const inputs = {
      model: toFile(transposedModel(createRng(seed))),
      architecture: toFile(presetById('gemmini-16x16')!.build('a')),
      settings: { ...settings, scratchpadBytes: seed % 2 ? 512 : null },
    };
    const run = programRun(inputs, { mip, control: uncontrolled });
    if (!run.ok) continue;
    const { compiled, machine, bodies, problem } = run.value;
    const { graph } = compiled;
    const [simulator] = techniques.simulator;
    for (const [operator, { nodes, inputs: operands, outputs }] of graph.operators.entries()) {
      const isStrided = [...operands, ...outputs].some((id) => layoutOf(graph.tensors[id]!).length > 0);
      const isTurned = bodies.operators[operator]!.some((each) =>
        each.inputs.some((index) => index !== null && bodies.place[index]!.length > 0),
      );
      if (!isStrided && !isTurned) continue;
      const text = candidateTemplate(run.value, nodes[0]!);
      if (!text.ok) throw new Error(text.error.message);
      const parsed = parseCandidate(text.value);
      if (!parsed.ok) throw new Error(parsed.error.message);
      const site = { graph, problem, machine, models: techniques.unit, settings };
      const resolved = resolveCandidate(parsed.value, operator, site);
      if (!resolved.ok) throw new Error(resolved.error.message);
      const admitted = admission({
        resolved: resolved.value,
        graph,
        bodies,
        machine,
        settings,
        simulator,
        control: uncontrolled,
      });
      expect(admitted, `seed ${seed}\n${text.value}`).toMatchObject({ ok: true, value: { problems: [] } });
      strided++;
    }
  }
  expect(strided).toBeGreaterThan(20);
});

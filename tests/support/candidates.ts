/** A small model on a small array, its operators lowered by the compiler, and candidates of them checked. */
import { PRESETS } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { checkAgainst } from '#core/candidate/check.ts';
import type { CandidateReport } from '#core/candidate/report.ts';
import { candidateTemplate } from '#core/candidate/template.ts';
import { toFile } from '#core/document/document.ts';
import { type ProgramRun, programRun } from '#core/run/program-run.ts';
import type { RunInputs } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ScheduleMode } from '#core/schedule/problem.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';

/** A 3 × 3 convolution with ReLU, then a pointwise one. */
export function twoConvolutions(): RunInputs['model'] {
  const sketch = new Sketch();
  const image = sketch.add('input', 'image', { shape: [1, 4, 12, 12], elementType: 'fp32' });
  const first = sketch.add('conv', 'conv', { kernel: [3, 3], outChannels: 8, autoPad: 'same-upper' }, image);
  const relu = sketch.add('activation', 'relu', { function: 'relu' }, first);
  const second = sketch.add('conv', 'second', { kernel: [1, 1], outChannels: 8 }, relu);
  sketch.add('output', 'y', {}, second);
  return toFile(sketch.document('model', 'Two convolutions'));
}

/** Buffers of some tiles, and lanes so slow that products go to the array. */
export function smallArray(): RunInputs['architecture'] {
  const drawn = PRESETS[0]!.build('architecture');
  const nodes = [...drawn.nodes].map(([id, node]) => {
    const changed =
      node.type === 'systolic-array'
        ? { rows: 8, columns: 8, inputBufferBytes: 4096, weightBufferBytes: 1024, outputBufferBytes: 4096 }
        : node.type === 'vector-unit'
          ? { lanes: 1 }
          : {};
    return [id, { ...node, parameters: { ...node.parameters, ...changed } }] as const;
  });
  return toFile({ ...drawn, nodes: new Map(nodes) });
}

export interface CandidateBench {
  readonly inputs: RunInputs;
  readonly compiler: ProgramRun;
  node(operator: string): string;
  template(operator: string): string;
  check(operator: string, text: string): CandidateReport;
}

export function candidateBench(inputs: RunInputs, mip: MipSolver): CandidateBench {
  const services = { mip, control: uncontrolled };
  const compiled = programRun(inputs, services);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const compiler = compiled.value;
  const node = (operator: string) => {
    const found = compiler.compiled.graph.operators.find(({ name }) => name === operator);
    if (!found) throw new Error(`no operator ${operator}`);
    return found.nodes[0]!;
  };
  return {
    inputs,
    compiler,
    node,
    template(operator) {
      const text = candidateTemplate(compiler, node(operator));
      if (!text.ok) throw new Error(text.error.message);
      return text.value;
    },
    check(operator, text) {
      const report = checkAgainst(compiler, { inputs, node: node(operator), text }, services);
      if (!report.ok) throw new Error(report.error.message);
      return report.value;
    },
  };
}

export function smallBench(mip: MipSolver, mode: ScheduleMode = 'stream', scratchpadBytes: number | null = 3000) {
  const scheduler = { ...DEFAULT_SETTINGS.scheduler, parameters: { mode } };
  const settings = { ...DEFAULT_SETTINGS, format: 'model', scratchpadBytes, scheduler } as const;
  return candidateBench({ model: twoConvolutions(), architecture: smallArray(), settings }, mip);
}

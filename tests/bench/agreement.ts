/**
 * Ours against SCALE-Sim, Timeloop and MAESTRO: figures equal and seconds; then whole compiles of every network of the reference
 * data. `npm run bench agreement [-- --write]`: into core/compile/README.md.
 */
import { globSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { runPasses } from '#core/compile/compile.ts';
import { mapKernels } from '#core/compile/map.ts';
import { fromFile, toFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { compiledRun, emittedRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { techniques } from '#core/technique/registry.ts';
import { importFile } from '../../main/files/import-file.ts';
import { count, seconds, spread, table, writeSection } from '../support/bench-report.ts';
import { type Distribution, machineLine, timed } from '../support/measure.ts';
import { isEqual, type Reference, references } from '../support/references.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const README = new URL('../../core/compile/README.md', import.meta.url);
const ARCHITECTURE = 'systolic-32x32';
const COMPILER = { passes: techniques.pass, units: techniques.unit };

const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** The more the shorter it takes. */
function repeated(work: () => void): Distribution {
  const begun = performance.now();
  work();
  const once = performance.now() - begun;
  return timed(work, once < 20 ? 25 : once < 2000 ? 5 : 1);
}

const AGREEMENT_HEAD = [
  'reference',
  'rows',
  'figures',
  'equal rows',
  'equal figures',
  'largest deviation',
  'our seconds, min / median / max',
  'theirs',
  'theirs ÷ ours',
];

function agreementRow({ tool, name, rows, work, theirSeconds }: Reference): readonly string[] {
  const figures = rows.flat();
  const wrong = figures.filter((one) => !isEqual(one));
  for (const { what, theirs, ours } of wrong) console.log(`${tool}, ${name}, ${what}: ${theirs}, not ${ours}`);
  const deviation = wrong.reduce((most, { theirs, ours }) => {
    return Math.max(
      most,
      Number.isNaN(ours) ? Number.POSITIVE_INFINITY : Math.abs(ours - theirs) / Math.abs(theirs || 1),
    );
  }, 0);
  const ours = repeated(work);
  const factor = theirSeconds === null ? null : (1000 * theirSeconds) / ours.median;
  return [
    `${tool}: ${name}`,
    count(rows.length),
    count(figures.length),
    count(rows.filter((row) => row.every(isEqual)).length),
    count(figures.length - wrong.length),
    deviation === 0 ? '0' : deviation.toExponential(1),
    spread(ours),
    theirSeconds === null
      ? '—'
      : theirSeconds < 0.005
        ? '< 0.01 s'
        : `${theirSeconds.toFixed(theirSeconds < 10 ? 2 : 0)} s`,
    factor === null || theirSeconds! < 0.005 ? '—' : count(Number(factor.toPrecision(2))),
  ];
}

const COMPILE_HEAD = [
  'network',
  'operators',
  'kernels',
  'commands',
  'lower, passes',
  'map',
  'to schedule',
  'schedule',
  'emit, verify',
  'compile without schedule',
  'with it',
];

const architecture = toFile(presetById(ARCHITECTURE)!.build('architecture'));
const { machine } = resolveMachine(fromFile(architecture));
if (!machine) throw new Error(`${ARCHITECTURE} is incomplete`);
const mip = await loadHighs();

/** Stages of one network in the order they run; milliseconds of each. */
function compileRow(title: string, path: string): readonly string[] {
  const failed = (why: string): readonly string[] => [title, why, ...COMPILE_HEAD.slice(2).map(() => '')];
  const imported = importFile(path, basename(path));
  if (!imported.ok) return failed(imported.error.message);
  const inputs = { model: toFile(imported.value.document), architecture, settings: DEFAULT_SETTINGS };
  const { graph } = buildModel(imported.value.document);
  if (!graph) return failed('the model is incomplete');
  const passed = runPasses(graph, COMPILER.passes);
  if (!passed.ok) return failed(passed.error.message);
  const made = compiledRun(inputs);
  if (!made.ok) return failed(made.error.message);
  const { request, target, problem } = made.value;
  const scheduled = () => scheduleAndVerify(request.scheduler, problem, { ...target, mip, control: uncontrolled });
  const answer = scheduled();
  if (!answer.ok) return failed(answer.error[0]!.message);
  const emitted = emittedRun(made.value, answer.value);
  if (!emitted.ok) return failed(emitted.error.message);

  const lower = repeated(() => runPasses(graph, COMPILER.passes));
  const map = repeated(() => mapKernels(passed.value, machine!, COMPILER.units, DEFAULT_SETTINGS));
  // Documents to graph and machine, compile, splitting.
  const front = repeated(() => compiledRun(inputs));
  const schedule = repeated(scheduled);
  const emit = repeated(() => emittedRun(made.value, answer.value));
  const without = front.median + emit.median;
  return [
    title,
    count(graph.operators.length),
    count(passed.value.operators.length),
    count(emitted.value.program.length),
    ...[lower, map, front, schedule, emit].map(spread),
    seconds(without / 1000),
    seconds((without + schedule.median) / 1000),
  ];
}

const found = references();
const folder = sharedPath('data/onnx');
const parts = [
  `\`npm run bench agreement -- --write\`; ${machineLine()}. Seconds: minimum / median / maximum after a warm-up, 25 runs below 20 ms, else 5, ` +
    '1 beyond 2 s. The machine is shared with other work. Theirs: processor seconds as the data folders state them, process ' +
    'start and reading included; Timeloop has none there. MAESTRO resolves 0.01 s. A figure is equal when integers are, percentages to 1e-9, and others ' +
    'in every digit printed.',
];
if (found.length === 0) parts.push(`Agreement: ${skippedWithoutShared}.`);
else {
  const rows = found.map((reference) => {
    const row = agreementRow(reference);
    console.log(row.join('  '));
    return row;
  });
  parts.push(table(AGREEMENT_HEAD, rows, 1));
}
if (folder === null) parts.push(`Compiles: ${skippedWithoutShared}.`);
else {
  const rows = globSync(`${folder}/*/*.onnx`)
    .sort()
    .map((path) => {
      const row = compileRow(relative(folder, path), path);
      console.log(row.join('  '));
      return row;
    });
  parts.push(
    `Whole compiles for \`${ARCHITECTURE}\`, default settings. _To schedule_ is everything before the schedule: documents to graph and machine, ` +
      'lowering, passes, mapping and splitting; _compile_ is that with emission and the verifier, medians.',
    table(COMPILE_HEAD, rows, 1),
  );
}

if (flags.write) writeSection(README, 'bench', parts.join('\n\n'));

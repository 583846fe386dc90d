/** `weft candidate`: the compiler's lowering of an operator as a text to begin from, and the check of such a text. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { LONGEST_CANDIDATE } from '#core/candidate/candidate.ts';
import { checkAgainst } from '#core/candidate/check.ts';
import type { CandidateComparison, CandidateReport } from '#core/candidate/report.ts';
import { candidateTemplate } from '#core/candidate/template.ts';
import { toFile } from '#core/document/document.ts';
import { type ProgramRun, programRun } from '#core/run/program-run.ts';
import { DEFAULT_SEED, LARGEST_SEED, RUN_FORMATS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import {
  bytesOption,
  type Command,
  choiceOption,
  DONE,
  FAILED,
  type Io,
  integerOption,
  printProblems,
  required,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { SOLVER_OPTIONS, schedulerOf } from './scheduling.ts';

export const candidateCommand: Command = {
  name: 'candidate',
  positionals: ['MODEL'],
  summary: "Checks a lowering of one operator that is given as text, or prints the compiler's own as such a text.",
  details: `A candidate is the commands of one operator: loads of blocks of its operands into buffers, executes of tiles, stores of
blocks of its results. --template prints the compiler's own to begin from; --file checks a text: by order (buffers, hazards,
every tile once, every result stored), then played on random and edge-case numbers against plain execution, then by time,
the operator alone and the whole run, beside the compiler's. With --json the report: {isAccepted, failedAt: text | order |
values | schedule | null, problems, commands, mapping, values: {played, of, firstWrong: {case, tensor, index, expected, got,
line, command}}, alone, run: {candidate: {cycles, offChipBytes, commands}, compiler: {…}, speedup}}. Exit code 0 when accepted.`,
  options: {
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture document or a project; unless given, the one in the project.',
    },
    operator: { type: 'string', value: 'NAME', help: 'Its name, or a document node of it.' },
    template: { type: 'boolean', help: "Prints the compiler's own lowering." },
    file: { type: 'string', value: 'T.txt', help: 'The candidate to check.' },
    out: { type: 'string', value: 'FILE', help: 'Where the template goes; stdout unless given.' },
    scratchpad: { type: 'string', value: 'BYTES', help: 'Scratchpad capacity instead of the drawn one.' },
    mode: { type: 'string', value: 'MODE', help: 'strict, strict+weights or stream.' },
    format: {
      type: 'string',
      value: 'FORMAT',
      help: 'model (the default): as in the file; or int8, int16, fp16, fp32.',
    },
    ...SOLVER_OPTIONS,
    seed: { type: 'string', value: 'N', help: 'Of the first random numbers; 1 unless given.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const operator = required(textOption(options, 'operator'), 'operator');
    const file = textOption(options, 'file');
    if ((file === undefined) === (options.template !== true))
      throw new UsageError('one of --template and --file is needed');
    const { scheduler, set } = schedulerOf(options);
    const mode = choiceOption(options, 'mode', SCHEDULE_MODES);
    const format = choiceOption(options, 'format', RUN_FORMATS) ?? 'model';
    const scratchpadBytes = bytesOption(options, 'scratchpad', 1) ?? null;
    const seed = integerOption(options, 'seed', 0) ?? DEFAULT_SEED;
    if (seed > LARGEST_SEED) throw new UsageError(`--seed is at most ${LARGEST_SEED}`);
    const loaded = loadModel(source, choicesOf(options));
    if (!loaded.ok) return failed(loaded.error);
    const named = textOption(options, 'architecture');
    if (named === undefined && loaded.value.architecture === null)
      throw new UsageError('--architecture is needed: a preset, a document or a project');
    const architecture = named === undefined ? ok(loaded.value.architecture!) : loadArchitecture(named);
    if (!architecture.ok) return failed(architecture.error);

    const inputs = {
      model: toFile(loaded.value.model),
      architecture: toFile(architecture.value),
      settings: {
        format,
        scratchpadBytes,
        objective: 'cycles',
        seed,
        scheduler: { id: scheduler.manifest.id, parameters: { ...set, ...(mode !== undefined && { mode }) } },
      },
    } as const;
    const services = { mip: await loadHighs(), control: uncontrolled };
    const compiler = programRun(inputs, services);
    if (!compiler.ok) return failed(compiler.error);
    const node = nodeOf(compiler.value, operator);
    if (!node.ok) return failed(node.error);
    if (file === undefined) {
      const text = candidateTemplate(compiler.value, node.value);
      if (!text.ok) return failed(text.error);
      const out = textOption(options, 'out');
      if (out === undefined) {
        io.out(text.value.trimEnd());
        return DONE;
      }
      const written = writeFileAtomic(out, new TextEncoder().encode(text.value));
      if (!written.ok) return failed(written.error);
      io.err(`${out}: ${text.value.length} characters`);
      return DONE;
    }
    const text = candidateFile(file);
    if (!text.ok) return failed(text.error);
    const report = checkAgainst(compiler.value, { inputs, node: node.value, text: text.value }, services);
    if (!report.ok) return failed(report.error);
    if (options.json) io.out(JSON.stringify(report.value));
    else {
      printProblems(report.value.problems, io);
      say(report.value, io);
    }
    return report.value.isAccepted ? DONE : FAILED;

    function failed(found: Problem): number {
      printProblems([found], io);
      if (options.json) io.out(JSON.stringify({ isAccepted: false, problems: [found] }));
      return FAILED;
    }
  },
};

/** By name, or by node where no operator is called so. */
function nodeOf({ compiled: { graph } }: ProgramRun, wanted: string): Result<string, Problem> {
  const { operators } = graph;
  const [found, second] = operators.filter(({ name }) => name === wanted);
  const chosen = found && !second ? found : operators.find(({ nodes }) => nodes.includes(wanted));
  if (chosen) return ok(chosen.nodes[0]!);
  if (second)
    return err(problem('candidate.no-operator', `Several operators are called ${wanted}: name one by its node`));
  const near = operators.map(({ name }) => name);
  const shown = `${near.slice(0, 12).join(', ')}${near.length > 12 ? ` and ${near.length - 12} more` : ''}`;
  return err(problem('candidate.no-operator', `There is no operator ${wanted}. After fusion there are ${shown}`));
}

function candidateFile(file: string): Result<string, Problem> {
  if (!existsSync(file)) return err(problem('file.missing', `There is no file ${file}`, { where: { file } }));
  try {
    const { size } = statSync(file);
    if (size > 4 * LONGEST_CANDIDATE)
      return err(problem('candidate.budget', `${file} has ${size} bytes`, { where: { file }, facts: { size } }));
    return ok(readFileSync(file, 'utf8'));
  } catch (cause) {
    return err(fileProblem('file.unreadable', `${file} cannot be read`, file, cause));
  }
}

function say(report: CandidateReport, io: Io): void {
  const { operator, commands, mapping, values, alone, run, isAccepted, failedAt } = report;
  io.out(`${operator}: ${isAccepted ? 'accepted' : `refused (${failedAt})`}, ${formatExact(commands, '1')} commands`);
  if (mapping) io.out(`  ${mapping}`);
  if (values) {
    const right = values.played.filter(({ isRight }) => isRight).length;
    io.out(`  values right in ${right} of ${values.played.length} cases played (${values.of} there are)`);
    const wrong = values.firstWrong;
    if (wrong)
      io.out(
        `  first wrong (${wrong.case}): element ${wrong.index} of ${wrong.tensor} is ${wrong.got}, not ${wrong.expected}; ${wrong.line === null ? 'nothing stored it' : `line ${wrong.line}: ${wrong.command}`}`,
      );
  }
  if (alone) io.out(`  alone: ${comparisonText(alone)}`);
  if (run) io.out(`  whole run: ${comparisonText(run)}`);
}

function comparisonText({ candidate, compiler, speedup }: CandidateComparison): string {
  const percent = (100 * (compiler.cycles - candidate.cycles)) / compiler.cycles;
  const difference =
    speedup === 1 ? 'as fast' : `${Math.abs(percent).toFixed(1)} % ${speedup > 1 ? 'fewer' : 'more'} cycles`;
  return `${formatExact(candidate.cycles, '1')} cycles, ${formatExact(candidate.offChipBytes, 'B')} off chip; the compiler's ${formatExact(compiler.cycles, '1')} and ${formatExact(compiler.offChipBytes, 'B')}: ${difference}`;
}

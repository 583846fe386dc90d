/** `weft compile`: a model as a program, ours or another tool's. */
import { readFileSync } from 'node:fs';
import { uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { programNames } from '#core/compile/program-names.ts';
import { type Document, toFile } from '#core/document/document.ts';
import { programText } from '#core/program/text.ts';
import { programRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS, RUN_FORMATS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { type Exported, type Exporter, type ExportInput, exportWith, fileStem } from '#core/technique/exporter.ts';
import { techniques } from '#core/technique/registry.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import {
  bytesOption,
  type Command,
  choiceOption,
  DONE,
  FAILED,
  type Option,
  type OptionValues,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { SOLVER_OPTIONS, schedulerOf } from './scheduling.ts';

const exporters: readonly Exporter[] = techniques.exporter;
const slugOf = ({ manifest }: Exporter): string => manifest.id.slice(manifest.id.indexOf('/') + 1);
const EMITTED = ['text', ...exporters.map(slugOf)];
const INPUTS: readonly { readonly exporter: Exporter; readonly input: ExportInput; readonly option: string }[] =
  exporters.flatMap((exporter) => exporter.inputs.map((input) => ({ exporter, input, option: optionOf(input) })));

export const compileCommand: Command = {
  name: 'compile',
  positionals: ['MODEL'],
  summary: 'Writes the program of a model on an architecture, or the model in the form of another tool.',
  details: `--emit text compiles, schedules and verifies, and writes the command stream as text; it needs an architecture. The other
forms are written from the drawing: gemmini (C with the macros of gemmini.h), onnx (shapes only) and those of other
exporters. What a form cannot say is told on stderr. Without --out a text goes to stdout. With --json: {emit, name, bytes,
file, problems}; file is null without --out.`,
  options: {
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture of any form that can be imported, or a project.',
    },
    emit: { type: 'string', value: 'FORM', help: `${EMITTED.join(', ')}; text unless given.` },
    out: { type: 'string', value: 'FILE', help: 'Where it goes.' },
    ...Object.fromEntries(
      INPUTS.map(({ exporter, input, option }): [string, Option] => [
        option,
        {
          type: 'string',
          value: 'FILE',
          help: `${input.role} (${slugOf(exporter)}${input.isRequired ? ', needed' : ''}): ${input.note}`,
        },
      ]),
    ),
    spm: { type: 'string', value: 'BYTES', help: 'Scratchpad capacity instead of the drawn one (text).' },
    mode: { type: 'string', value: 'MODE', help: 'strict, strict+weights or stream, the default (text).' },
    format: { type: 'string', value: 'FORMAT', help: `${RUN_FORMATS.join(', ')}; int8 unless given (text).` },
    ...SOLVER_OPTIONS,
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const emit = choiceOption(options, 'emit', EMITTED) ?? 'text';
    const out = textOption(options, 'out');
    const loaded = loadModel(source, choicesOf(options));
    if (!loaded.ok) return failed([loaded.error]);
    const named = textOption(options, 'architecture');
    const architecture = named === undefined ? ok(loaded.value.architecture) : loadArchitecture(named);
    if (!architecture.ok) return failed([architecture.error]);
    const files = filesFor(emit, options);
    if (!files.ok) return failed([files.error]);
    const { model } = loaded.value;
    const request = { model, architecture: architecture.value, parameters: {}, files: files.value };
    const exporter = exporters.find((each) => slugOf(each) === emit);
    const made = exporter ? exportWith(exporter, request) : await program(model, architecture.value, options);
    if (!made.ok) return failed([...loaded.value.problems, made.error]);
    const { name, bytes, mediaType, problems } = made.value;
    const told = [...loaded.value.problems, ...problems];
    if (out !== undefined) {
      const written = writeFileAtomic(out, bytes);
      if (!written.ok) return failed([written.error]);
    }
    printProblems(told, io);
    if (options.json) io.out(JSON.stringify({ emit, name, bytes: bytes.length, file: out ?? null, problems: told }));
    else if (out !== undefined) io.out(`${out}: ${bytes.length} bytes`);
    else if (mediaType.startsWith('text/')) io.out(new TextDecoder().decode(bytes).trimEnd());
    else throw new UsageError(`--out is needed: ${emit} is no text`);
    return DONE;

    function failed(problems: readonly Problem[]): number {
      printProblems(problems, io);
      if (options.json) io.out(JSON.stringify({ problems }));
      return FAILED;
    }
  },
};

/** The command stream, after its verifier, as text. */
async function program(
  model: Document,
  architecture: Document | null,
  options: OptionValues,
): Promise<Result<Exported, Problem>> {
  if (!architecture) throw new UsageError('--architecture is needed: a preset, a document or a project');
  const { scheduler, set } = schedulerOf(options);
  const mode = choiceOption(options, 'mode', SCHEDULE_MODES);
  const ran = programRun(
    {
      model: toFile(model),
      architecture: toFile(architecture),
      settings: {
        ...DEFAULT_SETTINGS,
        format: choiceOption(options, 'format', RUN_FORMATS) ?? DEFAULT_SETTINGS.format,
        scratchpadBytes: bytesOption(options, 'spm', 1) ?? null,
        scheduler: { id: scheduler.manifest.id, parameters: { ...set, ...(mode !== undefined && { mode }) } },
      },
    },
    { mip: await loadHighs(), control: uncontrolled },
  );
  if (!ran.ok) return ran;
  const { program: commands, compiled, pieces } = ran.value;
  const text = programText(commands, programNames(commands, compiled.graph, pieces, compiled.mapped));
  const name = `${fileStem(model.title)}.program.txt`;
  return ok({ name, mediaType: 'text/plain', bytes: new TextEncoder().encode(text), problems: [] });
}

/** Texts of the files given for this form, by role. */
function filesFor(emit: string, options: OptionValues): Result<Readonly<Record<string, string>>, Problem> {
  const files: Record<string, string> = {};
  for (const { exporter, input, option } of INPUTS) {
    const file = textOption(options, option);
    if (file === undefined) continue;
    if (slugOf(exporter) !== emit)
      throw new UsageError(`--${option} is read by --emit ${slugOf(exporter)}, not by ${emit}`);
    try {
      files[input.role] = readFileSync(file, 'utf8');
    } catch (cause) {
      return err(fileProblem('file.unreadable', `${file} cannot be read`, file, cause));
    }
  }
  return ok(files);
}

/** `gemmini_params.h` → `gemmini-params`. */
function optionOf({ role }: ExportInput): string {
  return role.replace(/\.\w+$/, '').replaceAll('_', '-');
}

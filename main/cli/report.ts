import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { chosenSections, type Report } from '#core/report/blocks.ts';
import { buildReport } from '#core/report/build.ts';
import { buildComparison } from '#core/report/comparison.ts';
import { toHtml } from '#core/report/html.ts';
import { toMarkdown } from '#core/report/markdown.ts';
import { parseRun } from '#core/report/parse.ts';
import { REPORT_FORMATS, type Rendered, type ReportFormat, renderRun } from '#core/report/render.ts';
import { buildSimulationReport } from '#core/report/simulation/build.ts';
import { isSimulationFile, parseSimulation } from '#core/report/simulation/parse.ts';
import { renderSimulationRun } from '#core/report/simulation/render.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import { renderedBytes } from '../files/rendered.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, choiceOption, DONE, FAILED, type Io, printProblems, textOption, UsageError } from './command.ts';

const FORMATS = [...REPORT_FORMATS, 'pdf'] as const;
type Format = (typeof FORMATS)[number];
const COMPARED: readonly Format[] = ['html', 'markdown', 'pdf'];

export const reportCommand: Command = {
  name: 'report',
  positionals: ['RUN.json'],
  summary: 'Writes the report of a run or a simulation, or compares two runs.',
  details: `RUN.json is what a run or an export left; a simulation is simulated again from what is frozen in it.
html: a self-contained page; markdown: report.md and its figures; pdf: the page, printed by an installed Chromium; json:
the run itself, checked; csv: the table of operators or tasks; tables: every table as CSV; schedule: order, residency and
addresses; perfetto: a trace for ui.perfetto.dev. markdown and tables are several files: --out names a folder, or an
archive where it ends in .zip. Without --out the text goes to stdout (not pdf; of markdown report.md; not tables).
With --with the report is of both runs, the second against the first: html, markdown or pdf.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: `${REPORT_FORMATS.join(', ')} or pdf; html unless given.` },
    sections: { type: 'string', value: 'a,b,c', help: 'Sections of the report, in their order; all unless given.' },
    'list-sections': { type: 'boolean', help: 'Prints the sections there are.' },
    with: { type: 'string', value: 'RUN.json', help: 'The run to compare with the first.' },
    out: { type: 'string', value: 'PATH', help: 'File or folder to write; files are replaced whole.' },
  },
  async run([file = ''], options, io) {
    const format = choiceOption(options, 'format', FORMATS) ?? 'html';
    const out = textOption(options, 'out');
    if (format === 'pdf' && out === undefined) throw new UsageError('--format pdf needs --out FILE');
    if (format === 'tables' && out === undefined)
      throw new UsageError('--format tables needs --out FOLDER or FILE.zip');
    const other = textOption(options, 'with');
    if (other !== undefined && !COMPARED.includes(format))
      throw new UsageError('--with takes the formats html, markdown and pdf');
    const sections = textOption(options, 'sections')?.split(',') ?? null;
    const loaded = await Promise.all([file, ...(other === undefined ? [] : [other])].map(load));
    const fault = loaded.find((one) => !one.ok);
    if (fault && !fault.ok) {
      printProblems([fault.error], io);
      return FAILED;
    }
    const [first, second] = loaded.flatMap((one) => (one.ok ? [one.value] : []));
    const report = reportOf(first!, second ?? null);
    if (!report.ok) {
      printProblems([report.error], io);
      return FAILED;
    }
    const known = report.value.sections.map(({ id }) => id);
    if (options['list-sections']) {
      for (const { id, title } of report.value.sections) io.out(`${id.padEnd(14)} ${title}`);
      return DONE;
    }
    const unknown = sections?.find((id) => !known.includes(id));
    if (unknown !== undefined) throw new UsageError(`--sections takes ${known.join(', ')}, not '${unknown}'`);
    const chosen = chosenSections(report.value, sections);
    if (format === 'pdf') return writePdf(toHtml(chosen), out!, io);
    const rendered = second ? ok(renderedComparison(chosen, format)) : renderOne(first!, format, sections);
    if (!rendered.ok) {
      printProblems([rendered.error], io);
      return FAILED;
    }
    return write(rendered.value, out, io);
  },
};

type Loaded = RunResult | SimulationResult;

async function load(file: string): Promise<Result<Loaded, Problem>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(fileProblem('file.unreadable', `${file} cannot be read`, file, cause));
  }
  const found = isSimulationFile(text) ? await simulatedAgain(text) : parseRun(text);
  return found.ok ? found : err({ ...found.error, where: { ...found.error.where, file } });
}

async function simulatedAgain(text: string): Promise<Result<SimulationResult, Problem>> {
  const inputs = parseSimulation(text);
  if (!inputs.ok) return inputs;
  return simulationRun(inputs.value, { mip: await loadHighs(), control: uncontrolled, appVersion: APP_VERSION });
}

const isRun = (loaded: Loaded): loaded is RunResult => loaded.format === 'weft-run/1';

function reportOf(first: Loaded, second: Loaded | null): Result<Report, Problem> {
  if (second === null) return ok(isRun(first) ? buildReport(first) : buildSimulationReport(first));
  if (!isRun(first) || !isRun(second))
    return err(problem('report.kinds', 'Only runs of programs are compared in a report; one of these is a simulation'));
  return ok(buildComparison(first, second));
}

function renderedComparison(report: Report, format: Format): Rendered {
  return format === 'markdown' ? { kind: 'files', files: toMarkdown(report) } : { kind: 'text', text: toHtml(report) };
}

function renderOne(
  loaded: Loaded,
  format: ReportFormat,
  sections: readonly string[] | null,
): Result<Rendered, Problem> {
  if (isRun(loaded)) return ok(renderRun(loaded, format, { sections }).rendered);
  if (format === 'schedule') return err(problem('export.no-schedule', 'A simulation has no schedule of a scratchpad'));
  return ok(renderSimulationRun(loaded, format, { sections }).rendered);
}

async function writePdf(html: string, out: string, io: Io): Promise<number> {
  const { printPdf } = await import('../window/print-pdf.ts');
  const printed = await printPdf(html);
  const written = printed.ok ? writeFileAtomic(out, printed.value) : printed;
  if (!written.ok) printProblems([written.error], io);
  return written.ok ? DONE : FAILED;
}

/** A file whole, an archive, or a folder of files; what others refer to comes last. */
function write(rendered: Rendered, out: string | undefined, io: Io): number {
  if (out === undefined) {
    if (rendered.kind === 'files') io.out(rendered.files[0]?.text ?? '');
    else for (const piece of renderedBytes(rendered)) io.out(String(piece));
    return DONE;
  }
  const isFolder = rendered.kind === 'files' && extname(out).toLowerCase() !== '.zip';
  const written = isFolder
    ? rendered.files.toReversed().map(({ name, text }) => writeFileAtomic(join(out, name), text))
    : [writeFileAtomic(out, renderedBytes(rendered))];
  const faults = written.flatMap((one) => (one.ok ? [] : [one.error]));
  printProblems(faults, io);
  return faults.length === 0 ? DONE : FAILED;
}

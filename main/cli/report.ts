import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { chosenSections, type Report } from '#core/report/blocks.ts';
import { buildReport } from '#core/report/build.ts';
import { buildComparison } from '#core/report/comparison.ts';
import { toHtml } from '#core/report/html.ts';
import { parseRun } from '#core/report/parse.ts';
import { REPORT_FORMATS, type Rendered, type RenderedRun, type ReportFormat, renderRun } from '#core/report/render.ts';
import { DERIVED_FORMATS, type DerivedFormat, renderComparison, renderStudy } from '#core/report/render-derived.ts';
import { buildSimulationReport } from '#core/report/simulation/build.ts';
import { isSimulationFile, parseSimulation } from '#core/report/simulation/parse.ts';
import { renderSimulationRun } from '#core/report/simulation/render.ts';
import { buildStudyReport, type StudyInputs } from '#core/report/study.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { renderedBytes } from '../files/rendered.ts';
import { studyInputs } from '../reports.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, choiceOption, DONE, FAILED, type Io, printProblems, textOption, UsageError } from './command.ts';

const FORMATS = [...REPORT_FORMATS, 'pdf'] as const;
type Format = (typeof FORMATS)[number];
const DERIVED: readonly Format[] = [...DERIVED_FORMATS, 'pdf'];

export const reportCommand: Command = {
  name: 'report',
  positionals: ['FILE'],
  summary: 'Writes the report of a run, a simulation or a study, or compares two runs.',
  details: `FILE is what a run or an export left; a simulation is simulated again from what is frozen in it.
html: a self-contained page; markdown: report.md and its figures; pdf: the page, printed by an installed Chromium; json:
the run itself, checked; csv: the table of operators or tasks; tables: every table as CSV; schedule: order, residency and
addresses; perfetto: a trace for ui.perfetto.dev. markdown and tables are several files: --out names a folder, or an
archive where it ends in .zip. Without --out the text goes to stdout (not pdf; of markdown report.md; not tables).
With --with the report is of both runs, the second against the first: html, markdown, pdf, or csv with a row an operator.
With --study FILE is a project, and the report of the study of that number or title: the same, csv with a row a point.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: `${REPORT_FORMATS.join(', ')} or pdf; html unless given.` },
    sections: { type: 'string', value: 'a,b,c', help: 'Sections of the report, in their order; all unless given.' },
    'list-sections': { type: 'boolean', help: 'Prints the sections there are.' },
    with: { type: 'string', value: 'RUN.json', help: 'The run to compare with the first.' },
    study: { type: 'string', value: 'STUDY', help: 'The study of the project, by number or title.' },
    out: { type: 'string', value: 'PATH', help: 'File or folder to write; files are replaced whole.' },
  },
  async run([file = ''], options, io) {
    const format = choiceOption(options, 'format', FORMATS) ?? 'html';
    const out = textOption(options, 'out');
    if (format === 'pdf' && out === undefined) throw new UsageError('--format pdf needs --out FILE');
    if (format === 'tables' && out === undefined)
      throw new UsageError('--format tables needs --out FOLDER or FILE.zip');
    const other = textOption(options, 'with');
    const study = textOption(options, 'study');
    if (study !== undefined && other !== undefined) throw new UsageError('--study and --with do not go together');
    if ((study !== undefined || other !== undefined) && !DERIVED.includes(format))
      throw new UsageError(`--${study === undefined ? 'with' : 'study'} takes the formats ${DERIVED.join(', ')}`);
    const sections = textOption(options, 'sections')?.split(',') ?? null;
    if (study !== undefined) {
      const inputs = studyOf(file, study);
      return inputs.ok
        ? derived(buildStudyReport(inputs.value), (as) => renderStudy(inputs.value, as, { sections }))
        : failed(inputs.error);
    }
    const loaded = await Promise.all([file, ...(other === undefined ? [] : [other])].map(load));
    const fault = loaded.find((one) => !one.ok);
    if (fault && !fault.ok) return failed(fault.error);
    const [first, second] = loaded.flatMap((one) => (one.ok ? [one.value] : []));
    if (second) {
      if (!isRun(first!) || !isRun(second)) return failed(noComparison());
      const [a, b] = [first, second];
      return derived(buildComparison(a, b), (as) => renderComparison(a, b, as, { sections }));
    }
    const report = isRun(first!) ? buildReport(first) : buildSimulationReport(first!);
    if (listed(report)) return DONE;
    if (format === 'pdf') return writePdf(toHtml(chosenSections(report, sections)), out!, io);
    const rendered = renderOne(first!, format, sections);
    return rendered.ok ? write(rendered.value, out, io) : failed(rendered.error);

    function failed(cause: Problem): number {
      printProblems([cause], io);
      return FAILED;
    }
    /** Prints the sections where that was asked for; refuses those that are not there. */
    function listed(report: Report): boolean {
      const known = report.sections.map(({ id }) => id);
      if (options['list-sections']) {
        for (const { id, title } of report.sections) io.out(`${id.padEnd(14)} ${title}`);
        return true;
      }
      const unknown = sections?.find((id) => !known.includes(id));
      if (unknown !== undefined) throw new UsageError(`--sections takes ${known.join(', ')}, not '${unknown}'`);
      return false;
    }
    function derived(report: Report, render: (as: DerivedFormat) => RenderedRun): number | Promise<number> {
      if (listed(report)) return DONE;
      const as = DERIVED_FORMATS.find((each) => each === format);
      if (!as) return writePdf(toHtml(chosenSections(report, sections)), out!, io);
      return write(render(as).rendered, out, io);
    }
  },
};

function studyOf(file: string, name: string): Result<StudyInputs, Problem> {
  if (!existsSync(file)) return err(problem('file.missing', `There is no file ${file}`, { where: { file } }));
  if (extname(file).toLowerCase() !== PROJECT_EXTENSION)
    throw new UsageError(`--study is of a project (${PROJECT_EXTENSION})`);
  const project = openProject(file);
  if (!project.ok) return project;
  try {
    const studies = project.value.studies.list();
    const found =
      studies.find(({ number }) => String(number) === name) ?? studies.find(({ spec }) => spec.title === name);
    if (found) return studyInputs(project.value, found.id, APP_VERSION);
    const known = studies.map(({ number, spec }) => `${number} ${spec.title}`).join(', ');
    return err(
      problem('study.missing', `${file} has no study '${name}', but: ${known || 'none'}`, { where: { file } }),
    );
  } finally {
    project.value.close();
  }
}

function noComparison(): Problem {
  return problem('report.kinds', 'Only runs of programs are compared in a report; one of these is a simulation');
}

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

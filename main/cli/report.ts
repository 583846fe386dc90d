import { REPORT_FORMATS, renderReport } from '#core/report/render.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import { type Command, choiceOption, DONE, FAILED, printProblems, textOption, UsageError } from './command.ts';
import { loadRun } from './inputs.ts';

export const reportCommand: Command = {
  name: 'report',
  positionals: ['RUN.json'],
  summary: 'Writes the report of a run.',
  details: `RUN.json is what a run or an export left. html: a self-contained page; csv: the table of operators; json: the run
itself, checked; schedule: order, residency and addresses; pdf: the page, printed by an installed Chromium.
Without --out the text goes to stdout (not pdf).`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: `${REPORT_FORMATS.join(', ')} or pdf; html unless given.` },
    out: { type: 'string', value: 'FILE', help: 'File to write; replaced whole.' },
  },
  async run([file = ''], options, io) {
    const format = choiceOption(options, 'format', [...REPORT_FORMATS, 'pdf'] as const) ?? 'html';
    const out = textOption(options, 'out');
    if (format === 'pdf' && out === undefined) throw new UsageError('--format pdf needs --out FILE');
    const run = loadRun(file);
    if (!run.ok) {
      printProblems([run.error], io);
      return FAILED;
    }
    let content: string | Uint8Array = '';
    if (format === 'pdf') {
      const { printPdf } = await import('../window/print-pdf.ts');
      const printed = await printPdf(renderReport(run.value, 'html'));
      if (!printed.ok) {
        printProblems([printed.error], io);
        return FAILED;
      }
      content = printed.value;
    } else content = renderReport(run.value, format);
    if (out === undefined) {
      io.out(String(content));
      return DONE;
    }
    const written = writeFileAtomic(out, content);
    if (!written.ok) printProblems([written.error], io);
    return written.ok ? DONE : FAILED;
  },
};

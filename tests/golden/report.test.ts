// @vitest-environment happy-dom
/** P-23: every number of a report equals the stored one; the JSON comes back as the same run. */
import { describe, expect, it } from 'vitest';
import { formatExact } from '#core/base/quantity.ts';
import { REPLAY_COMMAND } from '#core/report/appendix.ts';
import { csvCell } from '#core/report/escape.ts';
import { parseRun } from '#core/report/parse.ts';
import { REPORT_FORMATS, renderReport } from '#core/report/render.ts';
import { reductions, verdictOf } from '#core/report/verdict.ts';
import { fixtureRun } from '../support/run-fixture.ts';

function page(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

/** RFC 4180, written for the test. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isQuoted) {
      if (character === '"' && text[at + 1] === '"') cell += text[++at]!;
      else if (character === '"') isQuoted = false;
      else cell += character;
    } else if (character === '"') isQuoted = true;
    else if (character === ',' || character === '\n') {
      rows.at(-1)!.push(cell.replace(/\r$/, ''));
      cell = '';
      if (character === '\n') rows.push([]);
    } else cell += character;
  }
  return rows.filter((row) => row.length > 0);
}

describe('report equals data', () => {
  const run = fixtureRun();

  it('shows every total and every figure of every operator with its stored value', () => {
    const document = page(renderReport(run, 'html'));
    const totals = [...document.querySelectorAll('.metric .figure data')].map((one) =>
      Number(one.getAttribute('value')),
    );
    expect(totals).toEqual(run.totals.map((metric) => metric.value));
    const rows = [...document.querySelectorAll('.landscape tbody tr')];
    expect(rows).toHaveLength(run.operators.length);
    rows.forEach((row, at) => {
      const operator = run.operators[at]!;
      const values = [...row.querySelectorAll('data')].map((one) => Number(one.getAttribute('value')));
      expect(values).toEqual([operator.index + 1, ...run.columns.map((column) => operator[column.id])]);
      expect(row.textContent).toContain(operator.name);
    });
  });

  it('gives the exact value on hover', () => {
    const document = page(renderReport(run, 'html'));
    const figures = [...document.querySelectorAll('.metric .figure data')];
    expect(figures.map((one) => one.getAttribute('title'))).toEqual(
      run.totals.map((metric) => formatExact(metric.value, metric.unit)),
    );
  });

  it('explains every total: formula, inputs, source, technique', () => {
    const details = [...page(renderReport(run, 'html')).querySelectorAll('.metric details')];
    run.totals.forEach((metric, at) => {
      const text = details[at]?.textContent ?? '';
      expect(text).toContain(metric.provenance.formula);
      expect(text).toContain(metric.provenance.source);
      expect(text).toContain(`${metric.provenance.technique.id} ${metric.provenance.technique.version}`);
      for (const input of metric.provenance.inputs) expect(text).toContain(input.name);
    });
  });

  it('writes every figure to the CSV with every digit', () => {
    const [header, ...rows] = parseCsv(renderReport(run, 'csv'));
    expect(header?.slice(6)).toHaveLength(run.columns.length);
    expect(rows).toHaveLength(run.operators.length);
    rows.forEach((row, at) => {
      const operator = run.operators[at]!;
      expect(row[1]).toBe(operator.name);
      expect(row.slice(6).map(Number)).toEqual(run.columns.map((column) => operator[column.id]));
    });
  });

  it('has title block, both graphs, timeline, memory map, proof, findings and appendix', () => {
    const document = page(renderReport(run, 'html'));
    const headings = [...document.querySelectorAll('h2')].map((heading) => heading.id);
    expect(headings).toEqual(['model', 'where', 'timeline', 'schedule', 'memory', 'findings', 'operators', 'appendix']);
    expect(document.querySelectorAll('figure svg[role="img"][aria-label]')).toHaveLength(8);
    expect(document.body.textContent).toContain(run.key);
    expect(document.body.textContent).toContain(run.schedule.answer.proof);
    for (const technique of run.techniques) expect(document.body.textContent).toContain(technique.id);
    expect(document.querySelector('pre')?.textContent).toBe(REPLAY_COMMAND);
  });

  it('gives equal bytes for equal runs in every format', () => {
    for (const format of REPORT_FORMATS) expect(renderReport(fixtureRun(), format)).toBe(renderReport(run, format));
  });
});

describe('JSON', () => {
  it('comes back as the same run', () => {
    const parsed = parseRun(renderReport(fixtureRun({ blocks: 9 }), 'json'));
    expect(parsed).toEqual({ ok: true, value: fixtureRun({ blocks: 9 }) });
  });

  it('writes the schedule in the exchange format: the answer', () => {
    const run = fixtureRun();
    expect(JSON.parse(renderReport(run, 'schedule'))).toEqual(run.schedule.answer);
  });
});

describe('verdict', () => {
  const { answer } = fixtureRun().schedule;

  it('never claims more than is proven', () => {
    expect(verdictOf(answer).badge).toBe('proven optimal');
    expect(verdictOf({ ...answer, optimal: false, objective: 1000, bound: 969 }).badge).toBe('within 3.1 % of optimal');
    expect(verdictOf({ ...answer, optimal: false, objective: 1000, bound: 968.9 }).badge).toBe(
      'within 3.2 % of optimal',
    );
    expect(verdictOf({ ...answer, optimal: false, objective: 1000, bound: 0 }).badge).toBe('heuristic');
  });

  it('measures the reduction against each baseline', () => {
    const saved = reductions({ ...answer, objective: 25, baselines: { noReuse: 100, idle: 0 } });
    expect(saved.map(({ id, saved: share }) => [id, share])).toEqual([
      ['noReuse', 0.75],
      ['idle', null],
    ]);
  });
});

describe('CSV cells', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+x', "'+x"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
  ])('%j becomes %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('leaves numbers alone', () => {
    expect(csvCell(-3.5)).toBe('-3.5');
  });
});

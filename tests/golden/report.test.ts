// @vitest-environment happy-dom
/** P-23: every number of a report equals the stored one; the JSON comes back as the same run. */
import { describe, expect, it } from 'vitest';
import { formatExact } from '#core/base/quantity.ts';
import { figureText } from '#core/energy/figure.ts';
import { replayCommand } from '#core/report/appendix.ts';
import { csvCell } from '#core/report/escape.ts';
import { parseRun } from '#core/report/parse.ts';
import { REPORT_FORMATS, renderReport, renderRun } from '#core/report/render.ts';
import { reductions, verdictOf } from '#core/report/verdict.ts';
import { failedCertificate } from '../support/run-accounts.ts';
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

describe('P-23 a program report equals data', () => {
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
    const models = run.arrayModels!;
    expect(header?.slice(6 + run.columns.length)).toEqual([
      ...models.map(({ id }) => `${id} [cycles]`),
      ...run.energy!.levels.map(({ id }) => `energy.${id} [J]`),
    ]);
    expect(rows).toHaveLength(run.operators.length);
    rows.forEach((row, at) => {
      const operator = run.operators[at]!;
      expect(row[1]).toBe(operator.name);
      const [figures, rest] = [row.slice(6, 6 + run.columns.length), row.slice(6 + run.columns.length)];
      expect(figures.map(Number)).toEqual(run.columns.map((column) => operator[column.id]));
      const cycles = models.map((model) => model.operators.find((each) => each.operator === at)?.estimate.cycles);
      expect(rest.slice(0, models.length)).toEqual(cycles.map((each) => String(each ?? '')));
      expect(rest.slice(models.length).map(Number)).toEqual(run.energy!.operators[at]);
    });
  });

  /** Stored values of the rows of the table with this caption. */
  function tableOf(caption: RegExp, of = run): { readonly values: number[][]; readonly texts: string[] } {
    const tables = [...page(renderReport(of, 'html')).querySelectorAll('table')];
    const table = tables.find((one) => caption.test(one.querySelector('caption')?.textContent ?? ''));
    const rows = [...table!.querySelectorAll('tbody tr')];
    return {
      values: rows.map((row) => [...row.querySelectorAll('data')].map((one) => Number(one.getAttribute('value')))),
      texts: rows.map((row) => row.textContent ?? ''),
    };
  }

  it('shows the certificate, output by output, and what was wrong first', () => {
    const { certificate } = run;
    if (!certificate || 'skipped' in certificate) throw new Error('the fixture is played');
    const outputs = tableOf(/^Table \d+\. Outputs compared/);
    expect(outputs.values).toEqual(
      certificate.outputs.map((each) => [each.elements, each.maximumError, each.relativeError]),
    );
    const html = page(renderReport(run, 'html'));
    expect(html.body.textContent).toContain(certificate.statement);
    expect(html.querySelector('.verdict')?.textContent).toContain('verified on 200,714 numbers');
    const failed = renderReport({ ...run, certificate: failedCertificate() }, 'html');
    expect(page(failed).body.textContent).toContain(
      'First wrong: element 3 of features, not finite where 0.500 belongs',
    );
    const skipped = renderReport({ ...run, certificate: { skipped: 'It was not asked for.' } }, 'html');
    expect(page(skipped).body.textContent).toContain('Values are not verified. It was not asked for.');
  });

  it('shows the cycles of every array model for every operator and in total', () => {
    const models = run.arrayModels!;
    const known = (values: readonly (number | null | undefined)[]) => values.filter((each) => each != null);
    expect(tableOf(/Cycles of each operator/).values).toEqual([
      ...models[0]!.operators.map((_, at) => known(models.map(({ operators }) => operators[at]!.estimate.cycles))),
      known(models.map(({ totals }) => totals.cycles)),
    ]);
    const totals = tableOf(/Totals of each model/).values;
    expect(totals).toEqual([
      known(models.map((model) => model.totals.cycles)),
      known(models.map((model) => model.totals.stallCycles)),
      known(models.map((model) => model.totals.overallUtilisation)),
      models.map((model) => model.totals.sram.ifmapReads),
      models.map((model) => model.totals.sram.filterReads),
      models.map((model) => model.totals.sram.ofmapWrites),
      models.map((model) => model.totals.dram.ifmapReads),
      models.map((model) => model.totals.dram.filterReads),
      models.map((model) => model.totals.dram.ofmapWrites),
    ]);
  });

  it('shows energy by level and area by part with every figure used and its source', () => {
    const { levels } = run.energy!;
    const byLevel = tableOf(/Energy by level/);
    expect(byLevel.values).toEqual(levels.map(({ joules, share }) => [joules, share]));
    const byPart = tableOf(/Area by part/);
    expect(byPart.values).toEqual(run.area!.map(({ squareMillimetres, share }) => [squareMillimetres, share]));
    for (const [texts, parts] of [
      [byLevel.texts, levels],
      [byPart.texts, run.area!],
    ] as const)
      parts.forEach(({ title, figures }, at) => {
        expect(texts[at]).toContain(title);
        for (const figure of figures) expect(texts[at]).toContain(figureText(figure));
      });
  });

  it('folds the beginning of the program into the appendix', () => {
    const { program } = run;
    const listing = page(renderReport(run, 'html')).querySelector('details.listing')!;
    const lines = listing.querySelector('pre')!.textContent!.split('\n');
    expect(lines).toEqual([...program!.preambleHead, ...program!.commandsHead, '… 1999 more commands']);
    expect(listing.querySelector('summary')?.textContent).toBe('The first 1 of 2000 commands.');
  });

  it('of a run of an earlier version leaves out what it does not have', () => {
    const { certificate, arrayModels, energy, area, program, ...earlier } = run;
    const headings = [...page(renderReport(earlier, 'html')).querySelectorAll('h2')].map(({ id }) => id);
    expect(headings).toEqual([
      'model',
      'where',
      'limits',
      'timeline',
      'schedule',
      'memory',
      'findings',
      'operators',
      'appendix',
    ]);
    expect(parseRun(renderReport(earlier, 'json'))).toEqual({ ok: true, value: earlier });
    expect(parseCsv(renderReport(earlier, 'csv'))[0]).toHaveLength(6 + run.columns.length);
  });

  it('has title block, both graphs, timeline, memory map, proof, findings and appendix', () => {
    const document = page(renderReport(run, 'html'));
    const headings = [...document.querySelectorAll('h2')].map((heading) => heading.id);
    expect(headings).toEqual([
      'model',
      'where',
      'limits',
      'timeline',
      'schedule',
      'memory',
      'values',
      'models',
      'energy',
      'findings',
      'operators',
      'appendix',
    ]);
    expect(document.querySelectorAll('figure svg[role="img"][aria-label]')).toHaveLength(8);
    expect(document.body.textContent).toContain(run.key);
    expect(document.body.textContent).toContain(run.schedule.answer.proof);
    for (const technique of run.techniques) expect(document.body.textContent).toContain(technique.id);
    expect(document.querySelector('pre')?.textContent).toBe(replayCommand(run.inputs));
  });

  it('gives equal bytes for equal runs in every format', () => {
    const textOf = (of: typeof run, format: (typeof REPORT_FORMATS)[number]) => {
      const { rendered } = renderRun(of, format);
      return rendered.kind === 'pieces' ? [...rendered.pieces].join('') : rendered;
    };
    for (const format of REPORT_FORMATS) expect(textOf(fixtureRun(), format)).toEqual(textOf(run, format));
  });
});

describe('JSON', () => {
  it('comes back as the same run', () => {
    const parsed = parseRun(renderReport(fixtureRun({ blocks: 9 }), 'json'));
    expect(parsed).toEqual({ ok: true, value: fixtureRun({ blocks: 9 }) });
  });

  it('comes back with a failed or skipped certificate, weights and settings', () => {
    const weights = { name: 'a.onnx', bytes: 5, sha256: '0'.repeat(64), shapes: { x: [1, 3] } };
    const settings = { ...fixtureRun().inputs.settings, values: 'always', seed: 7 } as const;
    for (const certificate of [failedCertificate(), { skipped: 'It was not asked for.' }]) {
      const run = { ...fixtureRun(), certificate };
      const given = { ...run, inputs: { ...run.inputs, weights, settings } };
      expect(parseRun(renderReport(given, 'json'))).toEqual({ ok: true, value: given });
    }
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

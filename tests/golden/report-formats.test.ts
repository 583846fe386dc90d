// @vitest-environment happy-dom
/** P-23 in every other format: numbers of simulations, Markdown, tables and traces are the stored ones. */
import { describe, expect, it } from 'vitest';
import { decodeColumn } from '#core/base/columns.ts';
import { buildReport } from '#core/report/build.ts';
import { buildComparison } from '#core/report/comparison.ts';
import { toHtml } from '#core/report/html.ts';
import { parseRun } from '#core/report/parse.ts';
import { simulationTrace } from '#core/report/perfetto.ts';
import { renderRun } from '#core/report/render.ts';
import { renderComparison, renderStudy } from '#core/report/render-derived.ts';
import { buildSimulationReport } from '#core/report/simulation/build.ts';
import { parseSimulation } from '#core/report/simulation/parse.ts';
import { renderSimulation, renderSimulationRun } from '#core/report/simulation/render.ts';
import { buildStudyReport } from '#core/report/study.ts';
import type { RunResult } from '#core/run/result.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { fixtureSimulation } from '../support/simulation-fixture.ts';

const run = fixtureRun();
const simulation = fixtureSimulation();

function files(of: ReturnType<typeof renderRun>): ReadonlyMap<string, string> {
  if (of.rendered.kind !== 'files') throw new Error('files were expected');
  return new Map(of.rendered.files.map(({ name, text }) => [name, text]));
}
const rowsOf = (csv: string) =>
  csv
    .split('\r\n')
    .slice(0, -1)
    .map((line) => line.split(','));

describe('P-23 a simulation report equals data', () => {
  const page = new DOMParser().parseFromString(renderSimulation(simulation, 'html'), 'text/html');
  const table = (caption: RegExp) => {
    const found = [...page.querySelectorAll('table')].find((one) =>
      caption.test(one.querySelector('caption')!.textContent!),
    );
    return [...found!.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('data')].map((one) => Number(one.getAttribute('value'))),
    );
  };

  it('shows every total, task, stream and channel with its stored value', () => {
    const totals = [...page.querySelectorAll('.metric .figure data')].map((one) => Number(one.getAttribute('value')));
    expect(totals).toEqual(simulation.totals.map(({ value }) => value));
    expect(table(/Tasks by stage/)).toEqual(
      simulation.tasks.map((task) => [
        task.stage,
        task.busy,
        task.stallIn,
        task.stallOut,
        task.reconfigure,
        100 * task.utilisation,
      ]),
    );
    expect(table(/Tokens in each stream/)).toEqual(
      simulation.streams.map((stream) => [
        stream.depth,
        stream.tokens,
        stream.maximum,
        stream.mean,
        ...(stream.firstFull === null ? [] : [stream.firstFull]),
        stream.readerWaits,
        stream.writerWaits,
      ]),
    );
    expect(table(/Bytes moved and the share/)).toEqual(
      simulation.channels.map((one) => [one.loadedBytes, one.storedBytes, one.busy, 100 * one.utilisation]),
    );
    expect(table(/Changes of one parameter/)).toEqual(
      simulation.levers.map((lever) => [
        lever.predictedCycles,
        ...(lever.simulatedCycles === null ? [] : [lever.simulatedCycles]),
      ]),
    );
  });

  it('writes every task to the CSV, and JSON that gives back what is simulated', () => {
    const [header, ...rows] = rowsOf(renderSimulation(simulation, 'csv'));
    const column = (name: string) => rows.map((row) => Number(row[header!.indexOf(name)]));
    expect(column('busy [cycles]')).toEqual(simulation.tasks.map(({ busy }) => busy));
    expect(column('stallIn [cycles]')).toEqual(simulation.tasks.map(({ stallIn }) => stallIn));
    expect(column('energy [J]')).toEqual(simulation.tasks.map(({ energy }) => energy));
    expect(parseSimulation(renderSimulation(simulation, 'json'))).toEqual({ ok: true, value: simulation.inputs });
  });

  it('gives equal bytes for equal simulations in every format', () => {
    for (const format of ['html', 'markdown', 'tables', 'csv', 'json'] as const)
      expect(renderSimulationRun(fixtureSimulation(), format)).toEqual(renderSimulationRun(simulation, format));
  });
});

describe('P-23 Markdown equals data', () => {
  /** What a cell says: the stored number in brackets where the one read is rounded. */
  const stored = (cell: string) => {
    const [, exact] = /\\\[(.+)\\\]$/.exec(cell) ?? [];
    return Number(exact ?? cell.replace(/[^\d.e+-]/g, ''));
  };
  const tableAfter = (text: string, caption: string) => {
    const lines = text.slice(text.indexOf(caption)).split('\n');
    const from = lines.findIndex((line) => line.startsWith('|'));
    const until = lines.findIndex((line, at) => at > from && !line.startsWith('|'));
    return lines.slice(from + 2, until).map((line) => line.slice(2, -2).split(' | '));
  };

  it('has every total and every figure of every operator', () => {
    const text = files(renderRun(run, 'markdown')).get('report.md')!;
    const totals = tableAfter(text, '| Figure |');
    expect(totals.map((row) => stored(row[1]!))).toEqual(run.totals.map(({ value }) => value));
    const operators = tableAfter(text, 'One row an operator');
    expect(operators).toHaveLength(run.operators.length);
    operators.forEach((row, at) => {
      const figures = row.slice(4, 4 + run.columns.length).map(stored);
      expect(figures).toEqual(run.columns.map(({ id }) => run.operators[at]![id]));
    });
  });

  it('names every figure it has and has every figure it names, each whole and without script', () => {
    for (const made of [renderRun(run, 'markdown'), renderSimulationRun(simulation, 'markdown')]) {
      const all = files(made);
      const named = [...all.get('report.md')!.matchAll(/\]\((figures\/\d+\.svg)\)/g)].map(([, name]) => name);
      expect([...all.keys()].filter((name) => name !== 'report.md')).toEqual(named);
      expect(named.length).toBe(made.outline.reduce((sum, { figures }) => sum + figures, 0));
      for (const name of named) {
        const svg = all.get(name!)!;
        expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
        expect(svg).not.toMatch(/<script|\son\w+=|url\((?!#)|href/);
      }
    }
  });
});

describe('P-23 tables equal data', () => {
  it('are listed, and have the totals and the bars as they are stored', () => {
    const all = files(renderRun(run, 'tables'));
    expect(
      rowsOf(all.get('contents.csv')!)
        .slice(1)
        .map(([name]) => name),
    ).toEqual([...all.keys()].slice(1));
    expect(
      rowsOf(all.get('totals.csv')!)
        .slice(1)
        .map((row) => Number(row[2])),
    ).toEqual(run.totals.map(({ value }) => value));
    const busy = new Map<string, number>();
    for (const { type, busyCycles } of run.operators) {
      const main = type.split(' + ')[0]!;
      busy.set(main, (busy.get(main) ?? 0) + busyCycles);
    }
    for (const [type, cycles] of rowsOf(all.get('where-1.csv')!).slice(1)) expect(Number(cycles)).toBe(busy.get(type!));
  });

  it('say the unit of a column once, or beside each value where they differ', () => {
    const all = files(renderRun(run, 'tables'));
    const [schedule] = rowsOf(all.get('schedule-1.csv')!);
    expect(schedule).toContain('Bytes [B]');
    const comparison = buildComparison(run, run).sections[0]!;
    expect(comparison.blocks[0]).toMatchObject({ kind: 'table' });
  });
});

describe('sections of a report', () => {
  it('are left out and ordered; title, key figures and appendix stay', () => {
    const { rendered, outline } = renderRun(run, 'html', {
      sections: ['operators', 'nothing', 'model', 'appendix', 'model'],
    });
    if (rendered.kind !== 'text') throw new Error('text was expected');
    const page = new DOMParser().parseFromString(rendered.text, 'text/html');
    expect([...page.querySelectorAll('h2')].map(({ id }) => id)).toEqual(['operators', 'model', 'appendix']);
    expect(page.querySelectorAll('.metric')).toHaveLength(run.totals.length);
    expect(page.querySelector('nav')).toBeNull();
    expect(outline.length).toBeGreaterThan(8);
  });

  it('of a long report are listed, each leading to its place', () => {
    const page = new DOMParser().parseFromString(toHtml(buildReport(run)), 'text/html');
    const links = [...page.querySelectorAll('nav a')].map((link) => link.getAttribute('href'));
    expect(links).toEqual([...page.querySelectorAll('h2')].map(({ id }) => `#${id}`));
  });
});

interface TraceEvent {
  readonly ph: 'X' | 'C' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, number | string>>;
}

/** Checked against the public description of the format. */
function traceOf(pieces: Iterable<string>): {
  readonly slices: TraceEvent[];
  readonly counters: TraceEvent[];
  readonly names: TraceEvent[];
} {
  const trace = JSON.parse([...pieces].join(''));
  expect(['ms', 'ns']).toContain(trace.displayTimeUnit);
  const events: TraceEvent[] = trace.traceEvents;
  const last = new Map<string, number>();
  for (const event of events) {
    expect(['X', 'C', 'M']).toContain(event.ph);
    expect(typeof event.name).toBe('string');
    expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true);
    if (event.ph === 'M') {
      expect(['process_name', 'process_sort_index', 'thread_name', 'thread_sort_index']).toContain(event.name);
      continue;
    }
    expect(event.ts).toBeGreaterThanOrEqual(0);
    const track = `${event.ph} ${event.pid} ${event.tid} ${event.ph === 'C' ? event.name : ''}`;
    // Nanoseconds: a viewer that rounds finds no overlap either.
    const [begins, ends] = [Math.round(event.ts * 1000), Math.round((event.ts + (event.dur ?? 0)) * 1000)];
    expect(begins).toBeGreaterThanOrEqual(last.get(track) ?? 0);
    last.set(track, ends);
    if (event.ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0);
    else for (const value of Object.values(event.args)) expect(Number.isFinite(value)).toBe(true);
  }
  const of = (ph: TraceEvent['ph']) => events.filter((event) => event.ph === ph);
  return { slices: of('X'), counters: of('C'), names: of('M') };
}

describe('P-23 a trace equals data', () => {
  const ofRun = (result: RunResult) => {
    const { rendered } = renderRun(result, 'perfetto');
    if (rendered.kind !== 'pieces') throw new Error('pieces were expected');
    return rendered.pieces;
  };

  it('of a program has every interval at its cycles, named tracks, occupancy and bandwidth', () => {
    const { slices, counters, names } = traceOf(ofRun(run));
    const { start, end, clockHertz, lanes } = run.timeline;
    const stored = [...decodeColumn(start)].map((from, at) => [from, decodeColumn(end)[at]!]);
    expect(slices.map(({ args }) => [args.startCycle, args.endCycle])).toEqual(stored);
    for (const { ts, dur, args } of slices) {
      expect(ts).toBeCloseTo((Number(args.startCycle) / clockHertz) * 1e6, 3);
      expect(ts + dur).toBeCloseTo((Number(args.endCycle) / clockHertz) * 1e6, 3);
    }
    const threads = names.filter(({ name }) => name === 'thread_name').map(({ args }) => String(args.name));
    for (const lane of lanes) expect(threads.some((name) => name.startsWith(lane.title))).toBe(true);
    const peak = Math.max(
      ...counters.filter(({ name }) => name === 'Scratchpad: bytes').map(({ args }) => Number(args.value)),
    );
    const live = run.schedule.answer.order.map((_, step) =>
      run.schedule.answer.intervals
        .filter(({ from, to }) => from <= step && step < to)
        .reduce((sum, { t }) => sum + run.schedule.problem.tensors[t]!.bytes, 0),
    );
    expect(peak).toBe(Math.max(...live));
  });

  it('of a simulation has every state of every task, and streams and channels over time', () => {
    const { slices, counters } = traceOf(simulationTrace(simulation));
    for (const task of simulation.tasks) {
      const busy = slices
        .filter(({ args }) => args.task === task.name && args.state === 'busy')
        .reduce((sum, { args }) => sum + Number(args.endCycle) - Number(args.startCycle), 0);
      expect(busy).toBe(task.busy);
    }
    expect(slices.find(({ args }) => args.state === 'get')).toMatchObject({ args: { on: 'tokens' } });
    const most = counters.filter(({ name }) => name === 'tokens: tokens').map(({ args }) => Number(args.value));
    expect(Math.max(...most)).toBe(simulation.streams[0]!.maximum);
    const bandwidth = counters.filter(({ name }) => name === 'HBM 0: GB/s').map(({ args }) => Number(args.value));
    expect(bandwidth).toEqual([64 * 0.3, 0]);
  });

  it('puts what overlaps on tracks of its own, and rounds without making overlaps', () => {
    for (const clockHertz of [5e8, 7e8, 1e9, 3.3e9])
      traceOf(ofRun({ ...run, timeline: { ...run.timeline, clockHertz } }));
  });

  it('comes in pieces, none of them large', () => {
    const long = fixtureRun({ blocks: 900 });
    const pieces = [...ofRun(long)];
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) expect(piece.length).toBeLessThan(2 ** 19);
    expect(traceOf(pieces).slices).toHaveLength(long.timeline.start.length);
  });
});

describe('a comparison', () => {
  const other: RunResult = {
    ...run,
    key: `0${run.key.slice(1)}`,
    operators: run.operators.map((one) => (one.index === 2 ? { ...one, busyCycles: one.busyCycles + 500 } : one)),
    inputs: { ...run.inputs, settings: { ...run.inputs.settings, objective: 'off-chip' } },
  };

  it('says what was changed and puts the largest difference first', () => {
    const report = buildComparison(run, other);
    const table = (id: string) => {
      const block = report.sections.find((one) => one.id === id)?.blocks[0];
      return block?.kind === 'table' ? block.rows : [];
    };
    expect(JSON.stringify(table('changed'))).toMatch(/Settings.*off-chip/i);
    expect(table('operators')).toEqual([
      [
        run.operators[2]!.name,
        { value: run.operators[2]!.busyCycles, unit: 'cycles' },
        { value: run.operators[2]!.busyCycles + 500, unit: 'cycles' },
        { value: 500, unit: 'cycles' },
        { value: 500 / run.operators[2]!.busyCycles, unit: '1' },
      ],
    ]);
    expect(buildComparison(run, run).sections.find(({ id }) => id === 'changed')?.blocks[0]).toMatchObject({
      kind: 'text',
    });
    expect(toHtml(report)).toContain('weft report a.json --with b.json');
  });

  it('has every operator of either run in its CSV, with the stored values', () => {
    const { rendered } = renderComparison(run, other, 'csv');
    if (rendered.kind !== 'text') throw new Error('a text was expected');
    const [header, ...rows] = rowsOf(rendered.text);
    const at = header!.indexOf('A busyCycles [cycles]');
    expect(header!.slice(at, at + 3)).toEqual([
      'A busyCycles [cycles]',
      'B busyCycles [cycles]',
      'B − A busyCycles [cycles]',
    ]);
    expect(rows.map((row) => row.slice(at, at + 3).map(Number))).toEqual(
      run.operators.map(({ busyCycles }, index) => {
        const changed = other.operators[index]!.busyCycles;
        return [busyCycles, changed, changed - busyCycles];
      }),
    );
  });
});

describe('a study report', () => {
  const axis = (values: readonly number[]) =>
    ({ of: 'architecture', nodes: ['a'], parameter: 'rows', title: 'Rows', unit: '', values }) as const;
  const points = [
    [10, 5],
    [8, 6],
    [9, 9],
  ].map(([cycles, joules], index) => ({
    index,
    choice: [index],
    metrics: { 'time.cycles': cycles!, 'energy.total': joules! },
    failure: null,
    run: null,
  }));
  const study = {
    id: 's',
    number: 1,
    spec: {
      title: 'Rows',
      kind: 'program',
      model: 'm',
      architecture: 'a',
      settings: run.inputs.settings,
      axes: [axis([8, 16, 32])],
      explorer: { id: 'explorer/grid', parameters: {} },
      fidelity: 'estimate',
      objectives: ['time.cycles', 'energy.total'],
    },
    metrics: [
      { id: 'time.cycles', title: 'Cycles', unit: 'cycles', better: 'less' },
      { id: 'energy.total', title: 'Energy', unit: 'J', better: 'less' },
    ],
    state: 'done',
    failure: null,
    done: 3,
    planned: 3,
    reused: 0,
    createdAt: '2024-01-01T00:00:00Z',
  } as const;

  it('draws the front and lists its points', () => {
    const report = buildStudyReport({ study, points, model: 'M', architecture: 'A', appVersion: '1' });
    const [plot, table] = report.sections.find(({ id }) => id === 'front')!.blocks;
    if (plot?.kind !== 'front' || table?.kind !== 'table') throw new Error('a plot and a table were expected');
    expect(
      plot.plot.points
        .filter(({ isOnFront }) => isOnFront)
        .map(({ x }) => x)
        .sort(),
    ).toEqual([10, 8]);
    expect(table.rows).toHaveLength(2);
    const page = new DOMParser().parseFromString(toHtml(report), 'text/html');
    expect(page.querySelectorAll('figure svg')).toHaveLength(1);
  });

  it('leaves no point out of its CSV, counted as in the report', () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...points[index % points.length]!, index }));
    const inputs = { study, points: many, model: 'M', architecture: 'A', appVersion: '1' };
    const { rendered } = renderStudy(inputs, 'csv');
    if (rendered.kind !== 'text') throw new Error('a text was expected');
    const [header, ...rows] = rowsOf(rendered.text);
    expect(header).toEqual(['point', 'Rows', 'time.cycles [cycles]', 'energy.total [J]', 'front', 'failure']);
    expect(rows.map(([point, , cycles]) => [Number(point), Number(cycles)])).toEqual(
      many.map(({ index, metrics }) => [index + 1, metrics['time.cycles']]),
    );
    const listed = buildStudyReport(inputs).sections.find(({ id }) => id === 'points')!.blocks[0];
    expect(listed).toMatchObject({ caption: 'The first 200 of 1000 points; the CSV has all.' });
  });
});

it('P-23 JSON of a run comes back after every other format was made of it', () => {
  for (const format of ['html', 'markdown', 'tables'] as const) renderRun(run, format);
  expect(parseRun(JSON.stringify(run))).toEqual({ ok: true, value: run });
  expect(buildSimulationReport(simulation).sections.at(-1)?.id).toBe('appendix');
});

/** A host for tests: answers every call of the workbench at once and writes down what was asked. */
import { encodeColumn } from '#core/base/columns.ts';
import type { CurveView, ProgramView, ProjectView, RunView } from '#core/contract/views.ts';
import type { Figure } from '#core/energy/figure.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { ArrayModelFigures, RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import type { RunsHost } from './runs-host.ts';

export function runView(id: string, rest: Partial<RunView> = {}): RunView {
  return {
    id,
    kind: 'program',
    number: 1,
    title: `Run ${id}`,
    state: 'done',
    key: fixtureRun().key,
    model: { document: 'model', revision: 3 },
    architecture: { document: 'architecture', revision: 2 },
    createdAt: '2024-05-01T09:00:00Z',
    finishedAt: null,
    progress: null,
    failure: null,
    headline: {},
    stageMilliseconds: {},
    imported: false,
    ...rest,
  };
}

export function project(runs: readonly RunView[]): ProjectView {
  return {
    path: '/projects/test',
    title: 'Test',
    readOnly: false,
    documents: [
      { id: 'model', kind: 'model', title: 'Residual chain', revision: 3, nodes: 20 },
      { id: 'architecture', kind: 'architecture', title: 'Edge 32', revision: 2, nodes: 5 },
    ],
    runs,
    notice: null,
  };
}

export function curveView(run: string, curve: ScheduleCurve | null): CurveView {
  return { runs: [run], isRunning: false, progress: null, failure: null, curve };
}

export const PREAMBLE = 3;

function programPage(
  lines: readonly string[],
  page: { from: number; count: number; find?: string | undefined },
): ProgramView {
  const { from, count, find } = page;
  const at =
    find === undefined
      ? from
      : lines.findIndex((line, index) => index >= from && line.toLowerCase().includes(find.toLowerCase()));
  return {
    lines: lines.length,
    preamble: PREAMBLE,
    commands: lines.length - PREAMBLE,
    from: at < 0 ? null : at,
    text: at < 0 ? [] : lines.slice(at, at + count),
  };
}

const mac: Figure = {
  id: 'operation.int8.mac',
  value: 0.3,
  unit: 'pJ',
  per: 'a MAC',
  technology: '45 nm',
  source: 'Horowitz, ISSCC 2014',
  isChecked: true,
};
const byte: Figure = { ...mac, id: 'dram.lpddr4', value: 32, per: 'a byte', source: 'a data sheet', isChecked: false };

/** Two models of the convolutions: one exact, one half as long again with a third of it stalls. */
function arrayModels({ operators }: RunResult): readonly ArrayModelFigures[] {
  const counts = { ifmapReads: 1, filterReads: 1, ofmapWrites: 1, ofmapReads: 0 };
  return (['drain-aware', 'bandwidth-bound'] as const).map((slug, at) => {
    const rows = operators
      .filter(({ unit }) => unit === 'array')
      .map(({ index, busyCycles }) => ({
        operator: index,
        unit: 'array',
        arrays: 1,
        dataflow: 'ws' as const,
        estimate: {
          cycles: busyCycles * (at === 0 ? 1 : 1.5),
          stallCycles: at === 0 ? 0 : busyCycles / 2,
          overallUtilisation: 50,
          mappingEfficiency: 80,
          computeUtilisation: 70,
          sram: counts,
          dram: counts,
          limit: at === 0 ? null : 'DRAM',
        },
      }));
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    return {
      id: `array-model/${slug}`,
      title: slug,
      version: '1',
      operators: rows,
      totals: {
        cycles: sum(({ estimate }) => estimate.cycles),
        stallCycles: sum(({ estimate }) => estimate.stallCycles),
        overallUtilisation: 50,
        sram: counts,
        dram: counts,
      },
    };
  });
}

/** The fixture's run with what later versions keep: cycle models, energy by level, area, a command for every interval. */
export function costedRun(blocks = 6): RunResult {
  const run = fixtureRun({ blocks });
  const joules = run.operators.map(({ energy }) => [energy * 0.75, 0, 0, 0, 0, energy * 0.25]);
  const column = (at: number) => joules.reduce((sum, row) => sum + row[at]!, 0);
  const total = column(0) + column(5);
  const level = (id: 'macs' | 'off-chip', title: string, at: number, figures: readonly Figure[]) => ({
    id,
    title,
    joules: column(at),
    share: column(at) / total,
    figures,
  });
  const intervals = run.operators.length * 2;
  return {
    ...run,
    arrayModels: arrayModels(run),
    energy: {
      levels: [level('macs', 'MACs', 0, [mac]), level('off-chip', 'Off-chip memory', 5, [byte])],
      operators: joules.map(([macs = 0, , , , , off = 0]) => [macs, off]),
    },
    area: [{ id: 'cells', title: 'Cells', squareMillimetres: 2.5, share: 1, figures: [mac] }],
    timeline: { ...run.timeline, command: encodeColumn(Int32Array.from({ length: intervals }, (_, index) => index)) },
  };
}

export interface FakeHost extends RunsHost {
  readonly calls: unknown[][];
}

export function fakeHost(
  rest: {
    readonly start?: RunsHost['runs']['start'];
    readonly fetchResult?: RunsHost['fetchResult'];
    readonly curve?: ScheduleCurve;
    /** Lines of every run's program; the first PREAMBLE are no commands. */
    readonly program?: readonly string[];
    readonly convergence?: () => readonly ConvergenceSample[];
  } = {},
): FakeHost {
  const calls: unknown[][] = [];
  const answer =
    <T>(name: string, make: (input: T) => RunView) =>
    (input: T) => {
      calls.push([name, input]);
      return Promise.resolve(make(input));
    };
  return {
    calls,
    runs: {
      list: () => Promise.resolve([]),
      start: rest.start ?? answer('start', () => runView('started', { state: 'queued' })),
      simulate: answer('simulate', () => runView('simulated', { kind: 'simulation', state: 'queued' })),
      startAt: answer('startAt', ({ scratchpadBytes }: { scratchpadBytes: number }) =>
        runView(`at-${scratchpadBytes}`, { state: 'queued' }),
      ),
      verify: answer('verify', ({ run }: { run: string }) => runView(`verified-${run}`, { state: 'queued' })),
      program: (page) => {
        calls.push(['program', page]);
        return Promise.resolve(programPage(rest.program ?? [], page));
      },
      convergence: (input) => {
        calls.push(['convergence', input]);
        return Promise.resolve(rest.convergence?.() ?? []);
      },
      curve: ({ run }) => {
        calls.push(['curve', { run }]);
        return Promise.resolve(curveView(run, rest.curve ?? null));
      },
      startCurve: (input) => {
        calls.push(['startCurve', input]);
        return Promise.resolve({ ...curveView(input.run, null), isRunning: true });
      },
      cancelCurve: ({ run }) => {
        calls.push(['cancelCurve', { run }]);
        return Promise.resolve(curveView(run, null));
      },
      cancel: answer('cancel', ({ run }: { run: string }) => runView(run, { state: 'cancelled' })),
      restore: async ({ run }) => {
        calls.push(['restore', { run }]);
        return runView(run);
      },
      remove: (input) => {
        calls.push(['remove', input]);
        return Promise.resolve(null);
      },
      queue: () => Promise.resolve({ isPaused: false, waiting: [] }),
      reorder: (input) => {
        calls.push(['reorder', input]);
        return Promise.resolve({ isPaused: false, waiting: [input.run] });
      },
      pause: () => Promise.resolve({ isPaused: true, waiting: [] }),
      resume: () => Promise.resolve({ isPaused: false, waiting: [] }),
      import: answer('import', () => runView('imported', { imported: true })),
      export: (input) => {
        calls.push(['export', input]);
        const sections = ['where', 'timeline', 'operators', 'appendix'].map((id) => ({
          id,
          title: `The ${id}`,
          figures: 1,
          tables: 2,
          isFixed: id === 'appendix',
        }));
        return Promise.resolve({ blob: 'blob-1', name: `run.${input.format}`, mediaType: 'text/html', sections });
      },
    },
    upload: (file) => {
      calls.push(['upload', file.name]);
      return Promise.resolve('upload-1');
    },
    fetchResult: rest.fetchResult ?? (() => Promise.resolve(JSON.stringify(fixtureRun()))),
    download: (blob, name) => void calls.push(['download', blob, name]),
  };
}

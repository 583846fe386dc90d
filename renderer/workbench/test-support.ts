/** A host for tests: answers every call of the workbench at once and writes down what was asked. */
import type { CurveView, ProjectView, RunView } from '#core/contract/views.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import type { RunsHost } from './runs-host.ts';

export function runView(id: string, rest: Partial<RunView> = {}): RunView {
  return {
    id,
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

export interface FakeHost extends RunsHost {
  readonly calls: unknown[][];
}

export function fakeHost(
  rest: {
    readonly start?: RunsHost['runs']['start'];
    readonly fetchResult?: RunsHost['fetchResult'];
    readonly curve?: ScheduleCurve;
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
      startAt: answer('startAt', ({ scratchpadBytes }: { scratchpadBytes: number }) =>
        runView(`at-${scratchpadBytes}`, { state: 'queued' }),
      ),
      program: ({ from }) => Promise.resolve({ lines: 0, preamble: 0, commands: 0, from, text: [] }),
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
      remove: (input) => {
        calls.push(['remove', input]);
        return Promise.resolve(null);
      },
      import: answer('import', () => runView('imported', { imported: true })),
      export: (input) => {
        calls.push(['export', input]);
        return Promise.resolve({ blob: 'blob-1', name: `run.${input.format}`, mediaType: 'text/html' });
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

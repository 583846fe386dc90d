/** Traces keep the rules of the Trace Event Format; the check that says so knows a broken one. `npm run bench trace` is the long one. */
import { expect, it } from 'vitest';
import { runTrace, simulationTrace } from '#core/report/perfetto.ts';
import { longTimeline } from '../support/long-timeline.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { fixtureSimulation } from '../support/simulation-fixture.ts';
import { TraceCheck } from '../support/trace-format.ts';

function checked(pieces: Iterable<string>) {
  const check = new TraceCheck();
  for (const piece of pieces) check.piece(piece);
  return { ...check.end(), faults: check.faults };
}

it('P-23 traces of runs and simulations keep the rules of the format', () => {
  const run = fixtureRun();
  expect(checked(runTrace(run)).faults).toEqual([]);
  expect(checked(simulationTrace(fixtureSimulation())).faults).toEqual([]);
  const long = { ...run, timeline: longTimeline(40_000, run.operators.length) };
  expect(checked(runTrace(long))).toMatchObject({ faults: [], slices: 40_000, tracks: 8 });
});

it('what breaks a rule is found', () => {
  const slice = (ts: unknown, dur: unknown) =>
    `{"ph":"X","pid":1,"tid":1,"name":"a","ts":${JSON.stringify(ts)},"dur":${JSON.stringify(dur)},"args":{}}`;
  const track = '{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"T"}}';
  const faultsOf = (...events: string[]) => checked([`{"traceEvents":[\n${events.join(',\n')}\n]}\n`]).faults.join();
  expect(faultsOf(track, slice(0, 2), slice(0.5, 1), slice(2, 1))).toBe('');
  expect(faultsOf(track, slice(0, 2), slice(1, 2))).toContain('overlap');
  expect(faultsOf(track, slice(1, 2), slice(0, 1))).toContain('back in time');
  expect(faultsOf(slice(0, 1))).toContain('has no name');
  expect(faultsOf(track, slice('0', 1))).toContain('microseconds');
  expect(faultsOf(track, slice(0, -1))).toContain('microseconds');
  expect(faultsOf('{"ph":"C","pid":2,"tid":0,"name":"c","ts":1,"args":{"value":"1"}}')).toContain('no number');
  expect(faultsOf('{"ph":"Q","pid":2,"tid":0,"name":"c","args":{}}')).toContain('unknown phase');
  expect(checked(['{"events":[\n', `${track}\n`, ']}\n']).faults.join()).toContain('traceEvents');
});

/** States, kinds and shares of a simulation in words, the same on graph, panels and run tab. */
import { formatExact } from '#core/base/quantity.ts';
import type { StateGroup, TaskState } from '#core/report/simulation/data.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { Wait } from '#core/simulate/network/run.ts';
import type { Variant } from '#core/stages/design.ts';

export const STATE_TITLES: Readonly<Record<TaskState['state'], string>> = {
  busy: 'busy',
  get: 'waits for tokens',
  put: 'waits for room',
  load: 'waits for a load',
  store: 'waits for a store',
  lock: 'waits for a lock',
  barrier: 'waits at a barrier',
  reconfigure: 'is reconfigured',
  mixed: 'works and waits in turn',
  before: 'not begun',
  after: 'done',
  unknown: 'not recorded',
};

export const VARIANT_TITLES: Readonly<Record<Variant, string>> = { 'as-built': 'as built', ideal: 'ideal' };

/** Stream or channel that a state is about, by its place in the result; null where there is none. */
function placeName(result: SimulationResult, state: TaskState['state'], on: number | null): string | null {
  if (on === null) return null;
  if (state === 'get' || state === 'put') return result.streams[on]?.name ?? null;
  if (state === 'load' || state === 'store') return result.channels[on]?.name ?? null;
  return null;
}

/** `waits for room in scores`. */
export function stateText(result: SimulationResult, { state, on }: TaskState): string {
  const place = placeName(result, state, on);
  if (place === null) return STATE_TITLES[state];
  return `${STATE_TITLES[state]} ${state === 'get' ? 'from' : state === 'load' || state === 'store' ? 'on' : 'in'} ${place}`;
}

/** A drawn node at the playhead. */
export interface Moment {
  readonly text: string;
  /** Of a task or a core; null where `level` on the sequential scale is the colour. */
  readonly group: StateGroup | null;
  /** How full a stream or a bank, how busy a channel is, 0…1. */
  readonly level: number;
}

/** As a node of the drawing says it, short enough to be read there: `no room in scores`. */
export function momentText(result: SimulationResult, { state, on }: TaskState): string {
  const place = placeName(result, state, on);
  if (place === null) return STATE_TITLES[state];
  return `${state === 'get' ? 'no tokens in' : state === 'put' ? 'no room in' : `${state} on`} ${place}`;
}

export function waitText({ state, name, ticks }: Pick<Wait, 'state' | 'ticks'> & { readonly name: string }): string {
  const what: Readonly<Record<Wait['state'], string>> = {
    get: 'tokens of',
    put: 'room in',
    load: 'loads on',
    store: 'stores on',
    lock: 'the lock',
    barrier: 'the barrier',
  };
  return `${what[state]} ${name}, ${formatExact(ticks, 'cycles')}`;
}

/** `+3.10 %`, `exact`; a difference too small for digits as a bound. */
export function gapText(got: number, expected: number): string {
  if (got === expected) return 'exact';
  if (expected === 0) return 'not comparable';
  const percent = ((got - expected) / expected) * 100;
  const size = Math.abs(percent);
  if (size < 0.001) return '< 0.001 %';
  return `${percent > 0 ? '+' : '−'}${size < 1000 ? size.toPrecision(3) : Math.round(size).toLocaleString('en-GB')} %`;
}

export const GROUP_TITLES: Readonly<Record<StateGroup, string>> = {
  busy: 'busy',
  in: 'waits for input',
  out: 'waits for output',
  reconfigure: 'reconfigured',
  mixed: 'works and waits in turn',
  idle: 'not begun or done',
};

export const KIND_TITLES: Readonly<Record<SimulationResult['streams'][number]['kind'], string>> = {
  fifo: 'FIFO',
  bank: 'bank',
  'off-chip': 'off chip',
};

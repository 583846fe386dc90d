/**
 * The critical path of a recorded run: from its end back along what each event waited for last. Its spans tile the
 * makespan; shortening any of them by a tick could shorten the run, nothing else can.
 */
import type { Change } from './change.ts';
import { AWAIT, BARRIER, LOAD, RECONFIGURE, STORE } from './code.ts';
import type { EventGraph } from './event-graph.ts';
import { timed } from './retime.ts';
import { CHANNEL, MEETING, OUTSTANDING, PROGRAM } from './timing.ts';

/** Why a span could not begin earlier; `program`: the process was busy with what lies before. */
const REASONS = ['program', 'data', 'room', 'channel', 'outstanding', 'answer', 'lock', 'barrier'] as const;

export interface CriticalSpan {
  readonly process: number;
  /** Its own work, being reconfigured, data moving on a channel, or an answer under way. */
  readonly state: 'busy' | 'reconfigure' | 'transfer' | 'answer';
  /** Channel; −1 where it works. */
  readonly on: number;
  readonly start: number;
  readonly end: number;
  /** What led here from the span before, and the FIFO, channel, lock or barrier of it (−1: program). */
  readonly after: (typeof REASONS)[number];
  readonly afterOn: number;
}

/**
 * Spans in order of time, neighbours of a process in the same state merged; they tile [0, makespan). Of the recorded
 * run, or of it with `changes`; null where that cannot be timed without a full run, or does not end.
 */
export function criticalPath(graph: EventGraph, changes: readonly Change[] = []): readonly CriticalSpan[] | null {
  const timing = timed(graph, changes);
  if (typeof timing === 'string') return null;
  const { firstNode, operation } = graph;
  const { time, done, from, why, kind, target, ticks, end } = timing;
  const makespan = end.reduce((latest, at) => Math.max(latest, at), 0);
  /** Latest first; what led to a span is known when the one before it is found. */
  const spans: CriticalSpan[] = [];
  let process = end.indexOf(makespan);
  let link = { reason: PROGRAM, on: -1 };
  const span = (state: CriticalSpan['state'], on: number, start: number, until: number): void => {
    if (until <= start) return;
    const later = spans.at(-1);
    if (later) spans[spans.length - 1] = { ...later, after: REASONS[link.reason]!, afterOn: link.on };
    const led = spans.at(-1);
    const joins =
      led &&
      led.after === 'program' &&
      led.process === process &&
      led.state === state &&
      led.on === on &&
      led.start === until;
    if (joins) spans[spans.length - 1] = { ...led, start };
    else spans.push({ process, state, on, start, end: until, after: 'program', afterOn: -1 });
    link = { reason: PROGRAM, on: -1 };
  };
  const isRequest = (node: number) => kind[operation[node]!] === LOAD || kind[operation[node]!] === STORE;

  /** Back from when a node happened (a request, acquire or barrier: was done): the node before, or −1 at the beginning. */
  let node = firstNode[process + 1]! - 1;
  /** `finish`: after its own ticks · `moment`: when it happened · `answer`, `free`: of a request. */
  let at: 'finish' | 'moment' | 'answer' | 'free' = 'finish';
  while (node >= firstNode[process]!) {
    const op = operation[node]!;
    const on = target[op]!;
    if (isRequest(node)) {
      const isAsync = timing.isAsync(node);
      if (at !== 'finish' || !isAsync) {
        const begin = timing.begin(node);
        const free = begin + timing.transferTicks(node);
        if (at !== 'free') span('answer', on, free, done[node]!);
        span('transfer', on, begin, free);
        const reason = why[node]!;
        if (reason === CHANNEL || reason === OUTSTANDING) {
          link = { reason, on };
          node = from[node]!;
          process = timing.processOf(node);
          at = reason === CHANNEL ? 'free' : 'answer';
          continue;
        }
      }
    } else {
      if (at === 'finish')
        span(kind[op] === RECONFIGURE ? 'reconfigure' : 'busy', -1, time[node]!, time[node]! + ticks[op]!);
      const reason = why[node]!;
      if (reason !== PROGRAM) {
        link = { reason, on };
        const giver = from[node]!;
        process = timing.processOf(giver);
        // Who came last to a barrier came when its own program got there.
        node = reason === MEETING || kind[operation[giver]!] === BARRIER ? giver - 1 : giver;
        at = kind[op] === AWAIT ? 'answer' : reason === MEETING ? 'finish' : 'moment';
        continue;
      }
    }
    node--;
    at = 'finish';
  }
  return spans.reverse();
}

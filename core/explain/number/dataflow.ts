/** What dataflow theory says of a drawn task graph, taken apart: throughput, first iteration, firings of a task. */
import type { AnalysisView } from '#core/sdf/view.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { amount, drawn, type ExplainedFigure, explained, type Term, word } from './explained.ts';

export interface DataflowSite {
  readonly view: AnalysisView;
  readonly tasks: TaskGraph;
  /** Of the drawing. */
  readonly document: string;
}

const ANALYSIS = { id: 'core/sdf', version: '1' } as const;
/** Tasks and streams of the critical cycle that are named. */
const NAMED = 6;

/** Iterations a tick; null where it is no number. */
export function explainThroughput(site: DataflowSite): ExplainedFigure | null {
  const { throughput, critical } = site.view;
  const [, p, q] = /^(\d+)\/(\d+)$/.exec(throughput ?? '') ?? [];
  if (p === undefined || q === undefined) return null;
  return explained(
    { title: 'Throughput, iterations a tick', value: Number(p) / Number(q), unit: '', badge: 'proven' },
    {
      formula: 'iterations ÷ ticks of the slowest cycle',
      source: 'maximum cycle ratio, proven by a cycle and potentials; Dasdan, ACM TODAES 9(4), 2004',
      technique: ANALYSIS,
    },
    [
      amount('iterations', Number(p), ''),
      amount('ticks of the slowest cycle', Number(q), ''),
      ...(critical?.actors ?? []).slice(0, NAMED).map((name) => taskTerm('on the cycle', name, site)),
    ],
  );
}

/** Ticks until the first iteration is over. */
export function explainFirstIteration(site: DataflowSite): ExplainedFigure | null {
  const ticks = site.view.latency?.firstIteration;
  if (ticks === undefined) return null;
  return explained(
    { title: 'First iteration, ticks', value: ticks, unit: '', badge: 'counted' },
    {
      formula: 'tick at which every task has fired as often as an iteration asks, each as soon as it can',
      source: 'from tick 0 to the end of its last firing',
      technique: ANALYSIS,
    },
    [word('tasks', String(site.tasks.tasks.length))],
  );
}

/** Firings of a task in one iteration; null where they are beyond what a number holds. */
export function explainFirings(site: DataflowSite, name: string): ExplainedFigure | null {
  const firings = site.view.repetition?.[name];
  if (typeof firings !== 'number') return null;
  const at = site.tasks.tasks.findIndex((task) => task.name === name);
  const streams = site.tasks.streams.filter(({ from, to }) => from.task === at || to.task === at).slice(0, NAMED);
  return explained(
    { title: `Firings of ${name} an iteration`, value: firings, unit: '', badge: 'counted' },
    {
      formula: 'least firings after which every stream holds as many tokens as before',
      source: 'balance equations, Lee, Messerschmitt, Proc. IEEE 75(9), 1987',
      technique: ANALYSIS,
    },
    [
      taskTerm('task', name, site),
      ...streams.map((stream) => drawn('stream', site.document, { id: stream.node, name: stream.name })),
    ],
  );
}

function taskTerm(symbol: string, name: string, { tasks, document }: DataflowSite): Term {
  const task = tasks.tasks.find((one) => one.name === name);
  return task ? drawn(symbol, document, { id: task.node, name }) : word(symbol, name);
}

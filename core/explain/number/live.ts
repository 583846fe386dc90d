/** The live simulation taken apart: cycles, how they moved since the last step or the last run, and a task's part in them. */
import type { LiveAnswer, LiveTask } from '#core/run/fabric/live.ts';
import { SIMULATOR } from '#core/run/fabric/totals.ts';
import {
  amount,
  drawn,
  type ExplainedFigure,
  explainDeviation,
  explained,
  explainShare,
  type Term,
  word,
} from './explained.ts';

/** What was simulated, of which documents. */
export interface LiveSite {
  readonly answer: LiveAnswer;
  /** The design in words. */
  readonly design: string;
  /** Of a task's node. */
  readonly nameOf: (node: string) => string;
  readonly tasks: { readonly id: string; readonly title: string };
  readonly fabric: { readonly id: string; readonly title: string };
}

const WAYS: Readonly<Record<LiveAnswer['by'], string>> = {
  'longest path': 'longest path through the events of a recorded run; equal to a run to the tick',
  'full run': 'event simulation of the process network',
};

/** Cycles of the drawing as it is; where it deadlocks, the tick it stands still at. */
export function explainLiveCycles(site: LiveSite): ExplainedFigure {
  const { answer, design, tasks, fabric, nameOf } = site;
  const busiest = answer.tasks.reduce<LiveTask | null>(
    (most, task) => (most && most.busy >= task.busy ? most : task),
    null,
  );
  return explained(
    { title: 'Cycles as drawn', value: answer.cycles, unit: 'cycles', badge: 'simulated' },
    {
      formula: answer.deadlock === null ? 'last tick at which a task ends' : 'tick at which all stand still',
      source: WAYS[answer.by],
      technique: SIMULATOR,
    },
    [
      ...(busiest
        ? [amount(`busiest: ${nameOf(busiest.node)}`, busiest.busy, 'cycles', () => ticksOf(site, busiest, 'busy'))]
        : []),
      word('task graph', tasks.title),
      word('fabric', fabric.title),
      word('design', design),
    ],
  );
}

/** How far the cycles lie from those before the last step, or from those of a run. */
export function explainLiveChange(
  site: LiveSite,
  then: { readonly title: string; readonly cycles: number },
): ExplainedFigure {
  return explainDeviation(
    `Change against ${then.title}`,
    { symbol: 'now', figure: () => explainLiveCycles(site) },
    {
      symbol: then.title,
      figure: () =>
        explained(
          { title: `Cycles, ${then.title}`, value: then.cycles, unit: 'cycles', badge: 'simulated' },
          { formula: 'last tick at which a task ends', source: WAYS['full run'], technique: SIMULATOR },
          [],
        ),
    },
  );
}

export type LiveTaskFigure = 'busy' | 'stallIn' | 'stallOut' | 'reconfigure';
const TASK: Readonly<Record<LiveTaskFigure, { readonly title: string; readonly formula: string }>> = {
  busy: {
    title: 'Busy',
    formula: 'cycles − waiting for input − waiting for room, or done − reconfigured',
  },
  stallIn: { title: 'Waiting for input', formula: 'Σ waits for tokens, loads, locks and barriers' },
  stallOut: { title: 'Waiting for room, or done', formula: 'Σ waits for room and stores + time after its end' },
  reconfigure: { title: 'Reconfigured', formula: 'Σ ticks its cores were given this task' },
};

/** A task's share of the cycles. */
export function explainLiveTask(site: LiveSite, task: LiveTask, figure: LiveTaskFigure): ExplainedFigure {
  const name = site.nameOf(task.node);
  return explainShare(
    `${TASK[figure].title}: share of ${name}`,
    { symbol: TASK[figure].title.toLowerCase(), figure: () => ticksOf(site, task, figure) },
    { symbol: 'cycles', figure: () => explainLiveCycles(site) },
  );
}

function ticksOf(site: LiveSite, task: LiveTask, figure: LiveTaskFigure): ExplainedFigure {
  const name = site.nameOf(task.node);
  const { title, formula } = TASK[figure];
  const place = drawn('task', site.tasks.id, { id: task.node, name });
  const parts: readonly Term[] =
    figure === 'busy'
      ? [
          amount('cycles', site.answer.cycles, 'cycles', () => explainLiveCycles(site)),
          ...(['stallIn', 'stallOut', 'reconfigure'] as const).map((part) =>
            amount(TASK[part].title.toLowerCase(), task[part], 'cycles', () => ticksOf(site, task, part)),
          ),
        ]
      : [];
  return explained(
    { title: `${title}: ${name}`, value: task[figure], unit: 'cycles', badge: 'simulated' },
    { formula, source: 'counted by the simulation', technique: SIMULATOR },
    [...parts, place],
  );
}

/** Most tokens in a stream at once. */
export function explainLiveStream(
  site: LiveSite,
  stream: { readonly node: string; readonly name: string; readonly depth: number },
  maximum: number,
): ExplainedFigure {
  return explained(
    { title: `Fullest: ${stream.name}`, value: maximum, unit: '', badge: 'simulated' },
    { formula: 'most tokens in it at once', source: 'counted by a full run', technique: SIMULATOR },
    [
      stream.depth > 0 ? amount('depth', stream.depth, '') : word('depth', 'unbounded'),
      drawn('stream', site.tasks.id, { id: stream.node, name: stream.name }),
    ],
  );
}

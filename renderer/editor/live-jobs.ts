/** What the live simulation is asked and answers, as messages of its worker. */
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { LiveAnswer, LiveSimulation, LiveStream } from '#core/run/fabric/live.ts';
import { type ChosenDesign, type LiveDesign, liveDesign } from '#core/run/fabric/live-design.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';

export interface LiveRequest {
  readonly graph: TaskGraph;
  readonly fabric: Fabric;
  readonly settings: Pick<SimulationSettings, 'mode' | 'variant'>;
  readonly last: ChosenDesign | null;
}

/** `streams`: only how full they get, of what was simulated by longest path. */
export type LiveJob = LiveRequest & { readonly asks: 'cycles' | 'streams' };

export interface LiveReply extends LiveDesign {
  readonly answer: LiveAnswer;
  readonly milliseconds: number;
}

export type LiveMessage =
  | { readonly asks: 'cycles'; readonly reply: Result<LiveReply, Problem> }
  | { readonly asks: 'streams'; readonly reply: Result<readonly LiveStream[], Problem> };

/** By a simulation that follows one drawing, edit by edit. */
export function answerOf(live: LiveSimulation, { graph, fabric, settings, last, asks }: LiveJob): LiveMessage {
  const started = performance.now();
  const design = liveDesign(graph, fabric, settings, last);
  if (asks === 'streams') return { asks, reply: design.ok ? live.streams(graph, fabric, design.value.design) : design };
  if (!design.ok) return { asks, reply: design };
  const answer = live.simulate(graph, fabric, design.value.design);
  if (!answer.ok) return { asks, reply: answer };
  return { asks, reply: ok({ ...design.value, answer: answer.value, milliseconds: performance.now() - started }) };
}

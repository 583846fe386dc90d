/** Dataflow facts, off the page's thread: one graph in, its facts out. */
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { dataflowFacts } from './dataflow-facts.ts';

addEventListener('message', ({ data }: MessageEvent<TaskGraph>) => {
  postMessage(dataflowFacts(data));
});

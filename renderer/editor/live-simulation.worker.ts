/** The live simulation, off the page's thread: one drawing, followed edit by edit. */
import { LiveSimulation } from '#core/run/fabric/live.ts';
import { answerOf, type LiveJob } from './live-jobs.ts';

const live = new LiveSimulation();

addEventListener('message', ({ data }: MessageEvent<LiveJob>) => {
  postMessage(answerOf(live, data));
});

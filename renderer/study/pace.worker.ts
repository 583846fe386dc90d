/** How many points a second this machine evaluates, off the page's thread: a study's own first points, for a moment. */
import { measurePace, type PaceAnswer, type PaceQuestion } from './pace.ts';

addEventListener('message', ({ data }: MessageEvent<PaceQuestion>) => {
  const answer: PaceAnswer = measurePace(data, () => performance.now());
  postMessage(answer);
});

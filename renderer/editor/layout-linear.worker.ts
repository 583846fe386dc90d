/** The linear layout off the page's thread: one task, one answer. */
import type { LinearTask } from './layout.ts';
import { linearPlaces } from './layout-linear.ts';

addEventListener('message', ({ data }: MessageEvent<LinearTask>) => {
  postMessage(linearPlaces(data));
});

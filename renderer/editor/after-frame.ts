/** Work that may wait until what has changed already is on screen, and work that would hold the page for longer than a frame. */
import type { Steps } from '#core/base/steps.ts';

/** Frames stop while a window is hidden: then it is done after so long, milliseconds. */
const HIDDEN_MS = 100;

/** Runs once the frame under way is painted. */
export function afterFrame(work: () => void): void {
  const run = () => {
    cancelAnimationFrame(frame);
    work();
  };
  let timer = setTimeout(run, HIDDEN_MS);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    // A frame's own callbacks come before it is painted.
    timer = setTimeout(run);
  });
}

const SLICE_MS = 6;

/** Does it a few milliseconds at a time, so that frames and input come between. */
export function inSlices<Result>(steps: Steps<Result>, finish: (result: Result) => void): void {
  // Messages are not held back as nested timers are.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const start = performance.now();
    do {
      const { done, value } = steps.next();
      if (!done) continue;
      port1.close();
      finish(value);
      return;
    } while (performance.now() - start < SLICE_MS);
    port2.postMessage(null);
  };
  port2.postMessage(null);
}

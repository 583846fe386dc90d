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

const SLICE_MS = 4;

/** Does it a few milliseconds at a time, so that frames and input come between; what it throws is thrown after `fail`. */
export function inSlices<Result>(steps: Steps<Result>, finish: (result: Result) => void, fail: () => void): void {
  // Messages are not held back as nested timers are.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const end = performance.now() + SLICE_MS;
    let step: IteratorResult<void, Result>;
    try {
      do step = steps.next();
      while (!step.done && performance.now() < end);
    } catch (cause) {
      port1.close();
      fail();
      throw cause;
    }
    if (!step.done) {
      port2.postMessage(null);
      return;
    }
    port1.close();
    finish(step.value);
  };
  port2.postMessage(null);
}

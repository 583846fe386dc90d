/**
 * One question to a worker of the page, and its answer. A worker that dies, sends what cannot be read or is silent
 * beyond its budget ends with a problem, never with waiting; whatever comes first, the worker is ended.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';

export interface Asked<Answer> {
  /** Never rejects; after `cancel` it is the problem `worker.cancelled`. */
  readonly done: Promise<Result<Answer, Problem>>;
  readonly cancel: () => void;
}

export interface Asking<Message, Answer> {
  /** What it does, for the problem's words: 'The export'. */
  readonly what: string;
  /** From the question, or from its last message, milliseconds. */
  readonly silenceMs: number;
  /** The answer a message brings; null where it only tells how far the work is. */
  readonly read: (message: Message) => Result<Answer, Problem> | null;
}

export function askWorker<Message, Answer>(
  worker: Worker,
  question: unknown,
  { what, silenceMs, read }: Asking<Message, Answer>,
): Asked<Answer> {
  let settle: (answer: Result<Answer, Problem>) => void = () => {};
  let clock: ReturnType<typeof setTimeout> | undefined;
  const done = new Promise<Result<Answer, Problem>>((resolve) => {
    settle = (answer) => {
      clearTimeout(clock);
      worker.terminate();
      resolve(answer);
    };
  });
  const fail = (code: string, message: string) => settle(err(problem(code, message)));
  const wait = () => {
    clearTimeout(clock);
    const seconds = Math.round(silenceMs / 1000);
    clock = setTimeout(
      () => fail('worker.silent', `${what} was ended: nothing was heard of it for ${seconds} s`),
      silenceMs,
    );
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    const answer = read(data);
    if (answer) settle(answer);
    else wait();
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    fail('worker.failed', `${what} ended unexpectedly${event.message ? `: ${event.message}` : ''}`);
  });
  worker.addEventListener('messageerror', () =>
    fail('worker.failed', `${what} ended with an answer that cannot be read`),
  );
  wait();
  worker.postMessage(question);
  return { done, cancel: () => fail('worker.cancelled', `${what} was stopped`) };
}

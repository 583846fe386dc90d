/** P-10 in the page: whatever a worker of it does, the question ends, and with it the wait on screen. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { askWorker } from './answering-worker.ts';

class FakeWorker extends EventTarget {
  readonly asked: unknown[] = [];
  isEnded = false;
  postMessage(question: unknown): void {
    this.asked.push(question);
  }
  terminate(): void {
    this.isEnded = true;
  }
}

type Message = { readonly share: number } | { readonly answer: Result<string, Problem> };

function asked() {
  const worker = new FakeWorker();
  const question = askWorker<Message, string>(worker as unknown as Worker, 'question', {
    what: 'The work',
    silenceMs: 1000,
    read: (message) => ('answer' in message ? message.answer : null),
  });
  return { worker, ...question };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('hands the answer on and ends the worker', async () => {
  const { worker, done } = asked();
  expect(worker.asked).toEqual(['question']);
  worker.dispatchEvent(new MessageEvent('message', { data: { answer: ok('answer') } }));
  expect(await done).toEqual(ok('answer'));
  expect(worker.isEnded).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('P-10 a worker that dies, sends what cannot be read, is silent or is stopped ends with a problem', async () => {
  const died = asked();
  died.worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
  expect(await died.done).toMatchObject({
    ok: false,
    error: { code: 'worker.failed', message: expect.stringContaining('out of memory') },
  });
  const garbled = asked();
  garbled.worker.dispatchEvent(new MessageEvent('messageerror'));
  expect(await garbled.done).toMatchObject({ error: { code: 'worker.failed' } });
  const silent = asked();
  await vi.advanceTimersByTimeAsync(1000);
  expect(await silent.done).toMatchObject({ error: { code: 'worker.silent' } });
  const stopped = asked();
  stopped.cancel();
  expect(await stopped.done).toMatchObject({ error: { code: 'worker.cancelled' } });
  for (const { worker } of [died, garbled, silent, stopped]) expect(worker.isEnded).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('one that says how far it is may take longer', async () => {
  const { worker, done } = asked();
  for (let share = 0; share < 5; share++) {
    await vi.advanceTimersByTimeAsync(900);
    worker.dispatchEvent(new MessageEvent('message', { data: { share } }));
  }
  expect(worker.isEnded).toBe(false);
  worker.dispatchEvent(new MessageEvent('message', { data: { answer: ok('late') } }));
  expect(await done).toEqual(ok('late'));
});

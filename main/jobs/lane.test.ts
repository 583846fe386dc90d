/** P-10, P-11, P-12: a worker that misbehaves ends its own job and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '#core/base/control.ts';
import { createLane, DEFAULT_LIMITS, type Lane } from './lane.ts';

let lane: Lane;
beforeAll(() => {
  lane = createLane(new URL('../../tests/support/rogue-worker.ts', import.meta.url), {
    ...DEFAULT_LIMITS,
    heapMegabytes: 64,
    residentBytes: 384 * 2 ** 20,
    cancelGraceMs: 100,
    watchMs: 50,
  });
});
afterAll(() => lane.close());

const misdeed = (path: string, onProgress?: (progress: Progress) => void) =>
  lane.run('import-run', { path, appVersion: '1' }, onProgress);
const codeOf = async (path: string) => {
  const answer = await misdeed(path).answer;
  return answer.ok ? 'ok' : answer.error.code;
};

describe('a lane', () => {
  it.each([
    ['throw', 'job.crashed'],
    ['wasm-trap', 'job.crashed'],
    ['exit', 'job.crashed'],
    ['uncaught', 'job.crashed'],
    ['heap', 'job.out-of-memory'],
    ['buffers', 'job.out-of-memory'],
    ['problem', 'test.expected'],
  ])('P-10 P-11 contains %s as %s, and the next job runs', async (path, code) => {
    expect(await codeOf(path)).toBe(code);
    expect(await lane.run('warm', null).answer).toEqual({ ok: true, value: null });
  });

  it('refuses what the worker does not do', async () => {
    const answer = await lane.run('report', { result: new Uint8Array(), format: 'csv', curve: null, sections: null })
      .answer;
    expect(answer).toMatchObject({ error: { code: 'job.crashed' } });
  });

  it('P-12 ends an endless loop after the grace, and goes on', async () => {
    const job = misdeed('endless');
    const next = misdeed('problem');
    job.cancel();
    expect(await job.answer).toMatchObject({ error: { code: 'job.stopped' } });
    expect(await next.answer).toMatchObject({ error: { code: 'test.expected' } });
  });

  it('lets a job that listens stop itself, with progress meanwhile', async () => {
    const heard: Progress[] = [];
    const job = misdeed('patient', (progress) => {
      heard.push(progress);
      job.cancel();
    });
    expect(await job.answer).toMatchObject({ error: { code: 'test.stopped-itself' } });
    expect(heard[0]).toMatchObject({ phase: 'test', message: 'step 0' });
  });

  it('drops a waiting job that is cancelled before it began', async () => {
    const first = misdeed('patient');
    const waiting = misdeed('problem');
    waiting.cancel();
    expect(await waiting.answer).toMatchObject({ error: { code: 'job.stopped' } });
    first.cancel();
    await first.answer;
  });

  it('ends what runs and what waits when it closes', async () => {
    const other = createLane(new URL('../../tests/support/rogue-worker.ts', import.meta.url));
    const jobs = [other.run('import-run', { appVersion: '1', path: 'endless' }), other.run('warm', null)];
    await other.close();
    for (const job of jobs) expect(await job.answer).toMatchObject({ error: { code: 'job.stopped' } });
    expect(await other.run('warm', null).answer).toMatchObject({ error: { code: 'job.stopped' } });
  });
});

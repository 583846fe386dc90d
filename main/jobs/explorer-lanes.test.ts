/** P-10, P-11, P-12: an explorer that misbehaves fails with its code, stands in nobody's way, and is ended when it is released. */
import { afterAll, describe, expect, it } from 'vitest';
import { createExplorerLanes } from './explorer-lanes.ts';
import type { ExplorerTurn } from './explorer-session.ts';
import { DEFAULT_LIMITS } from './lane.ts';

const WORKER = new URL('../../tests/support/rogue-worker.ts', import.meta.url);
const LIMITS = { ...DEFAULT_LIMITS, heapMegabytes: 64, watchMs: 50 };
const lanes = createExplorerLanes(WORKER, LIMITS);
const hasty = createExplorerLanes(WORKER, LIMITS, 200);
afterAll(() => Promise.all([lanes.close(), hasty.close()]), 60_000);

const plan = (explorer: string) => ({ explorer, parameters: {}, space: { levels: [2] } });
const turn = (explorer: string): ExplorerTurn => ({
  begin: { ...plan(explorer), state: null },
  told: [],
  most: 1,
  wantsState: false,
});

describe('an explorer in a thread of its own', () => {
  it.each([
    ['throw', 'study.explorer-crashed', lanes],
    ['heap', 'study.explorer-out-of-memory', lanes],
    ['endless', 'study.explorer-stuck', hasty],
    ['problem', 'study.explorer-invalid', lanes],
  ] as const)('that does %s has failed as %s, and the next begins in its thread', async (misdeed, code, from) => {
    const rogue = from.take('Rogue');
    expect(await rogue.plan(plan(misdeed))).toEqual({ ok: true, value: 1 });
    const failed = await rogue.turn(turn(misdeed));
    expect(failed).toMatchObject({ ok: false, error: { code } });
    if (!failed.ok && misdeed !== 'problem') expect(failed.error.message).toContain('Rogue');
    rogue.release();
    expect(await rogue.turn(turn('honest'))).toMatchObject({ error: { code: 'job.stopped' } });
    const honest = lanes.take('Honest');
    expect(await honest.turn(turn('honest'))).toEqual({ ok: true, value: { choices: [], isDone: true } });
    honest.release();
  });

  it('does not hold up another study, nor its own end', async () => {
    const stuck = lanes.take('Stuck');
    await stuck.plan(plan('endless'));
    const never = stuck.turn(turn('endless'));
    const other = lanes.take('Other');
    expect(await other.turn(turn('honest'))).toMatchObject({ ok: true });
    other.release();
    stuck.release();
    expect(await never).toMatchObject({ ok: false, error: { code: 'job.stopped' } });
  });
});

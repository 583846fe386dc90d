// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it } from 'vitest';
import type { RunView } from '#core/contract/views.ts';
import { useQueue } from './queue-store.ts';
import RunQueue from './RunQueue.vue';
import { useRuns } from './runs-store.ts';
import { type FakeHost, fakeHost, project, runView } from './test-support.ts';

let host: FakeHost;
const settled = () => new Promise((next) => setTimeout(next));
const queued = (id: string, number: number, rest: Partial<RunView> = {}) =>
  runView(id, { number, state: 'queued', ...rest });

beforeEach(async () => {
  setActivePinia(createPinia());
  host = fakeHost();
  useRuns().connect(host);
  useRuns().adopt(
    project([
      runView('done', { number: 1, stageMilliseconds: { compile: 500, schedule: 1500 } }),
      runView('now', { number: 2, state: 'running', progress: { phase: 'p', fraction: 0.5, message: 'Scheduling' } }),
      queued('a', 3),
      queued('b', 4, { model: { document: 'other', revision: 1 } }),
      queued('c', 5),
    ]),
  );
  useQueue();
  await settled();
  useQueue().adopt({ isPaused: false, waiting: ['a', 'b', 'c'] });
});

const mounted = () => mount(RunQueue, { attachTo: document.body });
const order = (view: ReturnType<typeof mounted>) => view.findAll('ol .number').map((each) => Number(each.text()));

it('shows what runs, what waits in its order, and how long the same took before; nothing is guessed', async () => {
  const view = mounted();
  expect(order(view)).toEqual([3, 4, 5]);
  expect(view.find('section').text()).toContain('last time 2 s');
  expect(view.findAll('li').map((each) => each.text().includes('last time'))).toEqual([true, false, true]);
  useQueue().adopt({ isPaused: true, waiting: ['c', 'a', 'b'] });
  await settled();
  expect(order(view)).toEqual([5, 3, 4]);
  expect(view.find('[role=status]').text()).toContain('Paused');
  view.unmount();
});

it('is reordered by Alt and arrows, focus and all, by its buttons and by dragging', async () => {
  const view = mounted();
  const item = (at: number) => view.findAll('li')[at]!;
  item(2).find<HTMLElement>('[data-act=open]').element.focus();
  await item(2).trigger('keydown', { key: 'ArrowUp', altKey: true });
  await settled();
  expect(host.calls.at(-1)).toEqual(['reorder', { run: 'c', before: 'b' }]);
  expect(document.activeElement?.textContent).toContain('5');
  await settled();
  useQueue().adopt({ isPaused: false, waiting: ['a', 'b', 'c'] });
  await settled();
  await item(1).find('[data-act=down]').trigger('click');
  expect(host.calls.at(-1)).toEqual(['reorder', { run: 'b', before: null }]);
  await settled();
  useQueue().adopt({ isPaused: false, waiting: ['a', 'b', 'c'] });
  await settled();
  await item(2).trigger('dragstart');
  await item(0).trigger('dragover');
  await view.find('ol').trigger('drop');
  expect(host.calls.at(-1)).toEqual(['reorder', { run: 'c', before: 'a' }]);
  // The first cannot go up.
  const calls = host.calls.length;
  await item(0).trigger('keydown', { key: 'ArrowUp', altKey: true });
  expect(host.calls).toHaveLength(calls);
  view.unmount();
});

it('is as it was where the host does not reorder it', async () => {
  const view = mounted();
  Object.assign(host.runs, { reorder: () => Promise.reject(new Error('no')) });
  await view.findAll('li')[2]!.trigger('keydown', { key: 'ArrowUp', altKey: true });
  await settled();
  expect(order(view)).toEqual([3, 4, 5]);
  view.unmount();
});

it('pauses and resumes, takes a run out, stops the one that runs', async () => {
  const view = mounted();
  await view.find('.bar button').trigger('click');
  await settled();
  expect(useQueue().isPaused).toBe(true);
  await view.find('.bar button').trigger('click');
  await settled();
  expect(useQueue().isPaused).toBe(false);
  await view.find('[aria-label="Cancel run 4"]').trigger('click');
  expect(host.calls.at(-1)).toEqual(['cancel', { run: 'b' }]);
  await view.find('section .small').trigger('click');
  expect(host.calls.at(-1)).toEqual(['cancel', { run: 'now' }]);
  view.unmount();
});

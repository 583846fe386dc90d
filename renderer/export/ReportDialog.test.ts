// @vitest-environment happy-dom
// @vitest-environment-options {"settings":{"handleDisabledFileLoadingAsSuccess":true}}
import { createRouterClient, implement } from '@orpc/server';
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { contract } from '#core/contract/contract.ts';
import { fakeHost as fakeProjectHost } from '../client/fake/fake-host.ts';
import { useSession } from '../client/session-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { fakeHost, project, runView } from '../workbench/test-support.ts';
import ReportDialog from './ReportDialog.vue';

HTMLDialogElement.prototype.showModal = () => {};

async function opened() {
  const host = fakeHost();
  const { calls } = host;
  const runs = useRuns();
  runs.connect(host);
  runs.adopt(project([runView('a')]));
  const view = mount(ReportDialog, { props: { subject: { kind: 'run', run: 'a' } as const }, attachTo: document.body });
  await vi.runAllTimersAsync();
  await flushPromises();
  const rows = () => view.findAll('.sections li').map((row) => row.attributes('data-section'));
  const exports = () => calls.filter(([name]) => name === 'export').map(([, input]) => input);
  return { view, rows, exports, calls };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  setActivePinia(createPinia());
});

describe('the report dialog', () => {
  it('lists the sections there are and shows the page', async () => {
    const { view, rows, exports } = await opened();
    expect(rows()).toEqual(['where', 'timeline', 'operators', 'appendix']);
    expect(exports()).toEqual([{ run: 'a', format: 'html' }]);
    expect(view.find('iframe').attributes()).toMatchObject({ src: '/blob/blob-1?view', sandbox: '' });
    expect(view.find('[data-section=appendix] input').attributes('disabled')).toBeDefined();
    view.unmount();
  });

  it('orders by Alt and arrow, leaves out by checkbox, exports what was chosen and remembers it', async () => {
    const { view, rows, exports, calls } = await opened();
    await view.find('[data-section=operators]').trigger('keydown', { key: 'ArrowUp', altKey: true });
    await nextTick();
    expect(rows()).toEqual(['where', 'operators', 'timeline', 'appendix']);
    await view.find('[data-section=where] input').trigger('change');
    await view.find('select').setValue('markdown');
    await vi.runAllTimersAsync();
    expect(exports().at(-1)).toEqual({ run: 'a', format: 'html', sections: ['operators', 'timeline'] });
    await view.find('form').trigger('submit');
    await flushPromises();
    expect(exports().at(-1)).toEqual({ run: 'a', format: 'markdown', sections: ['operators', 'timeline'] });
    expect(calls.at(-1)).toEqual(['download', 'blob-1', 'run.markdown']);
    expect(view.emitted('close')).toHaveLength(1);
    view.unmount();

    const again = await opened();
    expect(again.rows()).toEqual(['where', 'operators', 'timeline', 'appendix']);
    expect(again.exports().at(-1)).toEqual({ run: 'a', format: 'html', sections: ['operators', 'timeline'] });
    again.view.unmount();
  });

  it('of a comparison or a study asks for just that, in the formats there are', async () => {
    const asked: unknown[] = [];
    const sections = [{ id: 'front', title: 'The front', figures: 1, tables: 1, isFixed: false }];
    const answer = ({ input }: { input: unknown }) => {
      asked.push(input);
      return { blob: 'b', name: 'study.csv', mediaType: 'text/csv', sections };
    };
    const os = implement(contract.reports);
    const reports = createRouterClient(
      os.router({ study: os.study.handler(answer), comparison: os.comparison.handler(answer) }),
    );
    const host = fakeProjectHost([]);
    const client = new Proxy(host.client, {
      get: (target, key, receiver) => (key === 'reports' ? reports : Reflect.get(target, key, receiver)),
    });
    const saved: string[] = [];
    useSession().attach({ ...host, client, download: (_, name) => void saved.push(name) });
    const view = mount(ReportDialog, { props: { subject: { kind: 'study', study: 's1' } } });
    await vi.runAllTimersAsync();
    await flushPromises();
    expect(view.findAll('option').map((each) => each.attributes('value'))).toEqual(['html', 'markdown', 'csv']);
    await view.find('select').setValue('csv');
    await view.find('form').trigger('submit');
    await flushPromises();
    expect(asked).toEqual([
      { study: 's1', format: 'html' },
      { study: 's1', format: 'csv' },
    ]);
    expect(saved).toEqual(['study.csv']);
    view.unmount();
    const other = mount(ReportDialog, { props: { subject: { kind: 'comparison', run: 'a', base: 'b' } } });
    await vi.runAllTimersAsync();
    expect(asked.at(-1)).toEqual({ run: 'a', base: 'b', format: 'html' });
    other.unmount();
  });

  it('waits for the sections before it exports those chosen; a preview that fails can be tried again', async () => {
    let isBroken = true;
    const host = fakeHost();
    const api = {
      ...host.runs,
      export: (input: Parameters<typeof host.runs.export>[0]) =>
        isBroken ? Promise.reject(new Error('no')) : host.runs.export(input),
    };
    const runs = useRuns();
    runs.connect({ ...host, runs: api });
    runs.adopt(project([runView('a')]));
    const view = mount(ReportDialog, { props: { subject: { kind: 'run', run: 'a' } } });
    const submit = () => view.find('button[type=submit]').attributes('disabled');
    expect(submit()).toBeDefined();
    await vi.runAllTimersAsync();
    expect(submit()).toBeUndefined();
    expect(view.find('.preview').text()).toContain('could not be made');
    isBroken = false;
    await view.find('.preview button').trigger('click');
    await flushPromises();
    expect(view.find('iframe').exists()).toBe(true);
    view.unmount();
  });

  it('asks for no sections where the format has none', async () => {
    const { view, exports } = await opened();
    await view.find('[data-section=where] input').trigger('change');
    await view.find('select').setValue('perfetto');
    await view.find('form').trigger('submit');
    await flushPromises();
    expect(exports().at(-1)).toEqual({ run: 'a', format: 'perfetto' });
    view.unmount();
  });
});

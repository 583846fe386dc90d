// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { problem } from '#core/base/problem.ts';
import type { CandidateReport as Report } from '#core/candidate/report.ts';
import { runSettingsSchema } from '#core/contract/schemas.ts';
import type { CandidateTextView, CandidateView } from '#core/contract/views.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import CandidateEditor from './CandidateEditor.vue';
import CandidateReport from './CandidateReport.vue';
import CandidatesTable from './CandidatesTable.vue';
import { candidateFileName } from './candidate-file.ts';
import { differenceText, staleness, valueText } from './candidate-words.ts';
import { type CandidatesHost, useCandidates } from './candidates-store.ts';
import { useRuns } from './runs-store.ts';
import { project } from './test-support.ts';

const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve));
  await nextTick();
};
const SITE = { model: 'model', architecture: 'architecture', node: 'n1', operator: 'conv' };

const costs = (cycles: number) => ({ cycles, offChipBytes: 4096, commands: 7 });
const accepted: Report = {
  format: 'weft-candidate-report/1',
  node: 'n1',
  operator: 'conv',
  isAccepted: true,
  failedAt: null,
  problems: [],
  commands: 7,
  mapping: 'weight-stationary',
  values: {
    played: [{ name: 'zeros', seed: 1, elements: 64, relativeError: 0, isRight: true }],
    of: 10,
    firstWrong: null,
  },
  alone: { candidate: costs(800), compiler: costs(1000), speedup: 1.25 },
  run: { candidate: costs(9800), compiler: costs(10_000), speedup: 10_000 / 9800 },
};
const wrong: Report = {
  ...accepted,
  isAccepted: false,
  failedAt: 'values',
  problems: [problem('candidate.values', 'zeros: element 3 of y is wrong')],
  values: {
    ...accepted.values!,
    firstWrong: { case: 'zeros', tensor: 'y', index: 3, expected: 0, got: null, line: 2, command: 'store y from u.0' },
  },
  alone: null,
  run: null,
};

/** Accepts texts with 'right' in them; keeps what it checks. */
function fakeCandidates(): CandidatesHost & { readonly calls: unknown[][] } {
  const kept = new Map<string, CandidateTextView>();
  const calls: unknown[][] = [];
  const view = ({ text: _text, ...rest }: CandidateTextView): CandidateView => rest;
  return {
    calls,
    list: ({ model }) => Promise.resolve([...kept.values()].filter((each) => each.model.document === model).map(view)),
    get: ({ candidate }) => {
      const found = kept.get(candidate);
      return found ? Promise.resolve(found) : Promise.reject(new Error('gone'));
    },
    template: () => Promise.resolve({ text: 'the compiler’s own' }),
    check: ({ node, model, architecture, settings, title, text }) => {
      calls.push(['check', { node, title, text, settings }]);
      const made: CandidateTextView = {
        id: `c${kept.size + 1}`,
        node,
        title,
        text,
        settings: runSettingsSchema.parse(settings),
        model: { document: model, revision: 3 },
        architecture: { document: architecture, revision: 2 },
        report: text.includes('right') ? accepted : wrong,
        createdAt: `2024-05-01T09:00:0${kept.size}Z`,
      };
      kept.set(made.id, made);
      return Promise.resolve(view(made));
    },
    cancel: () => Promise.resolve(null),
    remove: ({ candidate }) => {
      kept.delete(candidate);
      return Promise.resolve(null);
    },
  };
}

function opened() {
  const runs = useRuns();
  runs.adopt(project([]));
  const candidates = useCandidates();
  const host = fakeCandidates();
  candidates.connect(host);
  candidates.begin(SITE);
  return { runs, candidates, host };
}

beforeEach(() => setActivePinia(createPinia()));

describe('candidates store', () => {
  it('checks a text, keeps what was checked, and forgets the report once the text is edited', async () => {
    const { candidates, host } = opened();
    candidates.setText('right');
    await candidates.check();
    expect(candidates.report?.report.isAccepted).toBe(true);
    expect(candidates.all.map(({ title }) => title)).toEqual(['conv 1']);
    candidates.setText('right, edited');
    expect(candidates.report).toBeNull();
    candidates.setTitle(' Mine ');
    await candidates.check();
    expect(host.calls.map(([, input]) => (input as { title: string }).title)).toEqual(['conv 1', 'Mine']);
  });

  it('marks the first fault of the text while it is written, and the lines a check names', async () => {
    const { candidates } = opened();
    candidates.setText('weft-candidate/1\nkernel 7\n');
    expect([...candidates.marks.keys()]).toEqual([2]);
    candidates.setText('weft-candidate/1\nkernel "conv"\nunit u "A"');
    await candidates.check();
    expect(candidates.marks.get(2)).toBe('Stored the first wrong element');
    candidates.setText('');
    expect([candidates.fault, candidates.marks.size]).toEqual([null, 0]);
  });

  it('keeps a text that another takes the place of, also that of a deleted candidate', async () => {
    const { candidates } = opened();
    candidates.setText('mine');
    await candidates.template();
    expect(candidates.draft).toMatchObject({ text: 'the compiler’s own', former: { text: 'mine' } });
    candidates.restore();
    expect(candidates.draft).toMatchObject({ text: 'mine', former: { text: 'the compiler’s own' } });
    const view = await candidates.check();
    candidates.setText('else');
    await candidates.remove(view!);
    expect(candidates.all).toEqual([]);
    candidates.restore();
    expect(candidates.draft.text).toBe('mine');
    // Every operator has its own text.
    candidates.begin({ ...SITE, node: 'n2', operator: 'dense' });
    expect(candidates.draft.text).toBe('');
  });

  it('puts only what is accepted into runs, and takes out what is deleted', async () => {
    const { runs, candidates } = opened();
    candidates.setText('wrong');
    const refused = await candidates.check();
    await candidates.use(refused!, true);
    expect(runs.settingsFor('model')).toBe(runs.settings);
    candidates.setText('right');
    const view = await candidates.check();
    await candidates.use(view!, true);
    expect(candidates.isUsed(view!)).toBe(true);
    expect(runs.settingsFor('model').candidates).toEqual({ n1: 'right' });
    await candidates.remove(view!);
    expect(runs.settingsFor('model')).toEqual(DEFAULT_SETTINGS);
  });

  it('has nothing of another project', async () => {
    const { runs, candidates } = opened();
    candidates.setText('right');
    await candidates.check();
    runs.adopt({ ...project([]), path: '/projects/second' });
    expect(candidates.site).toBeNull();
    candidates.begin(SITE);
    expect(candidates.draft.text).toBe('');
  });

  it('takes no answer to what was asked in another project', async () => {
    const { runs, candidates } = opened();
    candidates.setText('right');
    const checking = candidates.check();
    runs.adopt({ ...project([]), path: '/projects/second' });
    expect(await checking).toBeNull();
    candidates.begin(SITE);
    expect([candidates.draft.checked, candidates.all, candidates.busy]).toEqual([null, [], null]);
  });
});

const viewOf = (report: Report) => ({ report, model: { document: 'model' }, settings: DEFAULT_SETTINGS });

describe('report', () => {
  it('of an accepted candidate has its cycles beside the compiler’s, each explained', async () => {
    const shown = mount(CandidateReport, { props: { view: viewOf(accepted) } });
    expect(shown.text()).toContain('accepted');
    const rows = shown.findAll('tbody tr').map((row) => row.text());
    expect(rows[0]).toMatch(/Alone, cycles\s*800\s*1,000\s*20\.0 % fewer/);
    expect(rows[1]).toMatch(/off chip.*the same/);
    expect(rows[2]).toMatch(/9,800\s*10,000\s*2\.0 % fewer/);
    await shown.find('button[aria-label="Alone, cycles, Difference: 20.0 % fewer. Explain"]').trigger('click');
    const card = document.querySelector('[role="dialog"]')?.textContent;
    for (const part of [
      '(candidate − compiler) ÷ compiler',
      '(800 cycles − 1 kcycles) ÷ 1 kcycles',
      '−20 %',
      'simulated',
    ])
      expect(card).toContain(part);
    shown.unmount();
  });

  it('of a refused one tells the stage, the first wrong element and its line', async () => {
    const shown = mount(CandidateReport, { props: { view: viewOf(wrong) } });
    expect(shown.findAll('.stages li').map((each) => each.classes()[0])).toEqual([
      'passed',
      'passed',
      'failed',
      'open',
    ]);
    expect(shown.text()).toContain('element 3 of y is not a number, not 0');
    await shown.find('.wrong button').trigger('click');
    expect(shown.emitted('line')).toEqual([[2]]);
  });
});

describe('editor', () => {
  it('numbers only the lines in view and marks those with faults', async () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `line ${at + 1}`).join('\n');
    const marks = new Map([[3, 'expected a name']]);
    const editor = mount(CandidateEditor, { props: { modelValue: text, label: 'Text', marks } });
    expect(editor.findAll('.number').length).toBeLessThan(100);
    expect(editor.find('.number.marked').text()).toBe('✗ 3');
    expect(editor.findAll('.band')).toHaveLength(1);
    await editor.find('textarea').setValue('short');
    expect(editor.emitted('update:modelValue')).toEqual([['short']]);
  });
});

describe('table', () => {
  it('lists newest first, cuts no reason, lets only accepted ones into runs, and shows markup as text', async () => {
    const { candidates, runs } = opened();
    candidates.setText('right');
    await candidates.check();
    candidates.setTitle('<b>x</b>');
    candidates.setText('wrong');
    await candidates.check();
    const table = mount(CandidatesTable);
    await settled();
    const rows = table.findAll('tbody tr');
    expect(rows.map((row) => row.find('th').text())).toEqual(['<b>x</b>', 'conv 1']);
    expect(table.find('b').exists()).toBe(false);
    expect(rows[0]!.text()).toContain('y[3] is not a number, not 0 (line 2)');
    const boxes = table.findAll('input');
    expect(boxes.map((box) => box.attributes('disabled') !== undefined)).toEqual([true, false]);
    await boxes[1]!.trigger('change');
    await settled();
    expect(runs.settingsFor('model').candidates).toEqual({ n1: 'right' });
    await rows[0]!.find('button[aria-label^="Delete"]').trigger('click');
    await settled();
    expect(table.findAll('tbody tr')).toHaveLength(1);
  });
});

describe('words', () => {
  it('says why a check may not hold any more', () => {
    const view: CandidateView = {
      id: 'c1',
      node: 'n1',
      title: 'Mine',
      model: { document: 'model', revision: 3 },
      architecture: { document: 'architecture', revision: 2 },
      settings: { ...DEFAULT_SETTINGS, seed: 7, candidates: { n9: '' } },
      report: accepted,
      createdAt: '2024-05-01T09:00:00Z',
    };
    const { documents } = project([]);
    expect(staleness(view, documents, 'architecture', DEFAULT_SETTINGS)).toBeNull();
    expect(staleness(view, documents, 'other', { ...DEFAULT_SETTINGS, format: 'fp32' })).toBe(
      'Checked before the architecture and the settings of the run changed; a run that uses it checks it again',
    );
    const later = documents.map((each) => ({ ...each, revision: 9 }));
    expect(staleness(view, later, 'architecture', DEFAULT_SETTINGS)).toMatch(/the model and the architecture changed/);
  });

  it('writes values, differences and file names', () => {
    expect([null, 0, 1.23456, 1e-9, 3e7].map(valueText)).toEqual(['not a number', '0', '1.235', '1.00e-9', '3.00e+7']);
    expect([differenceText(1, 1), differenceText(90, 100), differenceText(99_999, 100_000)]).toEqual([
      'the same',
      '10.0 % fewer',
      '< 0.1 % fewer',
    ]);
    expect([candidateFileName('separable 6 · pointwise'), candidateFileName('../…')]).toEqual([
      'separable-6-pointwise.txt',
      'candidate.txt',
    ]);
  });
});

/**
 * Candidate kernels as they are written: whose operator, the text so far by operator, what the host's check said of it, and all
 * that were checked in this project. A text that something else takes the place of is kept and can be brought back.
 */
import type { ContractRouterClient } from '@orpc/contract';
import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import { parseCandidate } from '#core/candidate/parse.ts';
import type { Contract } from '#core/contract/contract.ts';
import type { CandidateView } from '#core/contract/views.ts';
import { problemOf } from '../client/problem.ts';
import { useSession } from '../client/session-store.ts';
import { useRuns } from './runs-store.ts';

export type CandidatesHost = ContractRouterClient<Contract['candidates']>;

/** The operator a candidate is written for. */
export interface CandidateSite {
  readonly model: string;
  readonly architecture: string;
  /** A document node of it. */
  readonly node: string;
  readonly operator: string;
}

export interface Draft {
  readonly title: string;
  readonly text: string;
  /** What was checked, as it was checked; the text may have been edited since. */
  readonly checked: { readonly text: string; readonly view: CandidateView } | null;
  /** What stood here before a template, a file or another candidate took its place. */
  readonly former: Pick<Draft, 'title' | 'text'> | null;
}

const NOTHING: Draft = { title: '', text: '', checked: null, former: null };
const keyOf = ({ model, node }: Pick<CandidateSite, 'model' | 'node'>) => `${model} ${node}`;

export const useCandidates = defineStore('candidates', () => {
  const runs = useRuns();
  const session = useSession();
  const host = shallowRef<CandidatesHost | null>(null);
  const site = shallowRef<CandidateSite | null>(null);
  const drafts = shallowReactive(new Map<string, Draft>());
  const lists = shallowReactive(new Map<string, readonly CandidateView[]>());
  /** Models whose list is under way. */
  const asking = new Set<string>();
  const busy = ref<'template' | 'check' | null>(null);
  /** Why the last call came to nothing. */
  const problem = shallowRef<Problem | null>(null);
  let isStopped = false;

  const draft = computed(() => (site.value ? (drafts.get(keyOf(site.value)) ?? NOTHING) : NOTHING));
  /** The report of exactly this text. */
  const report = computed(() => {
    const { checked, text } = draft.value;
    return checked && checked.text === text ? checked.view : null;
  });
  /** The first fault of the text as it stands, before anybody is asked; null while there is none or no text. */
  const fault = computed<Problem | null>(() => {
    if (draft.value.text.trim() === '') return null;
    const parsed = parseCandidate(draft.value.text);
    return parsed.ok ? null : parsed.error;
  });
  /** What is wrong, by line of the text, from 1. */
  const marks = computed<ReadonlyMap<number, string>>(() => {
    const found = new Map<number, string>();
    const view = report.value?.report;
    const firstWrong = view?.values?.firstWrong;
    if (firstWrong?.line) found.set(firstWrong.line, 'Stored the first wrong element');
    for (const each of [...(view?.problems ?? []), ...(fault.value ? [fault.value] : [])]) {
      const line = lineOf(each);
      if (line !== null) found.set(line, each.message);
    }
    return found;
  });

  /** Of every model of the project, oldest first; asked for on first use. Reactive. */
  const all = computed(() =>
    runs.documents.filter(({ kind }) => kind === 'model').flatMap(({ id }) => lists.get(id) ?? asked(id)),
  );

  function connect(to: CandidatesHost): void {
    host.value = to;
    lists.clear();
  }

  watch(
    () => session.host,
    (to) => {
      if (to) connect(to.client.candidates);
    },
    { immediate: true },
  );
  // Of another project nothing of the one before is left; its documents may have the same ids.
  watch(
    () => runs.project,
    () => {
      site.value = null;
      problem.value = null;
      drafts.clear();
      lists.clear();
      asking.clear();
    },
    { flush: 'sync' },
  );

  function asked(model: string): readonly CandidateView[] {
    if (!asking.has(model)) void ask(model);
    return [];
  }

  async function ask(model: string): Promise<void> {
    asking.add(model);
    const found = await attempt((api) => api.list({ model }));
    asking.delete(model);
    if (!found) return;
    // What was checked meanwhile is in it or comes after it.
    const known = new Set(found.map(({ id }) => id));
    const later = lists.get(model)?.filter(({ id }) => !known.has(id)) ?? [];
    lists.set(model, [...found, ...later]);
  }

  /** Null where it failed, which `problem` says, or where the answer is of a project that is no longer open. */
  async function attempt<T>(call: (api: CandidatesHost) => Promise<T>): Promise<T | null> {
    if (!host.value) return null;
    const { project } = runs;
    try {
      const answer = await call(host.value);
      return runs.project === project ? answer : null;
    } catch (error) {
      if (runs.project === project) problem.value = problemOf(error);
      return null;
    }
  }

  function begin(at: CandidateSite): void {
    site.value = at;
    problem.value = null;
  }

  function put(at: Pick<CandidateSite, 'model' | 'node'>, change: Partial<Draft>): void {
    drafts.set(keyOf(at), { ...NOTHING, ...drafts.get(keyOf(at)), ...change });
  }

  function setText(text: string): void {
    if (site.value) put(site.value, { text });
  }

  function setTitle(title: string): void {
    if (site.value) put(site.value, { title });
  }

  /** Puts another text in the place of the one there is, which is kept. */
  function replace(at: Pick<CandidateSite, 'model' | 'node'>, { title, text, checked = null }: Partial<Draft>): void {
    const before = drafts.get(keyOf(at)) ?? NOTHING;
    const former = before.text.trim() === '' || before.text === text ? before.former : before;
    put(at, { title: title ?? before.title, text: text ?? '', checked, former });
  }

  function restore(): void {
    const { former } = draft.value;
    if (site.value && former) replace(site.value, former);
  }

  /** The compiler's own lowering, to begin from. */
  async function template(): Promise<void> {
    const at = site.value;
    if (!at || busy.value) return;
    busy.value = 'template';
    problem.value = null;
    const { model, architecture, node } = at;
    const made = await attempt((api) => api.template({ model, architecture, node, settings: runs.settingsFor(model) }));
    if (made) replace(at, { text: made.text });
    busy.value = null;
  }

  /** Checks the text as it stands; the host keeps it with its report. Null when it could not, or was stopped. */
  async function check(): Promise<CandidateView | null> {
    const at = site.value;
    if (!at || busy.value) return null;
    busy.value = 'check';
    problem.value = null;
    isStopped = false;
    const { model, architecture, node } = at;
    const { text, title } = draft.value;
    const settings = runs.settingsFor(model);
    const named = title.trim() === '' ? numberedTitle(at) : title.trim();
    const view = await attempt((api) => api.check({ model, architecture, node, settings, title: named, text }));
    busy.value = null;
    if (!view) {
      if (isStopped) problem.value = null;
      return null;
    }
    lists.set(model, [...(lists.get(model) ?? []).filter(({ id }) => id !== view.id), view]);
    put(at, { checked: { text, view } });
    return view;
  }

  function numberedTitle({ model, operator }: CandidateSite): string {
    const before = (lists.get(model) ?? []).filter(({ report: { operator: other } }) => other === operator);
    return `${operator.slice(0, 180)} ${before.length + 1}`;
  }

  async function stop(): Promise<void> {
    isStopped = true;
    await attempt((api) => api.cancel());
  }

  /** Opens a candidate of the table where it is written. */
  async function open(view: CandidateView): Promise<void> {
    const found = await attempt((api) => api.get({ candidate: view.id }));
    if (!found) return;
    const { model, architecture, report: of, text, title } = found;
    const at = { model: model.document, architecture: architecture.document, node: of.node, operator: of.operator };
    replace(at, { title, text, checked: { text, view } });
    begin(at);
  }

  /** The text of a candidate; null when it is gone. */
  async function textOf(id: string): Promise<string | null> {
    return (await attempt((api) => api.get({ candidate: id })))?.text ?? null;
  }

  /** Removes it, also from the next runs; its text can be brought back where it was written. */
  async function remove(view: CandidateView): Promise<void> {
    const done = await attempt(async (api) => {
      const { text, title } = await api.get({ candidate: view.id });
      await api.remove({ candidate: view.id });
      return { text, title };
    });
    if (!done) return;
    const at = { model: view.model.document, node: view.report.node };
    lists.set(
      at.model,
      (lists.get(at.model) ?? []).filter(({ id }) => id !== view.id),
    );
    if (isUsed(view)) runs.chooseCandidate(at.model, at.node, null);
    const before = drafts.get(keyOf(at));
    if (before?.text === done.text) put(at, { checked: null });
    else put(at, { former: done });
  }

  function isUsed({ id, model, report: { node } }: CandidateView): boolean {
    return runs.candidates.get(model.document)?.get(node)?.id === id;
  }

  /** Puts an accepted candidate into the next runs of its model, or takes it out. */
  async function use(view: CandidateView, isWanted: boolean): Promise<void> {
    const { node, operator, isAccepted } = view.report;
    const model = view.model.document;
    if (!isWanted) {
      if (isUsed(view)) runs.chooseCandidate(model, node, null);
      return;
    }
    const text = isAccepted ? await textOf(view.id) : null;
    if (text !== null) runs.chooseCandidate(model, node, { id: view.id, title: view.title, operator, text });
  }

  return {
    site,
    draft,
    report,
    fault,
    marks,
    all,
    busy,
    problem,
    connect,
    begin,
    setText,
    setTitle,
    replace,
    restore,
    template,
    check,
    stop,
    open,
    textOf,
    remove,
    isUsed,
    use,
  };
});

/** The line of a candidate's text a problem is about, from 1; null where it is about no line. */
export function lineOf({ facts: { line } }: Problem): number | null {
  return typeof line === 'number' ? line : null;
}

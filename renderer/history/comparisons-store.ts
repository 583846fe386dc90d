/** What is compared with what: documents as they are, their checkpoints, older revisions, what runs were made of. */
import { defineStore } from 'pinia';
import { shallowReactive, shallowRef } from 'vue';
import { contentHash } from '#core/base/canonical.ts';
import type { FrozenInputs } from '#core/contract/checkpoints.ts';
import { type InputSet, inputsOf } from '#core/diff/inputs.ts';
import { type Document, fromFile, toFile } from '#core/document/document.ts';
import { type DocumentState, documentAt } from '#core/document/history.ts';
import { useDocuments } from '../client/documents-store.ts';
import { problemOf } from '../client/problem.ts';
import { useProject } from '../client/project-store.ts';
import { useSession } from '../client/session-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useCheckpoints } from './checkpoints-store.ts';

/** One side of a comparison; `document` is whose state it is. */
export type Side =
  /** As it is now, edits followed. */
  | { readonly kind: 'now'; readonly document: string }
  | { readonly kind: 'checkpoint'; readonly document: string; readonly checkpoint: string }
  | { readonly kind: 'run'; readonly document: string; readonly run: string }
  /** A state of the undo history, held as it was when it was chosen: so many of its steps were `done`. */
  | {
      readonly kind: 'revision';
      readonly document: string;
      readonly label: string;
      readonly done: number;
      readonly state: Document;
    }
  /** One chosen in an earlier session: the state after so many steps, if it still is the one of that hash. */
  | { readonly kind: 'step'; readonly document: string; readonly done: number; readonly hash: string };

export interface Comparison {
  readonly id: string;
  readonly left: Side;
  readonly right: Side;
}

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly code: string; readonly message: string };

export const useComparisons = defineStore('comparisons', () => {
  const session = useSession();
  const project = useProject();
  const documents = useDocuments();
  const checkpoints = useCheckpoints();
  const runs = useRuns();
  const comparisons = shallowReactive(new Map<string, Comparison>());
  /** Asked to be shown last; a new object each time. */
  const opened = shallowRef<{ readonly id: string } | null>(null);
  const states = shallowReactive(new Map<string, Loaded<Document>>());
  const frozen = shallowReactive(new Map<string, Loaded<InputSet>>());
  const hashes = new WeakMap<Document, string>();
  /** Steps of earlier sessions, once found: held, however the history goes on. */
  const found = new Map<string, { readonly label: string; readonly state: Document }>();

  function hashOf(state: Document): string {
    const hash = hashes.get(state) ?? contentHash(toFile(state)).slice(0, 16);
    hashes.set(state, hash);
    return hash;
  }

  function keyOf(side: Side): string {
    if (side.kind === 'now') return `now ${side.document}`;
    if (side.kind === 'checkpoint') return `checkpoint ${side.document} ${side.checkpoint}`;
    if (side.kind === 'run') return `run ${side.document} ${side.run}`;
    return `step ${side.document} ${side.done}@${side.kind === 'step' ? side.hash : hashOf(side.state)}`;
  }

  /** Shows how `right` differs from `left`. */
  function compare(left: Side, right: Side): void {
    const id = `${keyOf(left)} | ${keyOf(right)}`;
    comparisons.set(id, { id, left, right });
    opened.value = { id };
  }

  /** The inverse of `keyOf`, but that a step of the history has to be found again; null for what says nothing. */
  function sideOf(key: string): Side | null {
    const [kind, document, id] = key.split(' ');
    if (!document) return null;
    if (kind === 'now') return { kind, document };
    if (!id) return null;
    if (kind === 'checkpoint') return { kind, document, checkpoint: id };
    if (kind === 'run') return { kind, document, run: id };
    const [, done, hash] = (kind === 'step' && /^(\d{1,6})@([0-9a-f]{16})$/.exec(id)) || [];
    return done !== undefined && hash !== undefined ? { kind: 'step', document, done: Number(done), hash } : null;
  }

  /** A step of an earlier session in the history of the open document; null where it is there no more. */
  function stepIn(history: DocumentState, side: Side & { readonly kind: 'step' }) {
    const key = keyOf(side);
    const known = found.get(key);
    if (known) return known;
    if (side.done > history.entries.length) return null;
    const state = documentAt(history, side.done);
    if (hashOf(state) !== side.hash) return null;
    const [before, after] = [history.entries[side.done - 1], history.entries[side.done]];
    const label = before ? `after ‘${before.label}’` : `before ‘${after?.label ?? 'the first step'}’`;
    const step = { label, state };
    found.set(key, step);
    return step;
  }

  /** Makes a comparison of an earlier session known again by its id; false where that says too little. */
  function recall(id: string): boolean {
    const [left = null, right = null] = id.split(' | ').map(sideOf);
    if (!left || !right) return comparisons.has(id);
    comparisons.set(id, { id, left, right });
    return true;
  }

  /** Null where it was of another project, or a side of it is gone. Reactive. */
  function get(id: string): Comparison | null {
    const found = comparisons.get(id);
    return found && isThere(found.left) && isThere(found.right) ? found : null;
  }

  function isThere(side: Side): boolean {
    if (side.kind === 'run') return runs.runs.some((run) => run.id === side.run);
    if (!project.documents.some((document) => document.id === side.document)) return false;
    const loaded = side.kind === 'checkpoint' ? states.get(side.checkpoint) : undefined;
    return loaded?.state !== 'failed' || loaded.code !== 'checkpoint.missing';
  }

  /** The document of a side, asked for on first use. Reactive. */
  function documentOf(side: Side): Loaded<Document> {
    switch (side.kind) {
      case 'revision':
        return { state: 'ready', value: side.state };
      case 'now': {
        const open = documents.get(side.document);
        if (open) return { state: 'ready', value: open.state.document };
        void documents.open(side.document);
        return { state: 'loading' };
      }
      case 'step': {
        const open = documents.get(side.document);
        if (!open) {
          void documents.open(side.document);
          return { state: 'loading' };
        }
        const step = stepIn(open.state, side);
        return step
          ? { state: 'ready', value: step.state }
          : {
              state: 'failed',
              code: 'step.missing',
              message:
                'The step compared here is no longer in the undo history. Close this tab, and choose another step in History.',
            };
      }
      case 'checkpoint':
        return load(states, side.checkpoint, async () =>
          fromFile(await session.api().checkpoints.get({ checkpoint: side.checkpoint })),
        );
      case 'run': {
        const inputs = inputsOfRun(side.run);
        if (inputs.state !== 'ready') return inputs;
        const { model, architecture } = inputs.value;
        const view = runs.runs.find(({ id }) => id === side.run);
        const value = view?.architecture.document === side.document ? architecture : model;
        return value
          ? { state: 'ready', value }
          : { state: 'failed', message: 'The run did not keep this document', code: 'run.no-inputs' };
      }
    }
  }

  /** What a run was made of, asked for on first use. Reactive. */
  function inputsOfRun(run: string): Loaded<InputSet> {
    return load(frozen, run, async () => {
      const loaded = runs.loaded(run);
      const known: FrozenInputs | null =
        loaded?.state === 'ready' || loaded?.state === 'simulated' ? loaded.data.result.inputs : null;
      return inputsOf(known ?? (await session.api().checkpoints.frozen({ run })));
    });
  }

  function load<T>(kept: Map<string, Loaded<T>>, id: string, make: () => Promise<T>): Loaded<T> {
    const known = kept.get(id);
    if (known) return known;
    const loading: Loaded<T> = { state: 'loading' };
    // After what reads it now has read it: a change while rendering would render again.
    void Promise.resolve()
      .then(make)
      .then((value) => kept.set(id, { state: 'ready', value }))
      .catch((error: unknown) => {
        const { message, code } = problemOf(error);
        kept.set(id, { state: 'failed', message, code });
      });
    kept.set(id, loading);
    return loading;
  }

  /** What a side is called: the document's title and which state of it. Reactive. */
  function titleOf(side: Side): { readonly title: string; readonly note: string } {
    const loaded = documentOf(side);
    const summary = project.documents.find(({ id }) => id === side.document);
    const title = summary?.title ?? (loaded.state === 'ready' ? loaded.value.title : side.document);
    switch (side.kind) {
      case 'now':
        return { title, note: 'now' };
      case 'revision':
        return { title, note: side.label };
      case 'step': {
        const open = documents.get(side.document);
        return { title, note: (open && stepIn(open.state, side)?.label) ?? 'an earlier step' };
      }
      case 'checkpoint':
        return {
          title,
          note: checkpoints.of(side.document).find(({ id }) => id === side.checkpoint)?.title ?? 'checkpoint',
        };
      case 'run':
        return { title, note: `in run ${runs.runs.find(({ id }) => id === side.run)?.number ?? ''}` };
    }
  }

  return { opened, compare, recall, get, documentOf, inputsOfRun, titleOf };
});

/**
 * Open documents: stepped here at once, sent to the host in order, one operation in flight. 'Saved' means exactly
 * head revision = acknowledged revision. A lost answer is settled by asking the host for its revision; a host
 * that has moved on otherwise is a conflict: the document is loaded anew and a notice says so.
 */
import { defineStore } from 'pinia';
import { type ShallowRef, shallowReactive, shallowRef } from 'vue';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { DocumentView } from '#core/contract/views.ts';
import type { Command } from '#core/document/command.ts';
import { fromFile } from '#core/document/document.ts';
import { type DocumentState, initialState, type Operation, replay, type Step, step } from '#core/document/history.ts';
import { useNotices } from './notices-store.ts';
import { isAnswer, problemOf } from './problem.ts';
import { useProject } from './project-store.ts';
import { useSession } from './session-store.ts';

export interface OpenDocument {
  readonly id: string;
  readonly state: DocumentState;
  /** The revision the host has on disk. */
  readonly acknowledged: number;
  /** When it acknowledged last in this session; null before the first change. */
  readonly savedAt: Date | null;
}

interface Unacknowledged {
  readonly operation: Operation;
  readonly label: string;
}

interface Slot {
  readonly view: ShallowRef<OpenDocument>;
  readonly queue: Unacknowledged[];
  isSending: boolean;
}

export function stateOf(view: DocumentView): DocumentState {
  let state = initialState(fromFile(view.file), view.revision - view.log.length);
  for (const row of view.log) state = replay(state, row, false);
  return state;
}

export const useDocuments = defineStore('documents', () => {
  const session = useSession();
  const project = useProject();
  const notices = useNotices();
  const slots = shallowReactive(new Map<string, Slot>());
  const opening = new Map<string, Promise<boolean>>();
  const revisionListeners = new Set<(document: string, revision: number) => void>();

  /** Reactive; null while the document is not open. */
  function get(id: string | null): OpenDocument | null {
    return id === null ? null : (slots.get(id)?.view.value ?? null);
  }

  /** Loads the document unless it is open; false when the host would not give it (a notice says why). */
  function open(id: string): Promise<boolean> {
    if (slots.has(id)) return Promise.resolve(true);
    let pending = opening.get(id);
    if (!pending) {
      pending = notices
        .attempt(() => session.api().documents.get({ document: id }))
        .then((view) => {
          opening.delete(id);
          if (view) adopt(id, view);
          return view !== null;
        });
      opening.set(id, pending);
    }
    return pending;
  }

  function adopt(id: string, view: DocumentView): void {
    const fresh: OpenDocument = { id, state: stateOf(view), acknowledged: view.revision, savedAt: null };
    const slot = slots.get(id);
    if (slot) {
      slot.queue.length = 0;
      slot.view.value = { ...fresh, savedAt: slot.view.value.savedAt };
    } else slots.set(id, { view: shallowRef(fresh), queue: [], isSending: false });
  }

  function close(id: string): void {
    slots.delete(id);
  }

  function closeAll(): void {
    slots.clear();
  }

  function perform(id: string, operation: Operation): Result<Step, Problem> {
    const slot = slots.get(id);
    if (!slot) return err(problem('document.not-open', 'The document is not open'));
    if (project.view?.readOnly)
      return err(problem('project.read-only', 'This project is open for reading only; save a copy to change it'));
    const stepped = step(slot.view.value.state, operation, new Date().toISOString());
    if (!stepped.ok) return stepped;
    // An operation that changes nothing is not worth a revision.
    if (operation.type === 'do' && stepped.value.patch.length === 0) return stepped;
    slot.view.value = { ...slot.view.value, state: stepped.value.state };
    slot.queue.push({ operation, label: stepped.value.label });
    notices.announce(
      operation.type === 'do'
        ? stepped.value.label
        : `${operation.type === 'undo' ? 'Undone' : 'Redone'}: ${stepped.value.label}`,
    );
    void send(id, slot);
    return stepped;
  }

  /** Applies a command here at once and queues it for the host. `gesture` squashes consecutive ones into one undo step. */
  function run(id: string, command: Command, gesture?: string): Result<Step, Problem> {
    const result = perform(id, gesture === undefined ? { type: 'do', command } : { type: 'do', command, gesture });
    if (!result.ok) notices.show(result.error);
    return result;
  }

  async function send(id: string, slot: Slot): Promise<void> {
    if (slot.isSending) return;
    slot.isSending = true;
    try {
      for (let next = slot.queue[0]; next && session.isConnected; next = slot.queue[0]) {
        const answer = await session
          .api()
          .documents.step({ document: id, base: slot.view.value.acknowledged, operation: next.operation });
        acknowledge(id, slot, next, answer.revision, new Date(answer.savedAt));
      }
    } catch (error) {
      if (isAnswer(error)) await reload(id, slot, problemOf(error));
      else if (session.isConnected) await settle(id, slot);
    } finally {
      slot.isSending = false;
    }
    if (slot.queue.length > 0 && session.isConnected && slots.get(id) === slot)
      setTimeout(() => void send(id, slot), 250);
  }

  function acknowledge(id: string, slot: Slot, sent: Unacknowledged, revision: number, savedAt: Date): void {
    // After a reload the queue is a new one, and the answer belongs to what was dropped.
    if (slot.queue[0] === sent) slot.queue.shift();
    slot.view.value = { ...slot.view.value, acknowledged: revision, savedAt };
    for (const listener of revisionListeners) listener(id, revision);
  }

  /** After a lost answer: was the operation in flight written or not? */
  async function settle(id: string, slot: Slot): Promise<void> {
    try {
      const view = await session.api().documents.get({ document: id });
      const { acknowledged } = slot.view.value;
      const sent = slot.queue[0];
      if (view.revision === acknowledged) return;
      if (sent && view.revision === acknowledged + 1 && view.log.at(-1)?.label === sent.label)
        acknowledge(id, slot, sent, view.revision, new Date());
      else conflict(id, view);
    } catch {
      // Settled at the next connection.
    }
  }

  async function reload(id: string, slot: Slot, cause: Problem): Promise<void> {
    try {
      const view = await session.api().documents.get({ document: id });
      if (cause.code === 'document.conflict') conflict(id, view);
      else {
        notices.show(cause);
        adopt(id, view);
      }
    } catch (error) {
      slot.queue.length = 0;
      notices.show(problemOf(error));
    }
  }

  function conflict(id: string, view: DocumentView): void {
    const lost = slots.get(id)?.queue.length ?? 0;
    adopt(id, view);
    notices.show(
      problem(
        'document.reloaded',
        lost > 0
          ? `'${view.file.title}' was changed elsewhere; it was loaded anew and your last ${lost === 1 ? 'change' : `${lost} changes`} dropped`
          : `'${view.file.title}' was changed elsewhere and was loaded anew`,
        { severity: 'warning', where: { document: id } },
      ),
    );
  }

  session.onConnect(() => {
    for (const [id, slot] of slots) void settle(id, slot).then(() => send(id, slot));
  });
  session.onEvent((event) => {
    if (event.type !== 'project.changed') return;
    for (const [id, slot] of [...slots]) {
      const summary = event.project?.documents.find((candidate) => candidate.id === id);
      if (!summary) slots.delete(id);
      else if (!slot.isSending && slot.queue.length === 0 && summary.revision > slot.view.value.acknowledged)
        void session
          .api()
          .documents.get({ document: id })
          .then((view) => {
            if (slot.queue.length === 0 && view.revision > slot.view.value.acknowledged) adopt(id, view);
          })
          .catch((error: unknown) => notices.show(problemOf(error)));
    }
  });

  function isSaved(id: string): boolean {
    const open = get(id);
    return open === null || open.state.revision === open.acknowledged;
  }

  return {
    slots,
    get,
    open,
    close,
    closeAll,
    run,
    undo: (id: string) => perform(id, { type: 'undo' }),
    redo: (id: string) => perform(id, { type: 'redo' }),
    isSaved,
    onAcknowledged: (listener: (document: string, revision: number) => void) => revisionListeners.add(listener),
  };
});

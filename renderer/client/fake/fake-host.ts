/**
 * A host in memory for tests: the real contract with its validation, the real `step`, no disk. The line to it can
 * be cut, and an answer lost after the work was done, which is what a reconnect has to survive.
 */
import { createRouterClient, implement } from '@orpc/server';
import { problem } from '#core/base/problem.ts';
import type { CheckpointView } from '#core/contract/checkpoints.ts';
import { contract } from '#core/contract/contract.ts';
import type { DocumentView, HostEvent, ProjectView } from '#core/contract/views.ts';
import { type Document, type DocumentFile, toFile } from '#core/document/document.ts';
import { type DocumentState, initialState, type LoggedOperation, step } from '#core/document/history.ts';
import type { Client, ConnectionState } from '../connection.ts';
import type { Host } from '../host.ts';

interface Stored {
  state: DocumentState;
  log: LoggedOperation[];
}

export interface FakeHost extends Host {
  readonly stored: ReadonlyMap<string, Stored>;
  /** Every acknowledged step, in order: `document@revision`. */
  readonly acknowledged: readonly string[];
  readonly connect: () => void;
  readonly disconnect: () => void;
  /** The next step is done, but its answer is lost with the connection. */
  readonly loseNextAnswer: () => void;
  readonly tell: (event: HostEvent) => void;
}

const SAVED_AT = '2026-01-02T14:02:11.000Z';

export function fakeHost(documents: readonly Document[], isReadOnly = false): FakeHost {
  const stored = new Map<string, Stored>(documents.map((each) => [each.id, { state: initialState(each), log: [] }]));
  const removed = new Map<string, Stored>();
  const checkpoints: { readonly view: CheckpointView; readonly file: DocumentFile }[] = [];
  const acknowledged: string[] = [];
  const listeners = new Set<(state: ConnectionState) => void>();
  const waiting: ((event: HostEvent) => void)[] = [];
  let state: ConnectionState = 'disconnected';
  let losesNext = false;

  const project = (): ProjectView => ({
    path: '/projects/test.weft',
    title: 'Test',
    readOnly: isReadOnly,
    documents: [...stored.values()].map(({ state: { document, revision } }) => ({
      id: document.id,
      kind: document.kind,
      title: document.title,
      revision,
      nodes: document.nodes.size,
    })),
    runs: [],
    notice: null,
  });
  const find = (id: string): Stored => {
    const found = stored.get(id);
    if (!found) throw new Error(`no document ${id}`);
    return found;
  };
  const os = implement(contract);
  /** What no test calls fails loudly. */
  const absent = (): never => {
    throw new Error('the fake host does not offer this');
  };
  const router = os.router({
    host: {
      info: os.host.info.handler(() => ({
        kind: 'local' as const,
        appVersion: '0.0.0',
        platform: 'test',
        can: { printPdf: false, pickFiles: false, revealFiles: false },
      })),
      events: os.host.events.handler(async function* () {
        yield { type: 'project.changed' as const, project: project() };
        while (state === 'connected') yield await new Promise<HostEvent>((resolve) => waiting.push(resolve));
      }),
    },
    projects: {
      recent: os.projects.recent.handler(() => []),
      examples: os.projects.examples.handler(() => []),
      current: os.projects.current.handler(project),
      forget: os.projects.forget.handler(absent),
      create: os.projects.create.handler(absent),
      open: os.projects.open.handler(absent),
      openExample: os.projects.openExample.handler(absent),
      pick: os.projects.pick.handler(absent),
      rename: os.projects.rename.handler(absent),
      close: os.projects.close.handler(absent),
      exportBundle: os.projects.exportBundle.handler(absent),
      importBundle: os.projects.importBundle.handler(absent),
    },
    documents: {
      get: os.documents.get.handler(({ input }): DocumentView => {
        const { state: now, log } = find(input.document);
        return { file: toFile(now.document), revision: now.revision, log };
      }),
      step: os.documents.step.handler(({ input, errors }) => {
        const document = find(input.document);
        if (input.base !== document.state.revision) {
          const conflict = problem('document.conflict', 'The document has moved on');
          throw errors.PROBLEM({ data: conflict, message: conflict.message });
        }
        const stepped = step(document.state, input.operation);
        if (!stepped.ok) throw errors.PROBLEM({ data: stepped.error, message: stepped.error.message });
        const { label, patch } = stepped.value;
        document.state = stepped.value.state;
        document.log.push({ type: input.operation.type, label, patch });
        acknowledged.push(`${input.document}@${document.state.revision}`);
        if (losesNext) {
          losesNext = false;
          enter('disconnected');
          throw new Error('the line was cut');
        }
        return { revision: document.state.revision, savedAt: SAVED_AT };
      }),
      create: os.documents.create.handler(absent),
      copy: os.documents.copy.handler(absent),
      remove: os.documents.remove.handler(({ input }) => {
        removed.set(input.document, find(input.document));
        stored.delete(input.document);
        return null;
      }),
      restore: os.documents.restore.handler(({ input }) => {
        const back = removed.get(input.document) ?? absent();
        stored.set(input.document, back);
        const { id, kind, title, nodes } = back.state.document;
        return { id, kind, title, revision: back.state.revision, nodes: nodes.size };
      }),
      import: os.documents.import.handler(absent),
      file: os.documents.file.handler(absent),
      keepFile: os.documents.keepFile.handler(absent),
      forgetFile: os.documents.forgetFile.handler(absent),
    },
    runs: {
      list: os.runs.list.handler(() => []),
      start: os.runs.start.handler(absent),
      simulate: os.runs.simulate.handler(absent),
      startAt: os.runs.startAt.handler(absent),
      verify: os.runs.verify.handler(absent),
      convergence: os.runs.convergence.handler(absent),
      curve: os.runs.curve.handler(absent),
      startCurve: os.runs.startCurve.handler(absent),
      cancelCurve: os.runs.cancelCurve.handler(absent),
      program: os.runs.program.handler(absent),
      cancel: os.runs.cancel.handler(absent),
      remove: os.runs.remove.handler(absent),
      restore: os.runs.restore.handler(absent),
      queue: os.runs.queue.handler(() => ({ isPaused: false, waiting: [] })),
      reorder: os.runs.reorder.handler(absent),
      pause: os.runs.pause.handler(absent),
      resume: os.runs.resume.handler(absent),
      import: os.runs.import.handler(absent),
      export: os.runs.export.handler(absent),
    },
    crossovers: {
      get: os.crossovers.get.handler(absent),
      start: os.crossovers.start.handler(absent),
      cancel: os.crossovers.cancel.handler(absent),
    },
    checkpoints: {
      list: os.checkpoints.list.handler(({ input }) =>
        checkpoints.filter(({ view }) => view.document === input.document).map(({ view }) => view),
      ),
      make: os.checkpoints.make.handler(({ input: { document, title } }) => {
        const { state: now } = find(document);
        const id = `checkpoint-${checkpoints.length + 1}`;
        const view = { id, document, revision: now.revision, title, createdAt: SAVED_AT };
        checkpoints.push({ view, file: toFile(now.document) });
        return view;
      }),
      get: os.checkpoints.get.handler(
        ({ input }) => checkpoints.find(({ view }) => view.id === input.checkpoint)?.file ?? absent(),
      ),
      rename: os.checkpoints.rename.handler(absent),
      remove: os.checkpoints.remove.handler(absent),
      restore: os.checkpoints.restore.handler(absent),
      frozen: os.checkpoints.frozen.handler(absent),
    },
    candidates: {
      list: os.candidates.list.handler(absent),
      get: os.candidates.get.handler(absent),
      template: os.candidates.template.handler(absent),
      check: os.candidates.check.handler(absent),
      cancel: os.candidates.cancel.handler(absent),
      remove: os.candidates.remove.handler(absent),
    },
    studies: {
      list: os.studies.list.handler(() => []),
      start: os.studies.start.handler(absent),
      points: os.studies.points.handler(absent),
      stop: os.studies.stop.handler(absent),
      resume: os.studies.resume.handler(absent),
      remove: os.studies.remove.handler(absent),
      restore: os.studies.restore.handler(absent),
      changes: os.studies.changes.handler(absent),
      copy: os.studies.copy.handler(absent),
      run: os.studies.run.handler(absent),
    },
    reports: {
      comparison: os.reports.comparison.handler(absent),
      study: os.reports.study.handler(absent),
    },
  });
  const client: Client = createRouterClient(router);

  function enter(next: ConnectionState): void {
    state = next;
    for (const listener of listeners) listener(next);
  }

  return {
    client,
    connection: {
      client,
      state: () => state,
      onState: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: () => enter('disconnected'),
    },
    upload: async () => 'upload-1',
    fetchResult: async () => '{}',
    download: () => {},
    stored,
    acknowledged,
    connect: () => enter('connected'),
    disconnect: () => enter('disconnected'),
    loseNextAnswer: () => {
      losesNext = true;
    },
    tell: (event) => waiting.shift()?.(event),
  };
}

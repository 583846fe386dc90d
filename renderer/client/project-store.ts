/** The open project as the host last told it, and what can be opened: recent projects, shipped examples. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { DocumentSummary, ExampleView, ProjectView, RecentProject } from '#core/contract/views.ts';
import type { DocumentKind } from '#core/document/document.ts';
import { useNotices } from './notices-store.ts';
import { useSession } from './session-store.ts';

export const useProject = defineStore('project', () => {
  const session = useSession();
  const notices = useNotices();
  const view = shallowRef<ProjectView | null>(null);
  const recent = shallowRef<readonly RecentProject[]>([]);
  const examples = shallowRef<readonly ExampleView[]>([]);
  /** Words for what is being opened; null when nothing is. */
  const opening = ref<string | null>(null);
  /** False until the host has said whether a project is open. */
  const isKnown = ref(false);

  const documents = computed<readonly DocumentSummary[]>(() => view.value?.documents ?? []);
  const models = computed(() => documents.value.filter((document) => document.kind === 'model'));
  const architectures = computed(() => documents.value.filter((document) => document.kind === 'architecture'));

  function adopt(project: ProjectView | null): void {
    const notice = project?.notice ?? null;
    if (notice && notice.message !== view.value?.notice?.message) notices.show(notice);
    view.value = project;
    isKnown.value = true;
  }

  session.onEvent((event) => {
    if (event.type === 'project.changed') adopt(event.project);
  });
  session.onConnect(() => void refreshStart());

  async function refreshStart(): Promise<void> {
    try {
      const api = session.api();
      [recent.value, examples.value] = await Promise.all([api.projects.recent(), api.projects.examples()]);
    } catch {
      // Asked again at the next connection; the start page says what is missing.
    }
  }

  async function replaceBy(what: string, call: () => Promise<ProjectView | null>): Promise<boolean> {
    opening.value = what;
    const opened = await notices.attempt(call);
    opening.value = null;
    if (!opened) return false;
    adopt(opened);
    void refreshStart();
    return true;
  }

  return {
    view,
    recent,
    examples,
    opening,
    isKnown,
    documents,
    models,
    architectures,
    adopt,
    refreshStart,
    create: (title: string) => replaceBy(title, () => session.api().projects.create({ title })),
    open: (path: string) => replaceBy(path, () => session.api().projects.open({ path })),
    openExample: (slug: string) => replaceBy(slug, () => session.api().projects.openExample({ slug })),
    pick: () => replaceBy('a project', () => session.api().projects.pick()),
    /** A bundle or a project file becomes a project of its own. */
    importBundle: (file: File) =>
      replaceBy(file.name, async () => {
        const host = session.attached();
        return host.client.projects.importBundle({ upload: await host.upload(file) });
      }),
    exportBundle: () =>
      notices.attempt(async () => {
        const host = session.attached();
        const made = await host.client.projects.exportBundle();
        host.download(made.blob, made.name);
        return made;
      }),
    forget: async (path: string) => {
      recent.value = (await notices.attempt(() => session.api().projects.forget({ path }))) ?? recent.value;
    },
    rename: async (title: string) => {
      const renamed = await notices.attempt(() => session.api().projects.rename({ title }));
      if (renamed) adopt(renamed);
    },
    close: async () => {
      const closed = await notices.attempt(async () => {
        await session.api().projects.close();
        return true;
      });
      if (!closed) return;
      adopt(null);
      await refreshStart();
    },
    createDocument: (kind: DocumentKind, title: string, preset?: string) =>
      notices.attempt(() =>
        session.api().documents.create(preset === undefined ? { kind, title } : { kind, title, preset }),
      ),
    removeDocument: (document: string) =>
      notices.attempt(async () => {
        await session.api().documents.remove({ document });
        return true;
      }),
    /** A copy of the file in the project, for the weights of this document; what the project then tells of it follows. */
    keepFile: (document: string, file: File) =>
      notices.attempt(async () => {
        const host = session.attached();
        return host.client.documents.keepFile({ document, upload: await host.upload(file) });
      }),
    forgetFile: (document: string) => notices.attempt(() => session.api().documents.forgetFile({ document })),
    importFile: (file: File) =>
      notices.attempt(async () => {
        const host = session.attached();
        return host.client.documents.import({ upload: await host.upload(file) });
      }),
  };
});

import type { DocumentKind } from '#core/document/document.ts';
import { type Adapter, withNotes } from './adapter.ts';
import { architectureAdapter, fabricAdapter, tasksAdapter } from './adapter-components.ts';
import { modelAdapter } from './adapter-model.ts';

const ADAPTERS: Readonly<Record<DocumentKind, Adapter>> = {
  model: withNotes(modelAdapter),
  architecture: withNotes(architectureAdapter),
  tasks: withNotes(tasksAdapter),
  fabric: withNotes(fabricAdapter),
};

export function adapterOf(kind: DocumentKind): Adapter {
  return ADAPTERS[kind];
}

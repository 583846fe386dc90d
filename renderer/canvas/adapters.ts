import type { DocumentKind } from '#core/document/document.ts';
import type { Adapter } from './adapter.ts';
import { architectureAdapter, fabricAdapter, tasksAdapter } from './adapter-components.ts';
import { modelAdapter } from './adapter-model.ts';

const ADAPTERS: Readonly<Record<DocumentKind, Adapter>> = {
  model: modelAdapter,
  architecture: architectureAdapter,
  tasks: tasksAdapter,
  fabric: fabricAdapter,
};

export function adapterOf(kind: DocumentKind): Adapter {
  return ADAPTERS[kind];
}

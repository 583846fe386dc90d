import type { DocumentKind } from '#core/document/document.ts';
import type { Adapter } from './adapter.ts';
import { architectureAdapter } from './adapter-architecture.ts';
import { modelAdapter } from './adapter-model.ts';

export function adapterOf(kind: DocumentKind): Adapter {
  return kind === 'model' ? modelAdapter : architectureAdapter;
}

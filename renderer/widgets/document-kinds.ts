/** How kinds of documents are named and marked, the same in tabs, lists, commands and messages. */
import { CircuitBoard, Cpu, Waypoints, Workflow } from 'lucide-vue-next';
import type { Component } from 'vue';
import type { DocumentKind } from '#core/document/document.ts';

export interface DocumentKindLook {
  readonly title: string;
  readonly icon: Component;
}

export const DOCUMENT_KIND_LOOKS: Readonly<Record<DocumentKind, DocumentKindLook>> = {
  model: { title: 'Model', icon: Waypoints },
  architecture: { title: 'Architecture', icon: Cpu },
  tasks: { title: 'Task graph', icon: Workflow },
  fabric: { title: 'Fabric', icon: CircuitBoard },
};

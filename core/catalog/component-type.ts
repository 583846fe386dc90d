/**
 * A component type: a node that is not an operator. Declared once for each drawn document that has components
 * (architectures, task graphs, fabrics): ports, parameters, checks. Ids are unique over all three.
 */
import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from './parameter.ts';

/** Kinds of documents that are drawn with components. */
export const COMPONENT_KINDS = ['architecture', 'tasks', 'fabric'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

export const COMPONENT_CATEGORIES = [
  'compute',
  'memory',
  'link',
  'off-chip',
  'device',
  'task',
  'stream',
  'note',
] as const;
export type ComponentCategory = (typeof COMPONENT_CATEGORIES)[number];

/**
 * What may be joined. Architectures: `operand` (unit ↔ scratchpad), `memory` (scratchpad ↔ DMA), `bus` (DMA ↔ bus ↔
 * channel). Task graphs: `write` (task → stream), `read` (stream → task), `transfer` (off-chip tensor ↔ task). Fabrics:
 * `data` (channel → bank → core). `side` says where it is drawn and which end of a link it takes.
 */
export interface ComponentPort {
  readonly id: string;
  readonly title: string;
  readonly kind: 'operand' | 'memory' | 'bus' | 'write' | 'read' | 'transfer' | 'data';
  readonly side: 'input' | 'output';
  /** How many links it takes; 1 unless given. */
  readonly many?: boolean;
  readonly optional?: boolean;
}

export interface ComponentType {
  readonly id: string;
  readonly title: string;
  readonly category: ComponentCategory;
  readonly summary: string;
  readonly source: string;
  readonly keywords: readonly string[];
  readonly ports: readonly ComponentPort[];
  readonly parameters: readonly ParameterSpec[];
  /** The two or three figures shown on the drawn node, e.g. '32 × 32 · weight-stationary'. */
  badge(parameters: ParameterValues): string;
}

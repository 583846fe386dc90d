/**
 * A component type of an architecture: ports, parameters, checks. Units are cost models of kind `unit`
 * (see core/techniques/unit); a component only declares what is drawn and set.
 */
import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from './parameter.ts';

export const COMPONENT_CATEGORIES = ['compute', 'memory', 'link', 'off-chip'] as const;
export type ComponentCategory = (typeof COMPONENT_CATEGORIES)[number];

/**
 * What may be joined: `operand` (unit ↔ scratchpad), `memory` (scratchpad ↔ DMA), `bus` (DMA ↔ bus ↔ channel).
 * `side` says where it is drawn and which end of a link it takes: data for the core enters left of a component.
 */
export interface ComponentPort {
  readonly id: string;
  readonly title: string;
  readonly kind: 'operand' | 'memory' | 'bus';
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

/**
 * A technique is a plug-in of the core: one folder core/techniques/<kind>/<slug>/ whose technique.ts exports
 * `technique`. The manifest is data; the algorithm hangs on the kind's own interface (kinds.ts).
 */
import type { ParameterSpec } from '#core/catalog/parameter.ts';

export const TECHNIQUE_KINDS = [
  'importer',
  'exporter',
  'pass',
  'rewrite',
  'unit',
  'array-model',
  'mapper',
  'scheduler',
  'simulator',
  'explorer',
] as const;
export type TechniqueKind = (typeof TECHNIQUE_KINDS)[number];

export interface Citation {
  readonly text: string;
  /** DOI, arXiv id or standard's name. */
  readonly reference?: string;
}

export interface Manifest<Kind extends TechniqueKind = TechniqueKind> {
  /** `<kind>/<slug>`, equal to the folder. */
  readonly id: `${Kind}/${string}`;
  readonly kind: Kind;
  readonly version: string;
  readonly title: string;
  readonly summary: string;
  readonly maturity: 'experimental' | 'stable';
  readonly citations: readonly Citation[];
  readonly parameters: readonly ParameterSpec[];
}

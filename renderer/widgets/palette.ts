/**
 * The fixed colours of operator categories and resources, the same on graph, timeline, memory map and legends.
 * From Okabe and Ito's and Paul Tol's 'bright' and 'muted' qualitative schemes (safe for colour-blind readers),
 * with a variant for dark grounds. Colour never carries meaning alone: name or icon stand beside it.
 */
import type { ComponentCategory } from '#core/catalog/component-type.ts';
import type { OperatorCategory } from '#core/catalog/operator-type.ts';
import type { TimelineLane } from '#core/run/result.ts';

export type Theme = 'light' | 'dark';
export interface Colour {
  readonly light: string;
  readonly dark: string;
}

export const OPERATOR_COLOURS: Readonly<Record<OperatorCategory, Colour>> = {
  interface: { light: '#5c6675', dark: '#a9b3c0' },
  linear: { light: '#0072b2', dark: '#56a8e0' },
  convolution: { light: '#332288', dark: '#8f85e8' },
  elementwise: { light: '#009e73', dark: '#35c79b' },
  activation: { light: '#d55e00', dark: '#f08a45' },
  pooling: { light: '#56b4e9', dark: '#7cc8f2' },
  normalisation: { light: '#cc79a7', dark: '#e29bc3' },
  attention: { light: '#882255', dark: '#d16b9c' },
  layout: { light: '#999933', dark: '#c4c45e' },
  reduction: { light: '#117733', dark: '#4fb872' },
  recurrent: { light: '#aa4499', dark: '#d07bc4' },
  quantisation: { light: '#e69f00', dark: '#f2bb45' },
  opaque: { light: '#777777', dark: '#9a9a9a' },
};

export const COMPONENT_COLOURS: Readonly<Record<ComponentCategory, Colour>> = {
  compute: { light: '#0072b2', dark: '#56a8e0' },
  memory: { light: '#009e73', dark: '#35c79b' },
  link: { light: '#cc79a7', dark: '#e29bc3' },
  'off-chip': { light: '#d55e00', dark: '#f08a45' },
  device: { light: '#5c6675', dark: '#a9b3c0' },
  task: { light: '#0072b2', dark: '#56a8e0' },
  stream: { light: '#117733', dark: '#4fb872' },
  note: { light: '#777777', dark: '#9a9a9a' },
};

/** Lanes of the timeline: the colours of the components they stand for. */
export const RESOURCE_COLOURS: Readonly<Record<TimelineLane['kind'], Colour>> = {
  compute: COMPONENT_COLOURS.compute,
  dma: COMPONENT_COLOURS.link,
  channel: COMPONENT_COLOURS['off-chip'],
  link: { light: '#5c6675', dark: '#a9b3c0' },
};

export const GROUP_COLOUR: Colour = { light: '#5c6675', dark: '#a9b3c0' };
export const UNKNOWN_COLOUR: Colour = { light: '#777777', dark: '#9a9a9a' };

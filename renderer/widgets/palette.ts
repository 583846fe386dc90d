/**
 * The fixed colours of operator categories and resources, the same on graph, timeline, memory map and legends.
 * From Okabe and Ito's and Paul Tol's 'bright' and 'muted' qualitative schemes (safe for colour-blind readers),
 * with a variant for dark grounds. Colour never carries meaning alone: name or icon stand beside it.
 */
import type { ComponentCategory } from '#core/catalog/component-type.ts';
import type { NoteColour } from '#core/catalog/note.ts';
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

/** Papers of notes: ground, and an edge that stands out from it. Ink on each has a contrast of 7 and more. */
export const NOTE_PAPERS: Readonly<Record<NoteColour, { readonly ground: Colour; readonly edge: Colour }>> = {
  yellow: { ground: { light: '#fff6d6', dark: '#3a3116' }, edge: { light: '#d9b43a', dark: '#a3862e' } },
  blue: { ground: { light: '#e3effd', dark: '#1b2c42' }, edge: { light: '#7fa9d8', dark: '#4a76a8' } },
  green: { ground: { light: '#e2f4e8', dark: '#1a3326' }, edge: { light: '#78b792', dark: '#46805f' } },
  rose: { ground: { light: '#fce6ec', dark: '#3d2029' }, edge: { light: '#d98fa5', dark: '#9c5a6d' } },
  grey: { ground: { light: '#eef0f3', dark: '#262d36' }, edge: { light: '#a8b0bd', dark: '#5f6b79' } },
};

export const GROUP_COLOUR: Colour = { light: '#5c6675', dark: '#a9b3c0' };
export const UNKNOWN_COLOUR: Colour = { light: '#777777', dark: '#9a9a9a' };

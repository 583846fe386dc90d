/**
 * Fixed colours of operator categories, components and traffic, the same on graph, timeline, memory map and
 * report. Categories and components after Okabe and Ito and Paul Tol's 'bright' and 'muted' schemes (safe for
 * colour-blind readers), lightened for dark grounds. Colour never carries meaning alone.
 */
import type { ComponentCategory } from '#core/catalog/component-type.ts';
import type { OperatorCategory } from '#core/catalog/operator-type.ts';

export type Hue =
  | OperatorCategory
  | ComponentCategory
  | 'group'
  | 'load'
  | 'store'
  | 'reconfigure'
  | 'refetch'
  | 'spill'
  | 'compulsory';

interface Shade {
  readonly title: string;
  readonly light: string;
  readonly dark: string;
}

export const HUES: Readonly<Record<Hue, Shade>> = {
  interface: { title: 'Input or output', light: '#5c6675', dark: '#a9b3c0' },
  linear: { title: 'Linear', light: '#0072b2', dark: '#56a8e0' },
  convolution: { title: 'Convolution', light: '#332288', dark: '#8f85e8' },
  elementwise: { title: 'Element-wise', light: '#009e73', dark: '#35c79b' },
  activation: { title: 'Activation', light: '#d55e00', dark: '#f08a45' },
  pooling: { title: 'Pooling', light: '#56b4e9', dark: '#7cc8f2' },
  normalisation: { title: 'Normalisation', light: '#cc79a7', dark: '#e29bc3' },
  attention: { title: 'Attention', light: '#882255', dark: '#d16b9c' },
  layout: { title: 'Layout', light: '#999933', dark: '#c4c45e' },
  reduction: { title: 'Reduction', light: '#117733', dark: '#4fb872' },
  recurrent: { title: 'Recurrent', light: '#aa4499', dark: '#d07bc4' },
  quantisation: { title: 'Quantisation', light: '#e69f00', dark: '#f2bb45' },
  opaque: { title: 'Unknown operator', light: '#777777', dark: '#9a9a9a' },
  compute: { title: 'Compute', light: '#0072b2', dark: '#56a8e0' },
  memory: { title: 'Memory', light: '#009e73', dark: '#35c79b' },
  link: { title: 'Link', light: '#cc79a7', dark: '#e29bc3' },
  'off-chip': { title: 'Off-chip memory', light: '#d55e00', dark: '#f08a45' },
  device: { title: 'Device', light: '#5c6675', dark: '#a9b3c0' },
  task: { title: 'Task', light: '#0072b2', dark: '#56a8e0' },
  stream: { title: 'Stream', light: '#117733', dark: '#4fb872' },
  note: { title: 'Note', light: '#777777', dark: '#9a9a9a' },
  group: { title: 'Block of operators', light: '#5c6675', dark: '#a9b3c0' },
  load: { title: 'Load', light: '#88a0b8', dark: '#7f97b0' },
  store: { title: 'Store', light: '#b7894e', dark: '#c29a66' },
  reconfigure: { title: 'Reconfigure', light: '#333b47', dark: '#d5dae2' },
  compulsory: { title: 'Compulsory', light: '#5b8db8', dark: '#6f9fc8' },
  spill: { title: 'Spilled and refilled', light: '#c4493f', dark: '#e57f76' },
  refetch: { title: 'Fetched again by tiling', light: '#e0b04c', dark: '#e8c46f' },
};

/** Colours a figure is drawn in; CSS variables in the report, plain values on a canvas. */
export interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly ground: string;
  readonly accent: string;
  readonly danger: string;
  readonly hue: (hue: Hue) => string;
  /** Readable on that hue. */
  readonly onHue: (hue: Hue) => string;
}

const GROUND = {
  light: {
    text: '#16202e',
    muted: '#5a6678',
    grid: '#e3e7ec',
    ground: '#ffffff',
    accent: '#1d5fd1',
    danger: '#b3261e',
  },
  dark: {
    text: '#e8ecf2',
    muted: '#929dac',
    grid: '#2a323d',
    ground: '#171c23',
    accent: '#6ea8ff',
    danger: '#ff8a80',
  },
} as const;

export function inkOf(theme: 'light' | 'dark'): Ink {
  return { ...GROUND[theme], hue: (hue) => HUES[hue][theme], onHue: (hue) => readableOn(HUES[hue][theme]) };
}

/** Refers to the custom properties that `inkProperties` declares. */
export const cssInk: Ink = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  ground: 'var(--ground)',
  accent: 'var(--accent)',
  danger: 'var(--danger)',
  hue: (hue) => `var(--hue-${hue})`,
  onHue: (hue) => `var(--on-${hue})`,
};

/** CSS declarations of every colour for one theme. */
export function inkProperties(theme: 'light' | 'dark'): string {
  const plain = Object.entries(GROUND[theme]).map(([name, value]) => `--${name}:${value}`);
  const hues = Object.entries(HUES).flatMap(([hue, shade]) => [
    `--hue-${hue}:${shade[theme]}`,
    `--on-${hue}:${readableOn(shade[theme])}`,
  ]);
  return [...plain, ...hues].join(';');
}

/** Black or white, whichever has the higher WCAG contrast with `#rrggbb`. */
export function readableOn(colour: string): '#000000' | '#ffffff' {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}

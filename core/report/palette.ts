/**
 * Fixed colours of operator categories and of traffic, the same on graph, timeline, memory map and report.
 * Hues after Paul Tol's 'muted' and 'light' schemes (SRON/EPS/TN/09-002, colour-blind safe); the dark
 * variants are lightened to keep 3:1 against a dark ground.
 */
import type { OperatorCategory } from '#core/catalog/operator-type.ts';

export type Hue = OperatorCategory | 'load' | 'store' | 'reconfigure' | 'refetch' | 'spill' | 'compulsory';

interface Shade {
  readonly title: string;
  readonly light: string;
  readonly dark: string;
}

export const HUES: Readonly<Record<Hue, Shade>> = {
  convolution: { title: 'Convolution', light: '#4a3fa3', dark: '#8b80e6' },
  linear: { title: 'Linear', light: '#4f9bd0', dark: '#7fc0ec' },
  attention: { title: 'Attention', light: '#aa4499', dark: '#cf7cc2' },
  elementwise: { title: 'Element-wise', light: '#d8bf5c', dark: '#e3cf7c' },
  activation: { title: 'Activation', light: '#8e8e2e', dark: '#b5b556' },
  pooling: { title: 'Pooling', light: '#117733', dark: '#4cae6b' },
  normalisation: { title: 'Normalisation', light: '#3a9e8e', dark: '#5fc4b3' },
  reduction: { title: 'Reduction', light: '#5f8f3f', dark: '#8cc06a' },
  layout: { title: 'Layout', light: '#8a919c', dark: '#9aa3b0' },
  recurrent: { title: 'Recurrent', light: '#882255', dark: '#c06590' },
  quantisation: { title: 'Quantisation', light: '#c4606f', dark: '#e08a97' },
  interface: { title: 'Input or output', light: '#6b7686', dark: '#8793a4' },
  opaque: { title: 'Unknown operator', light: '#4b5563', dark: '#a3abb8' },
  load: { title: 'Load', light: '#dd7f4f', dark: '#ee9f78' },
  store: { title: 'Store', light: '#b04a5a', dark: '#d97a88' },
  reconfigure: { title: 'Reconfigure', light: '#333b47', dark: '#d5dae2' },
  compulsory: { title: 'Compulsory', light: '#4f9bd0', dark: '#7fc0ec' },
  spill: { title: 'Spilled and refilled', light: '#b04a5a', dark: '#d97a88' },
  refetch: { title: 'Fetched again by tiling', light: '#d8bf5c', dark: '#e3cf7c' },
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
    text: '#1b1f26',
    muted: '#5c6573',
    grid: '#e1e5ea',
    ground: '#ffffff',
    accent: '#1f6feb',
    danger: '#b3261e',
  },
  dark: { text: '#e6e9ee', muted: '#9aa4b2', grid: '#2c333d', ground: '#14181d', accent: '#6ea8fe', danger: '#ff8a80' },
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

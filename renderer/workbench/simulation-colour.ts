/** Colours of the drawing at a tick: a state, or how full or busy it is. The words on the node say the same. */
import type { StateGroup } from '#core/report/simulation/data.ts';
import type { Theme } from '../widgets/palette.ts';
import { sequentialColour } from './colour-scale.ts';
import type { Moment } from './simulation-words.ts';

/** After Okabe and Ito, as the palette: busy green, waiting for input orange, for output vermilion. */
const STATES: Readonly<Record<StateGroup, Readonly<Record<Theme, string>>>> = {
  busy: { light: '#009e73', dark: '#35c79b' },
  in: { light: '#e69f00', dark: '#f2bb45' },
  out: { light: '#d55e00', dark: '#f08a45' },
  reconfigure: { light: '#333b47', dark: '#d5dae2' },
  mixed: { light: '#56b4e9', dark: '#7cc8f2' },
  idle: { light: '#d5d9e0', dark: '#3a4450' },
};

export function momentColour({ group, level }: Moment, theme: Theme): string {
  return group === null ? sequentialColour(level) : STATES[group][theme];
}

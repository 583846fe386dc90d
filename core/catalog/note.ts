/** A sticky note: words on a drawing of any kind, which nothing but people reads. */
import type { ParameterValues } from '#core/base/value.ts';
import { integerOf, type ParameterSpec, textOf } from './parameter.ts';

export const NOTE_COLOURS = ['yellow', 'blue', 'green', 'rose', 'grey'] as const;
export type NoteColour = (typeof NOTE_COLOURS)[number];

/** Canvas pixels at zoom 1. */
export const NOTE_SIZE = { least: { width: 96, height: 48 }, most: 1600 } as const;

export const NOTE_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'text',
    title: 'Text',
    help: 'Plain words, or a little Markdown: # heading, - list, **bold**, `code`. Shown, never run.',
    kind: 'text',
    default: '',
    maximumLength: 4096,
  },
  {
    id: 'colour',
    title: 'Colour',
    help: 'Colour of the paper.',
    kind: 'choice',
    choices: NOTE_COLOURS.map((value) => ({ value, title: value.charAt(0).toUpperCase() + value.slice(1) })),
    default: 'yellow',
  },
  {
    id: 'width',
    title: 'Width',
    help: 'Pixels at full size.',
    kind: 'integer',
    unit: 'px',
    minimum: NOTE_SIZE.least.width,
    maximum: NOTE_SIZE.most,
    default: 200,
  },
  {
    id: 'height',
    title: 'Height',
    help: 'Pixels at full size.',
    kind: 'integer',
    unit: 'px',
    minimum: NOTE_SIZE.least.height,
    maximum: NOTE_SIZE.most,
    default: 120,
  },
];

export interface Note {
  readonly text: string;
  readonly colour: NoteColour;
  readonly width: number;
  readonly height: number;
}

/** Total: what is missing or out of range reads as the nearest that is not. */
export function noteOf(parameters: ParameterValues): Note {
  const within = (value: number, least: number) =>
    Math.min(NOTE_SIZE.most, Math.max(least, Number.isFinite(value) ? value : least));
  const colour = textOf(parameters, 'colour', 'yellow');
  return {
    text: textOf(parameters, 'text'),
    colour: NOTE_COLOURS.find((each) => each === colour) ?? 'yellow',
    width: within(integerOf(parameters, 'width', 200), NOTE_SIZE.least.width),
    height: within(integerOf(parameters, 'height', 120), NOTE_SIZE.least.height),
  };
}

/** Its lines as plain words, without marks of Markdown and empty ones. */
export function noteLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*(#{1,6}\s+|[-*]\s+|```.*$)/, '')
        .replace(/\*\*|`/g, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** Parameters several types of task graphs and fabrics share, declared once. */
import type { ParameterSpec } from '../parameter.ts';

/** Formats of operands; throughput and energy of a core depend on them. */
export const TASK_FORMATS = ['int4', 'int8', 'int16', 'int32', 'fp16', 'fp32'] as const;
export const FORMAT_CHOICES = TASK_FORMATS.map((value) => ({ value, title: value }));

/** Of counts a user sets: far above any use, and products of a few of them are still told to be too large, not rounded. */
export const LARGEST_COUNT = 1e12;

export function countParameter(
  id: string,
  title: string,
  minimum: number,
  standard: number,
  help: string,
): ParameterSpec {
  return { id, title, kind: 'integer', unit: '', minimum, maximum: LARGEST_COUNT, default: standard, help };
}

export function ticksParameter(
  id: string,
  title: string,
  minimum: number,
  standard: number,
  help: string,
): ParameterSpec {
  return { id, title, kind: 'integer', unit: 'cycles', minimum, maximum: 1e9, default: standard, help };
}

export function granularityParameter(id: string, title: string, standard: string, help: string): ParameterSpec {
  return {
    id,
    title,
    kind: 'choice',
    default: standard,
    choices: [
      { value: 'firing', title: 'Every firing' },
      { value: 'block', title: 'Every block' },
      { value: 'task', title: 'Once a run' },
    ],
    help,
  };
}

export const GRANULARITY_TITLES: Readonly<Record<string, string>> = {
  firing: 'a firing',
  block: 'a block',
  task: 'a run',
};

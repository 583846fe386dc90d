/** Parameters that compute cores and special-function units share. */

import type { ParameterValues } from '#core/base/value.ts';
import { OPERATIONS_NODE, operationJoules } from '#core/energy/operations.ts';
import { integerParameter, technologyParameter } from '../components/common.ts';
import { integerOf, type ParameterSpec, textOf } from '../parameter.ts';
import { TASK_FORMATS } from '../tasks/common.ts';

/** A figure of this value follows from others (energies), or is no limit (resources of a device). */
export const NOT_GIVEN = -1;

type Format = (typeof TASK_FORMATS)[number];

/** Parameter ids of the figures of a format: `lanesInt16`, `energyInt16`. */
export const lanesId = (format: Format): string => `lanes${capital(format)}`;
export const energyId = (format: Format): string => `energy${capital(format)}`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Joules of an operation on a core, where no figure is set: a multiply and an accumulating add of the format. int4
 * multiplies at a quarter of int8 (multipliers grow with the square of the width).
 */
export function standardJoules(format: Format, nanometres: number): number {
  const multiply =
    format === 'int4'
      ? operationJoules('int8', 'multiply', nanometres) / 4
      : operationJoules(format, 'multiply', nanometres);
  return multiply + operationJoules(format === 'fp16' || format === 'fp32' ? 'fp32' : 'int32', 'add', nanometres);
}

export const ENERGY_SOURCE = `Horowitz, Computing’s energy problem, ISSCC 2014, at ${OPERATIONS_NODE} nm`;

/** Lanes by format, clock, reconfiguration, energy. */
export function coreParameters(standardLanes: Partial<Record<Format, number>>, noun: string): readonly ParameterSpec[] {
  return [
    ...TASK_FORMATS.map((format) =>
      integerParameter(
        lanesId(format),
        `Lanes ${format}`,
        '',
        [0, 1e6],
        standardLanes[format] ?? 0,
        `${noun} finished a cycle with ${format} operands; 0: ${format} tasks do not run on it.`,
      ),
    ),
    {
      id: 'clockMegahertz',
      title: 'Clock',
      kind: 'number',
      unit: 'MHz',
      minimum: 1,
      maximum: 10_000,
      default: 300,
      help: 'The fastest clock drawn is the tick of a simulation; every other must go into it a whole number of times.',
    },
    ...RECONFIGURATION,
    ...TASK_FORMATS.map(
      (format): ParameterSpec => ({
        id: energyId(format),
        title: `Energy ${format}`,
        kind: 'number',
        unit: 'pJ',
        minimum: NOT_GIVEN,
        maximum: 1e6,
        default: NOT_GIVEN,
        help: `Of one ${format} operation. −1: a multiply and an accumulating add at the technology node; an FPGA takes more.`,
        source: ENERGY_SOURCE,
        advanced: true,
      }),
    ),
    technologyParameter,
    {
      id: 'staticWatts',
      title: 'Static power',
      kind: 'number',
      unit: 'W',
      minimum: 0,
      maximum: 10_000,
      default: 0,
      help: 'Power it takes doing nothing; counts over the whole run.',
      advanced: true,
    },
  ];
}

const RECONFIGURATION: readonly ParameterSpec[] = [
  {
    id: 'reconfiguration',
    title: 'Reconfiguration',
    kind: 'choice',
    default: 'mux',
    choices: [
      { value: 'mux', title: 'Multiplexers' },
      { value: 'context', title: 'Context over a port' },
      { value: 'partial', title: 'Partial bitstream' },
    ],
    help: 'How it is given another task: its multiplexers switch, a context is loaded, or part of the device is configured anew.',
    source: 'InTAR, arXiv:2502.08807 (multiplexers)',
  },
  {
    ...integerParameter(
      'switchCycles',
      'Switching',
      'cycles',
      [0, 1e9],
      4,
      'Cycles to switch multiplexers, after the core has drained; 10 to 20 ns.',
    ),
    source: 'InTAR, arXiv:2502.08807',
  },
  {
    ...integerParameter('contextBytes', 'Context', 'B', [0, 2 ** 40], 1024, 'Bytes of a configuration context.'),
    advanced: true,
  },
  {
    id: 'contextBytesPerCycle',
    title: 'Context port',
    kind: 'number',
    unit: 'B/cycle',
    minimum: 1e-6,
    maximum: 1e6,
    default: 8,
    help: 'Bytes of a context loaded a cycle.',
    advanced: true,
  },
  {
    ...integerParameter('bitstreamBytes', 'Bitstream', 'B', [0, 2 ** 40], 2 ** 20, 'Bytes of a partial bitstream.'),
    advanced: true,
  },
  {
    id: 'bitstreamBytesPerSecond',
    title: 'Configuration port',
    kind: 'number',
    unit: 'B/s',
    minimum: 1,
    maximum: 1e15,
    default: 800e6,
    help: 'Bytes of a bitstream written a second; the internal port takes 32 bits at up to 200 MHz.',
    source: 'AMD UG570, UltraScale configuration, ICAPE3',
    advanced: true,
  },
];

/** `16 int16, 32 int8 lanes · 300 MHz`. */
export function coreBadge(p: ParameterValues): string {
  const lanes = TASK_FORMATS.flatMap((format) => {
    const count = integerOf(p, lanesId(format));
    return count > 0 ? [`${count.toLocaleString('en-GB')} ${format}`] : [];
  });
  const switching = textOf(p, 'reconfiguration', 'mux');
  return [
    lanes.length === 0 ? 'no lanes' : lanes.length > 2 ? `${lanes[0]} … ${lanes.at(-1)}` : lanes.join(', '),
    `${integerOf(p, 'clockMegahertz', 300)} MHz`,
    ...(switching === 'mux' ? [] : [switching]),
  ].join(' · ');
}

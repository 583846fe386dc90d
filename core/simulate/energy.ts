/**
 * Energy constants and their sources. 45 nm, 0.9 V (Horowitz, Computing's energy problem, ISSCC 2014) unless said;
 * one node for everything on chip, so that parts compare. An estimate: no leakage, no clock tree.
 */
import type { RunSettings } from '#core/run/settings.ts';

const HOROWITZ = 'Horowitz, Computing’s energy problem, ISSCC 2014, 45 nm 0.9 V';
const PICO = 1e-12;

export interface OperationEnergy {
  /** Joules. */
  readonly mac: number;
  readonly laneOperation: number;
  readonly source: string;
}

/** A MAC is a multiply in the format and an add in the accumulator; a lane operation is an add. */
export function operationEnergy(format: RunSettings['format']): OperationEnergy {
  switch (format) {
    case 'int8':
      return {
        mac: 0.3 * PICO,
        laneOperation: 0.1 * PICO,
        source: `${HOROWITZ}: int8 multiply 0.2 pJ + int32 add 0.1 pJ`,
      };
    case 'int16':
      return {
        mac: 0.9 * PICO,
        laneOperation: 0.1 * PICO,
        source: `int8 multiply 0.2 pJ × 4 (multipliers grow with the square of the width: an estimate) + int32 add 0.1 pJ; ${HOROWITZ}`,
      };
    case 'fp16':
      return {
        mac: 2 * PICO,
        laneOperation: 0.4 * PICO,
        source: `${HOROWITZ}: fp16 multiply 1.1 pJ + fp32 add 0.9 pJ`,
      };
    case 'fp32':
    case 'model':
      return {
        mac: 4.6 * PICO,
        laneOperation: 0.9 * PICO,
        source: `${HOROWITZ}: fp32 multiply 3.7 pJ + fp32 add 0.9 pJ`,
      };
  }
}

/** Published points: capacity in bytes, joules a byte (a 64-bit access ÷ 8). */
const SRAM_POINTS: readonly (readonly [bytes: number, joules: number])[] = [
  [8 * 1024, (10 / 8) * PICO],
  [32 * 1024, (20 / 8) * PICO],
  [1024 * 1024, (100 / 8) * PICO],
];
export const SRAM_SOURCE = `${HOROWITZ}: 8 / 32 / 1,024 KiB at 10 / 20 / 100 pJ a 64-bit access, interpolated on a log–log line`;

/** Joules a byte read from or written to an SRAM of this capacity; straight lines in log–log, continued past the ends. */
export function sramJoulesPerByte(capacityBytes: number): number {
  const last = SRAM_POINTS.length - 2;
  const found = SRAM_POINTS.findIndex((_, index) => index < last && capacityBytes <= SRAM_POINTS[index + 1]![0]);
  const index = found < 0 ? last : found;
  const [x0, y0] = SRAM_POINTS[index]!;
  const [x1, y1] = SRAM_POINTS[index + 1]!;
  const slope = Math.log(y1 / y0) / Math.log(x1 / x0);
  return y0 * (Math.max(capacityBytes, 1) / x0) ** slope;
}

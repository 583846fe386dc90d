/**
 * Area of what is drawn: arithmetic and registers of cells and lanes from Aladdin's 40 nm library (32-bit adder and
 * multiplier, register bit, single-precision units), buffers and scratchpad from CACTI. Wires, control, DMA and the
 * function tables of special-function units are not in it: a floor, not a floor plan.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { ALADDIN, ALADDIN_NODE } from './cells.ts';
import { type Figure, figure } from './figure.ts';
import { areaScale, isScalingChecked } from './scaling.ts';
import { sramFigures } from './sram.ts';

const aladdin = (id: string, value: number, per: string, source: string = ALADDIN, isChecked = true) =>
  figure(`area.${id}`, value, 'µm²', per, '40 nm', source, isChecked);

export const AREA_FIGURES = {
  adder: aladdin('int32.add', 278, 'a 32-bit adder'),
  multiplier: aladdin('int32.multiply', 6350, 'a 32-bit multiplier'),
  register: aladdin('register', 5.98, 'a register bit'),
  floatAdder: aladdin('fp32.add', 4360, 'a single-precision adder'),
  floatMultiplier: aladdin('fp32.multiply', 8970, 'a single-precision multiplier'),
} as const satisfies Readonly<Record<string, Figure>>;

const SQUARE_MILLIMETRE = 1e6;

export interface MacArea {
  readonly squareMillimetres: number;
  readonly source: string;
  /** False where a width was derived from another: multipliers ∝ width², adders ∝ width. */
  readonly isChecked: boolean;
}

/** A multiplier in the format, a 32-bit accumulating adder, and registers for two operands and the sum. */
export function macArea(format: RunSettings['format'], nanometres: number): MacArea {
  const { adder, multiplier, register, floatAdder, floatMultiplier } = AREA_FIGURES;
  const scale = areaScale(ALADDIN_NODE, nanometres) / SQUARE_MILLIMETRE;
  const checked = isScalingChecked(ALADDIN_NODE, nanometres);
  switch (format) {
    case 'int8':
    case 'int16': {
      const bits = format === 'int8' ? 8 : 16;
      const area = multiplier.value * (bits / 32) ** 2 + adder.value + (2 * bits + 32) * register.value;
      return {
        squareMillimetres: area * scale,
        source: `32-bit multiplier ${multiplier.value} µm² × (${bits} ÷ 32)² + 32-bit adder ${adder.value} µm² + ${2 * bits + 32} register bits of ${register.value} µm² at 40 nm (${ALADDIN})`,
        isChecked: false,
      };
    }
    case 'fp16': {
      const area = floatMultiplier.value * (11 / 24) ** 2 + floatAdder.value + 64 * register.value;
      return {
        squareMillimetres: area * scale,
        source: `single-precision multiplier ${floatMultiplier.value} µm² × (11 ÷ 24)², the widths of the significands, + single-precision adder ${floatAdder.value} µm² + 64 register bits at 40 nm (${ALADDIN})`,
        isChecked: false,
      };
    }
    case 'fp32':
    case 'model':
      return {
        squareMillimetres: (floatMultiplier.value + floatAdder.value + 96 * register.value) * scale,
        source: `single-precision multiplier ${floatMultiplier.value} µm² + adder ${floatAdder.value} µm² + 96 register bits of ${register.value} µm² at 40 nm (${ALADDIN})`,
        isChecked: checked,
      };
  }
}

export interface AreaParts {
  /** mm². */
  readonly cells: number;
  readonly lanes: number;
  readonly buffers: number;
  readonly scratchpad: number;
  /** Watts that all SRAM leaks. */
  readonly leakageWatts: number;
}

/** Area of a machine's parts; their sum is the total. */
export function areaOf(machine: Machine, format: RunSettings['format']): AreaParts {
  const parts = { cells: 0, lanes: 0, buffers: 0, leakageWatts: 0 };
  const buffer = (bytes: number, nanometres: number) => {
    const { squareMillimetres, leakageWatts } = sramFigures(bytes, nanometres);
    parts.buffers += squareMillimetres;
    parts.leakageWatts += leakageWatts;
  };
  for (const unit of machine.units) {
    const each = macArea(format, unit.nanometres).squareMillimetres;
    if (unit.kind === 'systolic-array') {
      parts.cells += unit.rows * unit.columns * each;
      for (const bytes of [unit.inputBufferBytes, unit.weightBufferBytes, unit.outputBufferBytes])
        buffer(bytes, unit.nanometres);
    } else {
      parts.lanes += unit.lanes * each;
      buffer(unit.bufferBytes, unit.nanometres);
    }
  }
  const { capacityBytes, nanometres } = machine.scratchpad;
  const scratchpad = sramFigures(capacityBytes, nanometres);
  return {
    ...parts,
    scratchpad: scratchpad.squareMillimetres,
    leakageWatts: parts.leakageWatts + scratchpad.leakageWatts,
  };
}

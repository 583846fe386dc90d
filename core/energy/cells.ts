/**
 * What a MAC costs an array beside its arithmetic: operands and partial sums that stay in a cell or move to the next.
 * Two kinds of cell: pipeline registers (Aladdin's register) or a register file and a network (Eyeriss' relative costs).
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import { type Figure, figure, figureText } from './figure.ts';
import { operationJoules } from './operations.ts';
import { energyScale, isScalingChecked, SCALING_SOURCE } from './scaling.ts';

const PICO = 1e-12;
export const ALADDIN_NODE = 40;
export const ALADDIN = 'Aladdin (Shao et al., ISCA 2014), 40 nm library tables at 1 ns';
const EYERISS = 'Chen et al., Eyeriss, ISCA 2016; the same weights in nn_dataflow (mem_hier 200, 6, 2, 1)';
const ACCUMULATOR_BITS = 32;

/** One bit of a pipeline register, clocked. */
export const REGISTER_BIT: Figure = figure('cell.register-bit', 0.009, 'pJ', 'a bit', '40 nm', ALADDIN);

/** Energies relative to a 16-bit MAC, for 16 bits. */
export const EYERISS_LEVELS = {
  registerFile: figure('eyeriss.register-file', 1, '×', 'a 16-bit access', '65 nm', EYERISS),
  hop: figure('eyeriss.hop', 2, '×', '16 bits to the next cell', '65 nm', EYERISS),
  globalBuffer: figure('eyeriss.global-buffer', 6, '×', 'a 16-bit access of 100 kB', '65 nm', EYERISS),
  dram: figure('eyeriss.dram', 200, '×', 'a 16-bit access', '65 nm', EYERISS),
} as const satisfies Readonly<Record<string, Figure>>;

export const CELL_KINDS = ['pipeline', 'register-file'] as const;
export type CellKind = (typeof CELL_KINDS)[number];

/** Joules of `bits` at one of Eyeriss' levels, its unit being an int16 multiply and add at the node. */
export function eyerissJoules(level: keyof typeof EYERISS_LEVELS, bits: number, nanometres: number): number {
  const mac = operationJoules('int16', 'multiply', nanometres) + operationJoules('int16', 'add', nanometres);
  return EYERISS_LEVELS[level].value * mac * (bits / 16);
}

export interface CellEnergy {
  /** Joules a MAC. */
  readonly joulesPerMac: number;
  readonly source: string;
  readonly isChecked: boolean;
}

/**
 * Output-stationary: both operands move on, the sum stays. Weight- and input-stationary: one operand and the partial sum
 * move on, the other operand stays.
 * @param bits of an operand; sums have 32.
 */
export function cellEnergy(kind: CellKind, dataflow: Dataflow, bits: number, nanometres: number): CellEnergy {
  const moved = dataflow === 'os' ? 2 * bits : bits + ACCUMULATOR_BITS;
  if (kind === 'pipeline') {
    // A value that moves on is clocked into a register; so is a sum that stays. A weight that stays is not.
    const clocked = moved + (dataflow === 'os' ? ACCUMULATOR_BITS : 0);
    return {
      joulesPerMac: clocked * REGISTER_BIT.value * PICO * energyScale(ALADDIN_NODE, nanometres),
      source: `${clocked} register bits a MAC, ${figureText(REGISTER_BIT)}; scaled to ${nanometres} nm by ${SCALING_SOURCE}`,
      isChecked: isScalingChecked(ALADDIN_NODE, nanometres),
    };
  }
  const accessed = dataflow === 'os' ? 2 * ACCUMULATOR_BITS : bits;
  return {
    joulesPerMac: eyerissJoules('hop', moved, nanometres) + eyerissJoules('registerFile', accessed, nanometres),
    source: `${moved} bits to the next cell and ${accessed} bits of register file a MAC, 2 × and 1 × a 16-bit MAC for 16 bits (${EYERISS}); the int16 MAC is unverified`,
    isChecked: false,
  };
}

/**
 * Energy of arithmetic by precision at 45 nm, 0.9 V (Horowitz, Computing's energy problem, ISSCC 2014), scaled to other
 * nodes. What the source leaves out is derived and says how; figures nobody checked are listed and never used.
 */
import type { RunSettings } from '#core/run/settings.ts';
import { type Figure, figure, figureText } from './figure.ts';
import { remembered } from './remembered.ts';
import { energyScale, isScalingChecked, SCALING_SOURCE } from './scaling.ts';

const HOROWITZ = 'Horowitz, Computing’s energy problem, ISSCC 2014';
const AT = '45 nm, 0.9 V';
const JOUPPI = 'Jouppi et al., Ten lessons from three generations, ISCA 2021, table 2';
const PICO = 1e-12;
/** The node of the operation energies. */
export const OPERATIONS_NODE = 45;

export type Precision = 'int8' | 'int16' | 'int32' | 'fp16' | 'bf16' | 'fp32';
export type Arithmetic = 'add' | 'multiply';

const operation = (precision: Precision, arithmetic: Arithmetic, value: number, source: string, isChecked = true) =>
  figure(`operation.${precision}.${arithmetic}`, value, 'pJ', 'an operation', AT, source, isChecked);

/** One figure for each precision and operation. */
export const OPERATION_FIGURES: readonly Figure[] = [
  operation('int8', 'add', 0.03, HOROWITZ),
  operation('int8', 'multiply', 0.2, HOROWITZ),
  operation('int16', 'add', 0.06, `twice the int8 add (adders grow with the width) of ${HOROWITZ}`, false),
  operation(
    'int16',
    'multiply',
    0.8,
    `four times the int8 multiply (multipliers grow with its square) of ${HOROWITZ}`,
    false,
  ),
  operation('int32', 'add', 0.1, HOROWITZ),
  operation('int32', 'multiply', 3.1, HOROWITZ),
  operation('fp16', 'add', 0.4, HOROWITZ),
  operation('fp16', 'multiply', 1.1, HOROWITZ),
  operation('bf16', 'add', 0.4, `taken as the fp16 add of ${HOROWITZ}`, false),
  operation('bf16', 'multiply', 0.58, `fp16 multiply × (8 ÷ 11)², the widths of the significands; ${HOROWITZ}`, false),
  operation('fp32', 'add', 0.9, HOROWITZ),
  operation('fp32', 'multiply', 3.7, HOROWITZ),
];

/** Figures at 7 nm to compare scaled ones with. Written from memory of the table, not read: shown, never computed with. */
export const UNVERIFIED_7NM: readonly Figure[] = (
  [
    ['int8.add', 0.007],
    ['int8.multiply', 0.07],
    ['int32.add', 0.03],
    ['bf16.add', 0.11],
    ['bf16.multiply', 0.21],
    ['fp32.add', 0.38],
    ['fp32.multiply', 1.31],
  ] as const
).map(([id, value]) => figure(`operation-7nm.${id}`, value, 'pJ', 'an operation', '7 nm', JOUPPI, false));

const byId = new Map(OPERATION_FIGURES.map((each) => [each.id, each]));

export function operationFigure(precision: Precision, arithmetic: Arithmetic): Figure {
  return byId.get(`operation.${precision}.${arithmetic}`)!;
}

/** Joules of one operation at a node. */
export function operationJoules(precision: Precision, arithmetic: Arithmetic, nanometres: number): number {
  return operationFigure(precision, arithmetic).value * PICO * energyScale(OPERATIONS_NODE, nanometres);
}

export interface OperationEnergy {
  /** Joules. */
  readonly mac: number;
  readonly laneOperation: number;
  /** Bits of an operand as it is stored and computed with. */
  readonly bits: number;
  /** Of the MAC. */
  readonly source: string;
  readonly isChecked: boolean;
  readonly laneSource: string;
  readonly isLaneChecked: boolean;
}

/** A MAC is a multiply in the format and an add in the accumulator (32 bits); a lane operation is an add in it. */
const MACS: Readonly<
  Record<RunSettings['format'], readonly [Precision, bits: number, accumulator: Precision, lane: Precision]>
> = {
  int8: ['int8', 8, 'int32', 'int32'],
  int16: ['int16', 16, 'int32', 'int32'],
  fp16: ['fp16', 16, 'fp32', 'fp16'],
  fp32: ['fp32', 32, 'fp32', 'fp32'],
  model: ['fp32', 32, 'fp32', 'fp32'],
};

export const operationEnergy = remembered(1024, energyOfOperations);

function energyOfOperations(format: RunSettings['format'], nanometres: number): OperationEnergy {
  const [precision, bits, accumulator, lane] = MACS[format];
  const multiply = operationFigure(precision, 'multiply');
  const add = operationFigure(accumulator, 'add');
  const laneAdd = operationFigure(lane, 'add');
  const isScaleChecked = isScalingChecked(OPERATIONS_NODE, nanometres);
  const scaled = nanometres === OPERATIONS_NODE ? '' : `; scaled to ${nanometres} nm by ${SCALING_SOURCE}`;
  return {
    mac: operationJoules(precision, 'multiply', nanometres) + operationJoules(accumulator, 'add', nanometres),
    laneOperation: operationJoules(lane, 'add', nanometres),
    bits,
    source: `${precision} multiply ${figureText(multiply)} + ${accumulator} add ${figureText(add)}${scaled}`,
    isChecked: multiply.isChecked && add.isChecked && isScaleChecked,
    laneSource: `${lane} add ${figureText(laneAdd)}${scaled}`,
    isLaneChecked: laneAdd.isChecked && isScaleChecked,
  };
}

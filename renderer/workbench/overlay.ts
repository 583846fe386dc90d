/** Metrics that can colour the drawn graphs: one value a node, with title and unit for the legend. */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import { laneBusyCycles, type RunData } from '#core/report/run-data.ts';
import type { OperatorColumn } from '#core/run/result.ts';
import { sequentialColour } from './colour-scale.ts';

export interface Overlay {
  /** Document whose nodes the values belong to. */
  readonly document: string;
  readonly title: string;
  readonly unit: Unit;
  readonly minimum: number;
  readonly maximum: number;
  readonly values: ReadonlyMap<string, number>;
  /** CSS colour of a value, in the same scale the legend shows. */
  readonly colour: (value: number) => string;
  /** A value as it is written on a node and in the legend. */
  readonly text: (value: number) => string;
}

/** Values by node of a document, on one scale. */
export function overlayOf(document: string, title: string, unit: Unit, values: ReadonlyMap<string, number>): Overlay {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values.values()) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (values.size === 0) {
    minimum = 0;
    maximum = 0;
  }
  // Ratios keep their whole range, so that 40 % looks like 40 % in every run; amounts start at zero.
  if (unit === '1') maximum = Math.max(1, maximum);
  if (minimum > 0) minimum = 0;
  const range = maximum - minimum;
  const colour = (value: number) => sequentialColour(range > 0 ? (value - minimum) / range : 0);
  const text = (value: number) => formatQuantity(value, unit);
  return { document, title, unit, minimum, maximum, values, colour, text };
}

/** One column of the operator table on the model's nodes; every node of a fused operator carries its value. */
export function operatorOverlay(data: RunData, column: OperatorColumn): Overlay {
  const values = new Map<string, number>();
  for (const operator of data.result.operators)
    for (const node of operator.nodes) values.set(node, operator[column.id]);
  return overlayOf(data.result.inputs.model.id, column.title, column.unit, values);
}

/** Share of the makespan each drawn component was busy. */
export function componentOverlay(data: RunData): Overlay {
  const values = new Map<string, number>();
  const { timeline } = data;
  timeline.lanes.forEach((lane, index) => {
    const share = timeline.makespanCycles > 0 ? laneBusyCycles(timeline, index) / timeline.makespanCycles : 0;
    values.set(lane.component, Math.max(values.get(lane.component) ?? 0, share));
  });
  return overlayOf(data.result.inputs.architecture.id, 'Busy share of the makespan', '1', values);
}

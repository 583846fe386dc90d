/**
 * Energy and area from one technology node to another: Stillmaker & Baas, Scaling equations for the accurate prediction of
 * CMOS device performance from 180 nm to 7 nm, Integration 58, 2017. Energy of a gate ∝ a·V² + b·V + c of its node; area
 * by the paper's ratios. Between nodes straight lines in log–log. Both tables agree in two independent transcriptions
 * (Accelergy's scaling, UCLA nodeScale), except the 180 nm row, which only the second has.
 */

export const SCALING_SOURCE = 'Stillmaker & Baas, Integration 58, 2017, energy polynomials and area ratios';

/** Supply at which nodes are compared unless a caller knows better: that of the 45 nm operation energies. */
export const COMPARISON_VOLTS = 0.9;

interface Node {
  readonly nanometres: number;
  /** Energy factor a·V² + b·V + c. 180–65 nm bulk, 45 and 32 nm low power, 20–7 nm high-performance multi-gate. */
  readonly energy: readonly [a: number, b: number, c: number];
  /** Area relative to 45 nm. */
  readonly area: number;
  readonly isChecked: boolean;
}

const NODES: readonly Node[] = [
  { nanometres: 7, energy: [0.1776, -0.09097, 0.02447], area: 0.059, isChecked: true },
  { nanometres: 10, energy: [0.2068, -0.09311, 0.02375], area: 0.1, isChecked: true },
  { nanometres: 14, energy: [0.2363, -0.09675, 0.02239], area: 0.17, isChecked: true },
  { nanometres: 16, energy: [0.2958, -0.1241, 0.03024], area: 0.19, isChecked: true },
  { nanometres: 20, energy: [0.373, -0.1582, 0.04104], area: 0.21, isChecked: true },
  { nanometres: 32, energy: [0.9559, -0.7823, 0.471], area: 0.46, isChecked: true },
  { nanometres: 45, energy: [1.103, -0.362, 0.2767], area: 1, isChecked: true },
  { nanometres: 65, energy: [3.755, -4.398, 1.975], area: 1.5, isChecked: true },
  { nanometres: 90, energy: [4.762, -4.781, 2.092], area: 2.8, isChecked: true },
  { nanometres: 130, energy: [7.171, -6.709, 2.904], area: 6.4, isChecked: true },
  { nanometres: 180, energy: [0, 24.64, -17.98], area: 19, isChecked: false },
];

export const SMALLEST_NODE = 7;
export const LARGEST_NODE = 180;

/** Factor on an energy when it moves from one node to another, both at `volts` (0.8–1.1 V is where all rows hold). */
export function energyScale(fromNanometres: number, toNanometres: number, volts = COMPARISON_VOLTS): number {
  const factor = ({ energy: [a, b, c] }: Node) => a * volts * volts + b * volts + c;
  return along(toNanometres, factor) / along(fromNanometres, factor);
}

/** Factor on an area when it moves from one node to another. */
export function areaScale(fromNanometres: number, toNanometres: number): number {
  return along(toNanometres, ({ area }) => area) / along(fromNanometres, ({ area }) => area);
}

/** Whether every row a scaling touches agrees in two transcriptions. */
export function isScalingChecked(fromNanometres: number, toNanometres: number): boolean {
  return Math.max(fromNanometres, toNanometres) <= 130;
}

/** Log–log between the nodes beside; the end rows beyond the ends. */
function along(nanometres: number, read: (node: Node) => number): number {
  const at = NODES.findIndex((node) => node.nanometres >= nanometres);
  const above = NODES.at(at)!;
  if (at <= 0 || above.nanometres === nanometres) return read(at === 0 ? NODES[0]! : above);
  const below = NODES[at - 1]!;
  const share = Math.log(nanometres / below.nanometres) / Math.log(above.nanometres / below.nanometres);
  return read(below) * (read(above) / read(below)) ** share;
}

/**
 * A network's mappings on a machine as MAESTRO evaluates them: a cost for every layer, its energy, area and power, and the
 * row of figures it prints. Energies and areas are MAESTRO's own. Source: maestro-project/maestro, DSE_cost-database,
 * DSE_scaling-coefficients, DSE_hardware_modules and the CSV writer.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { Refusal, tensorsOf } from './clusters.ts';
import { type LayerCost, type LevelCost, layerCost } from './cost.ts';
import type { Hardware } from './hardware.ts';
import type { Network, NetworkLayer } from './network.ts';

/** Nanojoule of a multiply-accumulate; an access costs so many of them. */
const MAC_NANOJOULE = 0.00023;
const L1_ACCESS = 1.68;
const L2_ACCESS = 18.61;
/** µm² and mW: of a processing element, a byte of SRAM, an element a cycle of bus, an arbiter; of 28 nm. */
const ELEMENT = { area: 283, power: 1.2223 };
const SRAM_BYTE = { area: 0.104, power: 0.00345 };
const BUS = { area: 101.7938, power: 0.8, fixed: 28.895, perElement: 14.662 };
const ARBITER = { area: 395.473, power: 0.34, fixed: -23.711, perElement: 5.5814, perPair: 1.2886 };

export interface LayerEvaluation {
  readonly layer: NetworkLayer;
  readonly cost: LayerCost;
  /** Of this layer's L1 and L2 accesses. */
  readonly energyNanojoule: number;
  /** As MAESTRO prints it: with more than one cluster level the L1's part is the layer's before this one, 0 at first. */
  readonly printedEnergyNanojoule: number;
  readonly area: number;
  readonly power: { readonly elements: number; readonly l1: number; readonly l2: number; readonly network: number };
  /** Figures under COLUMNS. */
  readonly figures: readonly number[];
}

/** MAESTRO's titles, after network and layer. It names the largest compute delay a second minimum. */
export const COLUMNS: readonly string[] = [
  'NumPEs',
  'Runtime (Cycles)',
  'Activity count-based Energy (nJ)',
  'Throughput (MACs/Cycle)',
  'Throughput Per Energy (GMACs/s*J)',
  'Area',
  'Power',
  'NoC BW Req (Elements/cycle)',
  'Avg BW Req',
  'Peak BW Req',
  'Vector Width',
  'Offchip BW Req (Elements/cycle)',
  'L2 SRAM Size Req (Bytes)',
  'L1 SRAM Size Req (Bytes)',
  'Multicasting Factor (Weight)',
  'Multicasting Factor (Input)',
  'Num Total Input Pixels',
  'Num Total Weight Pixels',
  'Ops/J',
  'Num MACs',
  'PE power',
  'L1 power',
  'L2 power',
  'NOC power',
  ...['input', 'filter', 'output'].flatMap((tensor) =>
    ['l1 read', 'l1 write', 'l2 read', 'l2 write', 'reuse factor'].map((what) => `${tensor} ${what}`),
  ),
  ...['Ingress Delay', 'Egress Delay'].flatMap((what) => ['Min', 'Max', 'Avg'].map((which) => `${what} (${which})`)),
  'Compute Delay (Min)',
  'Compute Delay (Min)',
  'Compute Delay (Avg)',
  'Avg number of utilized PEs',
  'Arithmetic Intensity',
];

/** Every layer, in order, or what is wrong with the first that MAESTRO does not evaluate either. */
export function evaluateNetwork(
  network: Network,
  hardware: Hardware,
  file: string,
): Result<readonly LayerEvaluation[], Problem> {
  const found: LayerEvaluation[] = [];
  // Whether there is a batch is settled by the first layer of a kind.
  const batches = new Map<string, boolean>();
  let l1Before = 0;
  for (const layer of network.layers) {
    const kind = layer.type === 'TRCONV' ? 'CONV' : layer.type;
    const hasBatch = batches.get(kind) ?? layer.extents.has('N');
    batches.set(kind, hasBatch);
    try {
      const tensors = tensorsOf(layer.type, hasBatch);
      const cost = layerCost(layer, tensors, hardware);
      const [l1, l2] = accessEnergies(cost);
      const printed = l2 + (cost.levels === 1 ? l1 : l1Before);
      l1Before = l1;
      const size = (tensor: readonly string[]): number =>
        [...layer.extents].reduce((product, [name, extent]) => (tensor.includes(name) ? product * extent : product), 1);
      const made = {
        layer,
        cost,
        energyNanojoule: l1 + l2,
        printedEnergyNanojoule: printed,
        ...silicon(cost, hardware),
      };
      found.push({ ...made, figures: figuresOf(made, hardware, size(tensors.input), size(tensors.filter)) });
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      return err(
        problem('maestro.mapping-refused', `${file}, layer ${layer.name}: ${cause.message}`, {
          where: { file },
          facts: { line: layer.line, layer: layer.name },
        }),
      );
    }
  }
  return ok(found);
}

/** Nanojoule of L1 and of L2. Results read from L2 are not counted, as there. */
function accessEnergies({ accesses: { input, filter, output } }: LevelCost): readonly [l1: number, l2: number] {
  const all = [input, filter, output];
  const l1 = all.reduce((sum, { l1Reads, l1Writes }) => sum + l1Reads + l1Writes, 0);
  const l2 = input.l2Reads + input.l2Writes + filter.l2Reads + filter.l2Writes + output.l2Writes;
  return [l1 * L1_ACCESS * MAC_NANOJOULE, l2 * L2_ACCESS * MAC_NANOJOULE];
}

function silicon(cost: LayerCost, { elements, networkPerCycle }: Hardware): Pick<LayerEvaluation, 'area' | 'power'> {
  const l1 = elements * Math.max(1, cost.unitElements);
  const l2 = Math.max(1, cost.l2Elements);
  const bus = BUS.fixed + BUS.perElement * elements;
  const arbiter = ARBITER.fixed + ARBITER.perElement * elements + ARBITER.perPair * elements ** 2;
  // Bus and arbiter in µW.
  const network =
    (BUS.power * bus * networkPerCycle) / 1000 + Math.max(ARBITER.power, (ARBITER.power * arbiter) / 1000);
  return {
    area:
      ELEMENT.area * elements +
      SRAM_BYTE.area * (l1 + l2) +
      BUS.area * bus * networkPerCycle +
      Math.max(ARBITER.area, ARBITER.area * arbiter),
    power: {
      elements: ELEMENT.power * elements,
      l1: SRAM_BYTE.power * l1,
      l2: SRAM_BYTE.power * l2,
      network,
    },
  };
}

function figuresOf(
  { cost, printedEnergyNanojoule: energy, area, power }: Omit<LayerEvaluation, 'figures'>,
  { elements }: Hardware,
  inputs: number,
  filters: number,
): readonly number[] {
  const { input, filter, output } = cost.accesses;
  const throughput = cost.macs / cost.cycles;
  const spread = ({ minimum, maximum, average }: LevelCost['ingress']): readonly number[] => [
    minimum,
    maximum,
    average,
  ];
  return [
    elements,
    cost.cycles,
    energy,
    throughput,
    (throughput / energy) * 1e9,
    area,
    power.elements + power.l1 + power.l2 + power.network,
    cost.peakBandwidth,
    cost.averageBandwidth,
    cost.peakBandwidth,
    1,
    cost.offChipBandwidth,
    cost.l2Elements,
    cost.unitElements,
    filter.l1Writes / filter.l2Reads,
    input.l1Writes / input.l2Reads,
    inputs,
    filters,
    (cost.macs / energy) * 1e9,
    cost.macs,
    power.elements,
    power.l1,
    power.l2,
    power.network,
    ...[input, filter, output].flatMap(({ l1Reads, l1Writes, l2Reads, l2Writes }) => [
      l1Reads,
      l1Writes,
      l2Reads,
      l2Writes,
      l1Reads / l1Writes,
    ]),
    ...spread(cost.ingress),
    ...spread(cost.egress),
    ...spread(cost.compute),
    cost.elementsUsed,
    cost.intensity,
  ];
}

/** `weft map` on MAESTRO's files: every layer of a mapping file on the hardware of another. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Accesses, LevelCost } from '#core/interchange/maestro/cost.ts';
import { COLUMNS, evaluateNetwork, type LayerEvaluation } from '#core/interchange/maestro/evaluate.ts';
import { type Fault, type Hardware, readHardware } from '#core/interchange/maestro/hardware.ts';
import { type Network, readNetwork } from '#core/interchange/maestro/network.ts';
import type { TextFile } from '#core/interchange/timeloop/read.ts';

export interface MaestroAnswer {
  readonly network: Network;
  readonly hardware: Hardware;
  readonly layers: readonly LayerEvaluation[];
  /** Warnings. */
  readonly problems: readonly Problem[];
}

export function mapMaestro(mapping: TextFile, machine: TextFile): Result<MaestroAnswer, Problem> {
  const network = readNetwork(mapping.text);
  if (!network.ok) return err(unreadable(network.error, mapping.name));
  const hardware = readHardware(machine.text);
  if (!hardware.ok) return err(unreadable(hardware.error, machine.name));
  const layers = evaluateNetwork(network.value, hardware.value, mapping.name);
  if (!layers.ok) return layers;
  const where = { file: machine.name };
  const warning = (code: string, message: string, file = machine.name): Problem =>
    problem(`maestro.${code}`, message, { severity: 'warning', where: { ...where, file } });
  return ok({
    network: network.value,
    hardware: hardware.value,
    layers: layers.value,
    problems: [
      ...hardware.value.unknown.map(({ key, line }) =>
        warning('unknown-key', `line ${line}: ${key} is not known and not used`),
      ),
      ...hardware.value.assumed
        .filter(({ key }) => key === 'noc_bw_cstr' || key === 'offchip_bw_cstr')
        .map(({ key, value }) => warning('assumed', `${key} is not in the file: ${value} is taken`)),
      ...layers.value
        .filter(({ cost }) => cost.cycles === 0)
        .map(({ layer }) =>
          warning('no-work', `layer ${layer.name}: its mapping computes nothing, so it has no cycles`, mapping.name),
        ),
    ],
  });
}

function unreadable({ line, message }: Fault, file: string): Problem {
  return problem('maestro.unreadable', `${file}${line === null ? '' : `, line ${line}`}: ${message}`, {
    where: { file },
    facts: line === null ? {} : { line },
  });
}

export function maestroJson({ network, hardware, layers, problems }: MaestroAnswer) {
  const total = (of: (one: LayerEvaluation) => number): number => layers.reduce((sum, one) => sum + of(one), 0);
  return {
    status: 'ok',
    network: network.name,
    elements: hardware.elements,
    cycles: total(({ cost }) => cost.cycles),
    macs: total(({ cost }) => cost.macs),
    energy_nJ: total(({ energyNanojoule }) => energyNanojoule),
    layers: layers.map(({ layer, cost, energyNanojoule, printedEnergyNanojoule }) => ({
      layer: layer.name,
      type: layer.type,
      cycles: cost.cycles,
      macs: cost.macs,
      elements_used: cost.elementsUsed,
      utilization: cost.elementsUsed / hardware.elements,
      peak_bandwidth: cost.peakBandwidth,
      average_bandwidth: cost.averageBandwidth,
      off_chip_bandwidth: cost.offChipBandwidth,
      l1_elements: cost.unitElements,
      l2_elements: cost.l2Elements,
      tensors: {
        input: accesses(cost.accesses.input),
        filter: accesses(cost.accesses.filter),
        output: accesses(cost.accesses.output),
      },
      step_cycles: { ingress: cost.ingress, egress: cost.egress, compute: cost.compute } satisfies Readonly<
        Record<string, LevelCost['ingress']>
      >,
      energy_nJ: energyNanojoule,
      energy_nJ_as_printed: printedEnergyNanojoule,
    })),
    columns: ['Neural Network Name', 'Layer Number', ...COLUMNS],
    rows: layers.map(({ layer, figures }) => [network.name, layer.name, ...figures]),
    problems,
  };
}

function accesses({ l1Reads, l1Writes, l2Reads, l2Writes }: Accesses) {
  return { l1_reads: l1Reads, l1_writes: l1Writes, l2_reads: l2Reads, l2_writes: l2Writes };
}

export function maestroText({ network, hardware, layers }: MaestroAnswer): string {
  const titles = [
    'layer',
    'type',
    'cycles',
    'MACs',
    'elements',
    'L2 reads',
    'L2 writes',
    'L1 reads',
    'L1 writes',
    'µJ',
  ];
  const rows = layers.map(({ layer, cost, energyNanojoule }) => {
    const all = Object.values(cost.accesses);
    const sum = (of: (one: Accesses) => number): string => String(all.reduce((total, one) => total + of(one), 0));
    return [
      layer.name,
      layer.type,
      String(cost.cycles),
      String(cost.macs),
      cost.elementsUsed.toFixed(1),
      sum(({ l2Reads }) => l2Reads),
      sum(({ l2Writes }) => l2Writes),
      sum(({ l1Reads }) => l1Reads),
      sum(({ l1Writes }) => l1Writes),
      (energyNanojoule / 1000).toFixed(2),
    ];
  });
  const table = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const cycles = layers.reduce((total, { cost }) => total + cost.cycles, 0);
  return [
    ...table.map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    ),
    '',
    `${network.name}: ${layers.length} layers, ${cycles} cycles on ${hardware.elements} processing elements`,
  ].join('\n');
}

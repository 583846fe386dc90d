import { existsSync, readFileSync } from 'node:fs';
import { type Problem, problem } from '#core/base/problem.ts';
import { isMapping } from '#core/interchange/maestro/network.ts';
import { formatTimeloopMapping } from '#core/interchange/timeloop/export.ts';
import { importTimeloop, type TimeloopImport } from '#core/interchange/timeloop/import.ts';
import type { TextFile } from '#core/interchange/timeloop/read.ts';
import type { ReuseRule } from '#core/mapping/accesses.ts';
import { type Evaluation, evaluate } from '#core/mapping/evaluate.ts';
import { MAPPING_OBJECTIVES, type MapAnswer, type MappingObjective } from '#core/mapping/mapper.ts';
import { formatMapping, type Mapping } from '#core/mapping/mapping.ts';
import { techniques } from '#core/technique/registry.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import {
  type Command,
  choiceOption,
  DONE,
  FAILED,
  integerOption,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { maestroJson, maestroText, mapMaestro } from './map-maestro.ts';

const EVALUATION_LIMIT = 100_000;
const REUSE_RULES = ['timeloop', 'exact'] as const satisfies readonly ReuseRule[];

export const mapCommand: Command = {
  name: 'map',
  positionals: [],
  summary:
    'Counts a loop-nest mapping as Timeloop or MAESTRO does, or finds the best one: reads, fills, updates, cycles, energy.',
  details: `Reads Timeloop's files: YAML of v0.2 to v0.4 (architecture as subtree or as nodes, problem, mapping) or JSON with the
flat form (arch: arithmetic and storage). Each file may hold several of architecture (arch), problem, mapping, ERT and
ERT_summary, also under the key input, so that one --problem file can carry all of them; of two files with the same part
the one given for it counts. Without a mapping, or with --search, the best is looked for. In permutations the first dimension is the innermost loop; split is how many leading ones lie along X.

--json writes {status: ok, cycles, parts: {compute, stall, fill, drain}, stalls, utilization (0…1), computes, energy_pJ,
edp_pJ_cycles, off_chip_bytes, levels: [{level, instances, cycles, capacity_words, used_words, data: [{data_space,
tile_words, partition_words, reads, fills, updates, temporal_reductions, energy_pJ}]}], counters: [[level, data space,
counter, value], …] under the names of Timeloop's stats, mapping, and after a search: {search: {objective, value,
lower_bound, stop: proven | budget | cancelled, evaluations, seconds}}. Reads, fills and updates are words per instance;
energies are of all instances. A mapping that does not fit: {status: rejected, message, problems}, exit code 1.

MAESTRO's files do as well: a mapping file (.m: network, layers, dataflows) as --problem, or as --mapping, and hardware (num_pes: …)
as --architecture; every layer is evaluated as MAESTRO does. --json then writes {status: ok, network, elements, cycles, macs,
energy_nJ, layers: [{layer, type, cycles, macs, elements_used, utilization, peak_bandwidth, average_bandwidth, off_chip_bandwidth, l1_elements,
l2_elements, tensors: {input | filter | output: {l1_reads, l1_writes, l2_reads, l2_writes}}, step_cycles, energy_nJ,
energy_nJ_as_printed}], columns, rows}, the last two under MAESTRO's own titles.

Energies are the ERT's where one is given, else Timeloop's own law. --reuse timeloop counts overlapping tiles of
convolutions as Timeloop does; exact counts the true overlap.`,
  options: {
    architecture: { type: 'string', value: 'FILE', help: 'The architecture.' },
    problem: { type: 'string', value: 'FILE', help: 'The problem, or everything.' },
    mapping: { type: 'string', value: 'FILE', help: 'The mapping to count; left out: the best is looked for.' },
    energy: { type: 'string', value: 'FILE', help: "Accelergy's ERT or ERT_summary." },
    reuse: { type: 'string', value: 'RULE', help: 'timeloop (default) or exact.' },
    search: { type: 'boolean', help: 'Look for the best mapping although one is given.' },
    objective: { type: 'string', value: 'NAME', help: 'Of the search: cycles, energy, edp (default) or off-chip.' },
    'no-bypass': { type: 'boolean', help: 'The search keeps every data space in every level.' },
    'evaluation-limit': { type: 'string', value: 'N', help: `Nests the search counts at most (${EVALUATION_LIMIT}).` },
    'mapping-out': { type: 'string', value: 'FILE', help: 'Where the mapping goes, as Timeloop v4 YAML.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run(_positionals, options, io) {
    const names = ['problem', 'architecture', 'mapping', 'energy'].flatMap(
      (option) => textOption(options, option) ?? [],
    );
    const reuse = choiceOption(options, 'reuse', REUSE_RULES) ?? 'timeloop';
    const objective = choiceOption(options, 'objective', MAPPING_OBJECTIVES) ?? 'edp';
    const evaluationLimit = integerOption(options, 'evaluation-limit', 1) ?? EVALUATION_LIMIT;
    const files = readTexts([...new Set(names)]);
    if (!Array.isArray(files)) return failed([files]);
    const dataflow = files.find(({ text }) => isMapping(text));
    if (dataflow) {
      const machine = files.find(({ name }) => name === textOption(options, 'architecture'));
      if (!machine || machine === dataflow)
        throw new UsageError(`--architecture is needed: MAESTRO's hardware for ${dataflow.name}`);
      const answer = mapMaestro(dataflow, machine);
      if (!answer.ok) return failed([answer.error]);
      printProblems(answer.value.problems, io);
      io.out(options.json ? JSON.stringify(maestroJson(answer.value)) : maestroText(answer.value));
      return DONE;
    }
    if (textOption(options, 'problem') === undefined)
      throw new UsageError('--problem is needed: the problem, or a file with everything');
    const imported = importTimeloop(files);
    if (!imported.ok) return failed([imported.error]);
    const { tree, workload, problems } = imported.value;
    printProblems(problems, io);

    let mapping = options.search ? null : imported.value.mapping;
    let evaluation: Evaluation;
    let search: Search | null = null;
    if (mapping === null) {
      const begun = performance.now();
      const [mapper] = techniques.mapper;
      const control = { report: () => {}, cancelled: () => false };
      const answer = mapper.map({
        tree,
        workload,
        objective,
        reuse,
        mayBypass: !options['no-bypass'],
        evaluationLimit,
        control,
      });
      if (!answer.ok) return failed([answer.error]);
      ({ mapping, evaluation } = answer.value);
      search = { ...answer.value, objective, seconds: Math.round(performance.now() - begun) / 1000 };
    } else {
      const counted = evaluate(tree, workload, mapping, reuse);
      if (!counted.ok) return failed([counted.error]);
      evaluation = counted.value;
    }
    const out = textOption(options, 'mapping-out');
    const written = out === undefined ? null : writeFileAtomic(out, formatTimeloopMapping(tree, workload, mapping));
    if (written && !written.ok) return failed([written.error]);
    io.out(
      options.json
        ? JSON.stringify(asJson(imported.value, mapping, evaluation, search))
        : asText(imported.value, mapping, evaluation, search),
    );
    return DONE;

    function failed(found: readonly Problem[]): number {
      printProblems(found, io);
      if (options.json)
        io.out(JSON.stringify({ status: 'rejected', message: found[0]?.message ?? '', problems: found }));
      return FAILED;
    }
  },
};

interface Search extends Pick<MapAnswer, 'value' | 'lowerBound' | 'stop' | 'evaluations'> {
  readonly objective: MappingObjective;
  readonly seconds: number;
}

function readTexts(names: readonly string[]): TextFile[] | Problem {
  const files: TextFile[] = [];
  for (const name of names) {
    if (!existsSync(name)) return problem('file.missing', `There is no file ${name}`, { where: { file: name } });
    try {
      files.push({ name, text: readFileSync(name, 'utf8') });
    } catch (cause) {
      return fileProblem('file.read-failed', `${name} could not be read`, name, cause);
    }
  }
  return files;
}

function asJson(
  { tree, workload, problems }: TimeloopImport,
  mapping: Mapping,
  found: Evaluation,
  search: Search | null,
) {
  return {
    status: 'ok',
    cycles: found.cycles,
    parts: found.parts,
    stalls: found.stalls.map(({ level, cycles, stallCycles }) => ({ level, cycles, stall_cycles: stallCycles })),
    utilization: found.utilisation,
    computes: found.computes,
    energy_pJ: found.energyPj,
    edp_pJ_cycles: found.edp,
    off_chip_bytes: found.offChipBytes,
    levels: found.levels.map(({ level, instances, cycles, capacityWords, usedWords, data }) => ({
      level,
      instances,
      cycles,
      capacity_words: capacityWords,
      used_words: usedWords,
      data: data.map((one) => ({
        data_space: one.dataSpace,
        tile_words: one.tileWords,
        partition_words: one.partitionWords,
        reads: one.reads,
        fills: one.fills,
        updates: one.updates,
        temporal_reductions: one.temporalReductions,
        energy_pJ: one.energyPj,
      })),
    })),
    counters: [
      [tree.compute.name, '', 'Computes (total)', found.computes],
      [tree.compute.name, '', 'Cycles', found.parts.compute],
      [tree.compute.name, '', 'Energy (total)', found.computeEnergyPj],
      ...found.levels.flatMap(({ level, instances, cycles, data }) => [
        [level, '', 'Cycles', cycles],
        ...data.flatMap((one) => [
          [level, one.dataSpace, 'Partition size', one.partitionWords],
          [level, one.dataSpace, 'Utilized capacity', one.tileWords],
          [level, one.dataSpace, 'Utilized instances (max)', instances],
          [level, one.dataSpace, 'Scalar reads (per-instance)', one.reads],
          [level, one.dataSpace, 'Scalar fills (per-instance)', one.fills],
          [level, one.dataSpace, 'Scalar updates (per-instance)', one.updates],
          [level, one.dataSpace, 'Temporal reductions (per-instance)', one.temporalReductions],
          [level, one.dataSpace, 'Energy (total)', one.energyPj],
        ]),
      ]),
    ],
    mapping: mapping.levels.map((level, index) => ({
      level: tree.levels[index]!.name,
      temporal: named(level.temporal),
      permutation: level.temporalOrder.map((dimension) => workload.dimensions[dimension]!.name),
      spatial: named(level.spatial),
      spatial_permutation: level.spatialOrder.map((dimension) => workload.dimensions[dimension]!.name),
      split: level.split,
      keep: workload.dataSpaces.filter((_, space) => level.keep[space]).map(({ name }) => name),
    })),
    ...(search && {
      search: {
        objective: search.objective,
        value: search.value,
        lower_bound: search.lowerBound,
        stop: search.stop,
        evaluations: search.evaluations,
        seconds: search.seconds,
      },
    }),
    problems,
  };

  function named(factors: readonly number[]): Readonly<Record<string, number>> {
    return Object.fromEntries(workload.dimensions.map(({ name }, dimension) => [name, factors[dimension]!]));
  }
}

function asText(
  { tree, workload }: TimeloopImport,
  mapping: Mapping,
  found: Evaluation,
  search: Search | null,
): string {
  const rows = found.levels
    .toReversed()
    .flatMap(({ level, data }) =>
      data.map((one) =>
        [level, one.dataSpace, one.tileWords, one.reads, one.fills, one.updates, one.energyPj.toFixed(1)].map(String),
      ),
    );
  const table = [['level', 'data space', 'tile', 'reads', 'fills', 'updates', 'pJ'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const { parts } = found;
  return [
    formatMapping(tree, workload, mapping),
    '',
    ...table.map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    ),
    '',
    `${found.cycles} cycles (compute ${parts.compute}, stall ${parts.stall}; before and after: fill ${parts.fill}, drain ${parts.drain}), ` +
      `utilisation ${(100 * found.utilisation).toFixed(1)} %, ${(found.energyPj / 1e6).toFixed(2)} µJ, ${found.offChipBytes} B off chip`,
    ...(search
      ? [
          `${search.stop}: ${search.objective} ${search.value}, at least ${search.lowerBound}, ${search.evaluations} nests, ${search.seconds} s`,
        ]
      : []),
  ].join('\n');
}

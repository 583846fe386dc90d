/**
 * SCALE-Sim's configuration: sections, `key : value` or `key = value`, keys in any case. Sizes are kB of 1024 words
 * of one byte, bandwidths words a cycle. Source: SCALE-Sim v3.0.0, scale_config; Python's configparser.
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ArrayDescription, ArrayPort, Operand } from '#core/cost/array-model.ts';

export interface ScaleSimConfig {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly dataflow: Dataflow;
  readonly kilobytes: Readonly<Record<Operand, number>>;
  /** calc: memories never stall. user: they have `wordsPerCycle`. */
  readonly interface: 'calc' | 'user';
  /** Off-chip interface of each operand; null where the file gives none. */
  readonly wordsPerCycle: Readonly<Record<Operand, number>> | null;
  /** What is switched on and not modelled. Never errors. */
  readonly problems: readonly Problem[];
}

interface Entry {
  readonly value: string;
  readonly line: number;
}

const LONGEST_TEXT = 1 << 20;
const LARGEST = { array: 65_536, kilobytes: 1 << 30, words: 1 << 30 } as const;

/** Keys of `[architecture_presets]` in lower case; the second name is that of older files. */
const SIZES: Readonly<Record<Operand, readonly string[]>> = {
  input: ['ifmapsramszkb', 'ifmapsramsz'],
  weight: ['filtersramszkb', 'filtersramsz'],
  output: ['ofmapsramszkb', 'ofmapsramsz'],
};

/** @returns the configuration, or the first fault; its message and facts name the line. */
export function parseConfig(text: string, file: string): Result<ScaleSimConfig, Problem> {
  const fault = (line: number, message: string) =>
    err(problem('scale-sim.config', `line ${line}: ${message}`, { where: { file }, facts: { line } }));
  if (text.length > LONGEST_TEXT) return fault(1, `the file is longer than ${LONGEST_TEXT} characters`);
  const sections = sectionsOf(text);
  if (!sections.ok) return fault(sections.error.line, sections.error.message);
  const { of, lineOf } = sections.value;

  const whole = (section: string, keys: readonly string[], title: string, largest: number): Result<number, Fault> => {
    const entry = find(of, section, keys);
    if (!entry) return err({ line: lineOf(section), message: `[${section}] has no ${title}` });
    const value = Number(entry.value);
    if (/^\d+$/.test(entry.value) && value >= 1 && value <= largest) return ok(value);
    const message = `${title} is '${entry.value.slice(0, 40)}', not a whole number from 1 to ${largest}`;
    return err({ line: entry.line, message });
  };

  const rows = whole('architecture_presets', ['arrayheight'], 'ArrayHeight', LARGEST.array);
  if (!rows.ok) return fault(rows.error.line, rows.error.message);
  const columns = whole('architecture_presets', ['arraywidth'], 'ArrayWidth', LARGEST.array);
  if (!columns.ok) return fault(columns.error.line, columns.error.message);
  const kilobytes = { input: 1, weight: 1, output: 1 };
  for (const [operand, title] of [
    ['input', 'IfmapSramSzkB'],
    ['weight', 'FilterSramSzkB'],
    ['output', 'OfmapSramSzkB'],
  ] as const) {
    const size = whole('architecture_presets', SIZES[operand], title, LARGEST.kilobytes);
    if (!size.ok) return fault(size.error.line, size.error.message);
    kilobytes[operand] = size.value;
  }

  const flow = find(of, 'architecture_presets', ['dataflow']);
  if (!flow) return fault(lineOf('architecture_presets'), '[architecture_presets] has no Dataflow');
  const dataflow = (['os', 'ws', 'is'] as const).find((one) => one === flow.value.toLowerCase());
  if (!dataflow) return fault(flow.line, `Dataflow is '${flow.value.slice(0, 40)}', not os, ws or is`);

  const problems: Problem[] = [];
  const warn = (line: number, message: string) =>
    problems.push(
      problem('scale-sim.config', `line ${line}: ${message}`, {
        severity: 'warning',
        where: { file },
        facts: { line },
      }),
    );
  const mode = find(of, 'run_presets', ['interfacebandwidth']);
  if (!mode) warn(lineOf('run_presets'), '[run_presets] has no InterfaceBandwidth; CALC is taken');
  const interfaceMode = (['calc', 'user'] as const).find((one) => one === (mode?.value.toLowerCase() ?? 'calc'));
  if (!interfaceMode) return fault(mode!.line, `InterfaceBandwidth is '${mode!.value.slice(0, 40)}', not CALC or USER`);

  const wordsPerCycle = bandwidths(of, interfaceMode, whole);
  if (!wordsPerCycle.ok) return fault(wordsPerCycle.error.line, wordsPerCycle.error.message);
  if (interfaceMode === 'user' && wordsPerCycle.value === null)
    return fault(lineOf('architecture_presets'), '[architecture_presets] has no Bandwidth, which USER needs');
  for (const [section, key, what] of [
    ['sparsity', 'sparsitysupport', 'SparsitySupport is on, but layers are counted as dense'],
    ['layout', 'ifmapcustomlayout', 'IfmapCustomLayout is on, but bank conflicts are not counted'],
    ['layout', 'filtercustomlayout', 'FilterCustomLayout is on, but bank conflicts are not counted'],
    ['run_presets', 'useramulatortrace', 'UseRamulatorTrace is on, but no DRAM trace is read'],
  ] as const) {
    const entry = find(of, section, [key]);
    if (entry && /^(true|yes|on|1)$/i.test(entry.value)) warn(entry.line, what);
  }
  const name = find(of, 'general', ['run_name'])?.value.replace(/^"(.*)"$/, '$1') || 'SCALE-Sim';
  return ok({
    name,
    rows: rows.value,
    columns: columns.value,
    dataflow,
    kilobytes,
    interface: interfaceMode,
    wordsPerCycle: wordsPerCycle.value,
    problems,
  });
}

interface Fault {
  readonly line: number;
  readonly message: string;
}

type Sections = ReadonlyMap<string, ReadonlyMap<string, Entry>>;

function find(sections: Sections, section: string, keys: readonly string[]): Entry | undefined {
  const entries = sections.get(section);
  for (const key of keys) {
    const entry = entries?.get(key);
    if (entry) return entry;
  }
  return undefined;
}

function sectionsOf(
  text: string,
): Result<{ readonly of: Sections; readonly lineOf: (section: string) => number }, Fault> {
  const of = new Map<string, Map<string, Entry>>();
  const starts = new Map<string, number>();
  let current: Map<string, Entry> | null = null;
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const section = /^\[([^\]]+)\]$/.exec(trimmed)?.[1];
    if (section !== undefined) {
      const name = section.trim().toLowerCase();
      if (of.has(name)) return err({ line, message: `section [${section}] is there twice` });
      current = new Map();
      of.set(name, current);
      starts.set(name, line);
      continue;
    }
    const [, key, value] = /^([^:=]+)[:=](.*)$/.exec(trimmed) ?? [];
    if (key === undefined || value === undefined)
      return err({ line, message: `'${trimmed.slice(0, 40)}' is neither [section] nor key : value` });
    if (!current) return err({ line, message: `${key.trim()} stands before any [section]` });
    const name = key.trim().toLowerCase();
    if (current.has(name)) return err({ line, message: `${key.trim()} is there twice in its section` });
    current.set(name, { value: value.trim(), line });
  }
  // What is missing is missing from its section, or from the end of the file.
  return ok({ of, lineOf: (section) => starts.get(section) ?? lines.length });
}

/**
 * In USER mode the read interfaces are as wide as `[layout]` says (10 words without it) and results leave at `Bandwidth`;
 * else all three have `Bandwidth`, one number or one for each operand.
 */
function bandwidths(
  of: Sections,
  mode: ScaleSimConfig['interface'],
  whole: (section: string, keys: readonly string[], title: string, largest: number) => Result<number, Fault>,
): Result<Readonly<Record<Operand, number>> | null, Fault> {
  const entry = find(of, 'architecture_presets', ['bandwidth']);
  if (!entry) return ok(null);
  const words = entry.value.split(',').map((part) => part.trim());
  const numbers = words.map(Number);
  if (words.some((word, i) => !/^\d+$/.test(word) || numbers[i]! < 1 || numbers[i]! > LARGEST.words))
    return err({ line: entry.line, message: `Bandwidth is '${entry.value.slice(0, 40)}', not whole words a cycle` });
  const [first = 1, second = first, third = first] = numbers;
  if (mode === 'calc') return ok({ input: first, weight: second, output: third });
  if (!of.has('layout')) return ok({ input: 10, weight: 10, output: first });
  const input = whole('layout', ['ifmapsrambankbandwidth'], 'IfmapSRAMBankBandwidth', LARGEST.words);
  if (!input.ok) return input;
  const weight = whole('layout', ['filtersrambankbandwidth'], 'FilterSRAMBankBandwidth', LARGEST.words);
  return weight.ok ? ok({ input: input.value, weight: weight.value, output: first }) : weight;
}

const PORT_NAMES: Readonly<Record<Operand, string>> = {
  input: 'IFMAP interface',
  weight: 'filter interface',
  output: 'OFMAP interface',
};

/** The array a configuration describes: words of one byte, an off-chip interface for each operand, no scratchpad. */
export function configuredArray(config: ScaleSimConfig): ArrayDescription {
  const bytes = (operand: Operand) => 1024 * config.kilobytes[operand];
  const { wordsPerCycle } = config;
  return {
    rows: config.rows,
    columns: config.columns,
    dataflow: config.dataflow,
    bufferBytes: { input: bytes('input'), weight: bytes('weight'), output: bytes('output') },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 1,
    scratchpadBytes: 0,
    ports: wordsPerCycle
      ? (['input', 'weight', 'output'] as const).map(
          (operand): ArrayPort => ({
            name: PORT_NAMES[operand],
            level: 'off-chip',
            operands: [operand],
            bytesPerCycle: wordsPerCycle[operand],
          }),
        )
      : [],
  };
}

/** The text of a configuration; parsing it gives the same one back. All sections SCALE-Sim v3 insists on are there. */
export function formatConfig(config: ScaleSimConfig): string {
  const { kilobytes, wordsPerCycle } = config;
  const words = wordsPerCycle ?? { input: 10, weight: 10, output: 10 };
  const isUser = config.interface === 'user';
  const bandwidth = isUser ? [words.output] : [words.input, words.weight, words.output];
  const isSame = new Set(bandwidth).size === 1;
  const sections: readonly (readonly [string, readonly (readonly [string, string | number])[]])[] = [
    ['general', [['run_name', config.name.replace(/[^\w.-]+/g, '_') || 'weft']]],
    [
      'architecture_presets',
      [
        ['ArrayHeight', config.rows],
        ['ArrayWidth', config.columns],
        ['IfmapSramSzkB', kilobytes.input],
        ['FilterSramSzkB', kilobytes.weight],
        ['OfmapSramSzkB', kilobytes.output],
        ['IfmapOffset', 0],
        ['FilterOffset', 10_000_000],
        ['OfmapOffset', 20_000_000],
        ['Bandwidth', (isSame ? bandwidth.slice(0, 1) : bandwidth).join(',')],
        ['Dataflow', config.dataflow],
        ['MemoryBanks', 1],
        ['ReadRequestBuffer', 32],
        ['WriteRequestBuffer', 32],
      ],
    ],
    [
      'layout',
      [
        ['IfmapCustomLayout', 'False'],
        ['IfmapSRAMBankBandwidth', words.input],
        ['IfmapSRAMBankNum', 1],
        ['IfmapSRAMBankPort', 2],
        ['FilterCustomLayout', 'False'],
        ['FilterSRAMBankBandwidth', words.weight],
        ['FilterSRAMBankNum', 1],
        ['FilterSRAMBankPort', 2],
      ],
    ],
    [
      'sparsity',
      [
        ['SparsitySupport', 'false'],
        ['SparseRep', 'ellpack_block'],
        ['OptimizedMapping', 'false'],
        ['BlockSize', 8],
        ['RandomNumberGeneratorSeed', 40],
      ],
    ],
    [
      'run_presets',
      [
        ['InterfaceBandwidth', isUser ? 'USER' : 'CALC'],
        ['UseRamulatorTrace', 'False'],
      ],
    ],
  ];
  return sections
    .map(([name, entries]) => `[${name}]\n${entries.map(([key, value]) => `${key} : ${value}`).join('\n')}\n`)
    .join('\n');
}

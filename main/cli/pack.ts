import { existsSync, readFileSync } from 'node:fs';
import { type Problem, problem } from '#core/base/problem.ts';
import { type Block, minimise, type Packing, pack, packingFault, peak } from '#core/schedule/pack.ts';
import { formatPackingCsv, type PackingTable, parsePackingCsv } from '#core/schedule/packing/csv.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import { type Command, DONE, FAILED, integerOption, printProblems, textOption, UsageError } from './command.ts';

const NODE_LIMIT = 100_000_000;

export const packCommand: Command = {
  name: 'pack',
  positionals: [],
  summary: 'Gives addresses to buffers alive over steps: packed, proven impossible, or out of budget.',
  details: `Reads MiniMalloc's CSV (id, lower, upper, size; optionally alignment, gaps, offset as a fixed address; start and
end, inclusive, for lower and upper) and writes it with an offset column, after a check that shares nothing with the
search. With --json: {status: packed | impossible | exhausted, capacity, lowerBound, height, nodes, seconds, stop:
found | proven | nodes | time}; lowerBound holds for every packing, height is of the one found or null. With --minimise
the least capacity is looked for, down from --capacity where it is given; stop is then proven when height = lowerBound.`,
  options: {
    csv: { type: 'string', value: 'FILE', help: 'The buffers.' },
    capacity: { type: 'string', value: 'BYTES', help: 'Room for them; may be left out with --minimise.' },
    'csv-out': { type: 'string', value: 'FILE', help: 'Where the buffers with their offsets go.' },
    'budget-seconds': { type: 'string', value: 'N', help: 'Stop after so many seconds.' },
    'node-limit': { type: 'string', value: 'N', help: `Stop after so many search nodes (${NODE_LIMIT}).` },
    minimise: { type: 'boolean', help: 'Look for the least capacity.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run(_positionals, options, io) {
    const csv = textOption(options, 'csv');
    if (csv === undefined) throw new UsageError('--csv is needed: the buffers');
    const capacity = integerOption(options, 'capacity', 0);
    if (capacity === undefined && !options.minimise) throw new UsageError('--capacity is needed, or --minimise');
    const seconds = integerOption(options, 'budget-seconds', 1);
    const nodeLimit = integerOption(options, 'node-limit', 0) ?? NODE_LIMIT;
    const read = readTable(csv);
    if (!read.ok) return failed(read.problem);
    const { table } = read;

    const begun = performance.now();
    const cancelled = (): boolean => seconds !== undefined && performance.now() - begun > 1000 * seconds;
    const budget = { nodeLimit, control: { report: () => {}, cancelled } };
    const answer = options.minimise
      ? least(table.blocks, capacity ?? Infinity, budget)
      : within(table.blocks, capacity!, budget);
    const said = {
      status: answer.status,
      capacity: capacity ?? null,
      lowerBound: answer.lowerBound,
      height: answer.addresses === null ? null : heightOf(table.blocks, answer.addresses),
      nodes: answer.nodes,
      seconds: Math.round(performance.now() - begun) / 1000,
      stop: answer.isDone
        ? options.minimise || answer.addresses === null
          ? 'proven'
          : 'found'
        : cancelled()
          ? 'time'
          : 'nodes',
    };
    if (answer.addresses !== null) {
      const fault = packingFault(table.blocks, answer.addresses, capacity ?? said.height!);
      if (fault !== null) throw new Error(`the packer is wrong: ${fault}`);
      const out = textOption(options, 'csv-out');
      const written = out === undefined ? null : writeFileAtomic(out, formatPackingCsv(table, answer.addresses));
      if (written && !written.ok) return failed(written.error);
    }
    const { status, height, lowerBound, nodes, stop } = said;
    io.out(
      options.json
        ? JSON.stringify(said)
        : `${status}: height ${height ?? 'none'}, at least ${lowerBound} B, ${nodes} nodes, ${said.seconds} s (${stop})`,
    );
    return status === 'packed' ? DONE : FAILED;

    function failed(found: Problem): number {
      printProblems([found], io);
      if (options.json) io.out(JSON.stringify({ problems: [found] }));
      return FAILED;
    }
  },
};

interface Answer {
  readonly status: Packing['status'];
  readonly addresses: readonly number[] | null;
  readonly lowerBound: number;
  readonly nodes: number;
  /** Nothing is left open: not the budget ended it. */
  readonly isDone: boolean;
}

function within(blocks: readonly Block[], capacity: number, budget: Parameters<typeof pack>[2]): Answer {
  const found = pack(blocks, capacity, budget);
  return {
    status: found.status,
    addresses: found.status === 'packed' ? found.addresses : null,
    lowerBound: found.status === 'impossible' ? Math.max(peak(blocks), capacity + 1) : peak(blocks),
    nodes: found.nodes,
    isDone: found.status !== 'exhausted',
  };
}

function least(blocks: readonly Block[], capacity: number, budget: Parameters<typeof pack>[2]): Answer {
  const { addresses, height, lowerBound, nodes, stop } = minimise(blocks, budget);
  const isPacked = addresses !== null && height <= capacity;
  const status = isPacked ? 'packed' : lowerBound > capacity ? 'impossible' : 'exhausted';
  return {
    status,
    addresses: isPacked ? addresses : null,
    lowerBound,
    nodes,
    isDone: stop === 'proven' || status === 'impossible',
  };
}

function heightOf(blocks: readonly Block[], addresses: readonly number[]): number {
  return blocks.reduce((most, { size }, index) => Math.max(most, addresses[index]! + size), 0);
}

function readTable(
  file: string,
): { readonly ok: true; readonly table: PackingTable } | { readonly ok: false; readonly problem: Problem } {
  if (!existsSync(file))
    return { ok: false, problem: problem('file.missing', `There is no file ${file}`, { where: { file } }) };
  try {
    const parsed = parsePackingCsv(readFileSync(file, 'utf8'));
    if (parsed.ok) return { ok: true, table: parsed.value };
    return { ok: false, problem: { ...parsed.error, where: { file } } };
  } catch (cause) {
    return { ok: false, problem: fileProblem('file.read-failed', `${file} could not be read`, file, cause) };
  }
}

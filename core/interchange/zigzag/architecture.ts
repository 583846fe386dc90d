/**
 * A ZigZag accelerator as a drawing. ZigZag has any number of memories around one array; a drawing has one scratchpad, one
 * buffer an operand in the array, and off-chip memory: what falls outside is folded in or told, never dropped silently.
 */

import { arrayUnits, chain } from '#core/architecture/chain.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import { type Accelerator, type Memory, OPERANDS, type Operand } from './accelerator.ts';
import type { Fault } from './located.ts';

/** ZigZag counts cycles; a drawing has a clock. */
const CLOCK_MEGAHERTZ = 1000;
/** A gigabit: no on-chip memory is larger. */
const OFF_CHIP_BITS = 1e9;
/** Part of the scratchpad an operand without a buffer of its own streams through. */
const SHARE = 1 / 8;
const LARGEST_SIDE = 4096;
const SMALLEST_BUFFER = 16;

export interface Drawn {
  readonly document: Document;
  readonly problems: readonly Problem[];
}

const OPERAND_TITLES: Readonly<Record<Operand, string>> = { I1: 'input', I2: 'weight', O: 'output' };

export function drawAccelerator(accelerator: Accelerator, id: string): Result<Drawn, Fault> {
  const { dimensions, memories } = accelerator;
  const problems: Problem[] = [];
  const tell = (code: string, severity: Problem['severity'], message: string, line?: number) =>
    problems.push(
      problem(`zigzag.${code}`, line === undefined ? message : `line ${line}: ${message}`, {
        severity,
        facts: line === undefined ? {} : { line },
      }),
    );
  for (const { key, line } of accelerator.repeated)
    tell('repeated-key', 'warning', `'${key}' is given twice; the last one counts`, line);
  if (accelerator.inMemory !== null)
    tell(
      'in-memory',
      'warning',
      `The array computes in memory (${accelerator.inMemory}); it is drawn as a digital systolic array`,
    );

  const shape = sides(accelerator, tell);
  if (!shape.ok) return shape;
  const { rows, columns } = shape.value;
  const instances = (memory: Memory) =>
    dimensions.reduce((count, { name, size }) => (memory.served.includes(name) ? count : count * size), 1);
  const bytes = (memory: Memory) => (memory.bits / 8) * instances(memory);

  const last = memories.at(-1)!;
  const isOffChip = (memory: Memory) => memory.bits >= OFF_CHIP_BITS || /dram|hbm|ddr|off.?chip/i.test(memory.name);
  const dram = isOffChip(last) ? last : null;
  const onChip = memories.filter((memory) => memory !== dram);
  const beyond = onChip.filter(isOffChip);
  for (const memory of beyond)
    tell(
      'several-off-chip',
      'warning',
      `${memory.name} looks like off-chip memory but is not the last one; it is drawn on chip`,
      memory.line,
    );
  const scratchpad = scratchpadOf(onChip, instances);
  if (!scratchpad) return err({ line: last.line, message: `there is no memory on chip beside ${last.name}` });

  const buffers = new Map<Operand, number>();
  const folded = new Set(onChip.filter((memory) => memory !== scratchpad));
  const total = Math.floor(bytes(scratchpad));
  let capacity = total;
  for (const operand of OPERANDS) {
    const own = onChip.filter((memory) => memory !== scratchpad && memory.operands.includes(operand)).at(-1);
    // Half of a buffer must hold what the whole array works on: one element a cell, four bytes for a sum.
    const least = 2 * rows * columns * (operand === 'O' ? 4 : 1);
    if (own && bytes(own) >= least) {
      const shared = own.operands.filter((each) => buffersFrom(onChip, scratchpad, each) === own).length;
      buffers.set(operand, Math.max(SMALLEST_BUFFER, Math.floor(bytes(own) / Math.max(shared, 1))));
      folded.delete(own);
    } else {
      const share = Math.max(SMALLEST_BUFFER, Math.floor(total * SHARE));
      buffers.set(operand, share);
      capacity -= share;
      tell(
        'buffer',
        'info',
        `The ${OPERAND_TITLES[operand]} buffer, ${formatQuantity(share, 'B')}, is cut from ${scratchpad.name}: ${own ? `${own.name} holds less than two elements a cell` : 'the operand has no memory of its own below it'}`,
      );
    }
  }
  if (capacity < 64)
    return err({ line: scratchpad.line, message: `${scratchpad.name} is too small to be a scratchpad` });
  for (const memory of folded) {
    const count = instances(memory);
    const what = `${count > 1 ? `${count} × ` : ''}${formatQuantity(memory.bits / 8, 'B')}`;
    tell(
      'folded',
      'warning',
      `${memory.name} (${what}, ${memory.operands.join(', ')}) has no place of its own in a drawing: it is taken as part of the array's cells`,
      memory.line,
    );
  }
  if (accelerator.costs.length > 0)
    tell(
      'costs',
      'info',
      `Costs in the file (${accelerator.costs.join(', ')}) are not used: energies and areas have their own sources here`,
    );
  tell(
    'clock',
    'info',
    `The file has no clock: ${CLOCK_MEGAHERTZ} MHz is taken, and off-chip bandwidth follows from it`,
  );
  tell(
    'lanes',
    'info',
    'ZigZag has one array; a vector unit and a special-function unit are drawn beside it so that whole models run',
  );
  if (!dram)
    tell(
      'no-off-chip',
      'warning',
      `${last.name} is the last memory and on chip: an off-chip channel of the default type is added`,
    );
  else tell('off-chip-kind', 'info', `${dram.name} names no type of memory: LPDDR4 is taken for its energy`);

  const portBytes = (memory: Memory) =>
    Math.max(1, Math.round(memory.ports.reduce((sum, { bits }) => sum + bits, 0) / 8));
  const offChipBytes = dram ? Math.max(...dram.ports.map(({ bits }) => bits)) / 8 : 16;
  const width = Math.min(Math.max(1, Math.ceil(offChipBytes)), 65_536);
  const [input, weight, output] = OPERANDS.map((operand) => Math.min(buffers.get(operand)!, 2 ** 34));
  const document = chain(accelerator.name.slice(0, 200), {
    channel: {
      kind: 'lpddr4',
      gigabytesPerSecond: Math.min((offChipBytes * CLOCK_MEGAHERTZ * 1e6) / 1e9, 100_000),
      latencyNanoseconds: Math.min(((dram?.latencyCycles ?? 100) * 1000) / CLOCK_MEGAHERTZ, 100_000),
    },
    bus: { bytesPerCycle: width, latencyCycles: 0 },
    dma: { bytesPerCycle: width, setupCycles: 0 },
    scratchpad: {
      capacityBytes: Math.min(capacity, 2 ** 40),
      alignmentBytes: 1,
      bytesPerCycle: Math.min(portBytes(scratchpad), 1_048_576),
    },
    units: arrayUnits(
      { rows, columns, inputBufferBytes: input!, weightBufferBytes: weight!, outputBufferBytes: output! },
      { clockMegahertz: CLOCK_MEGAHERTZ },
    ),
  })(id);
  return ok({ document, problems });
}

/** D1 runs along the columns (output channels in ZigZag's own mappings), D2 along the rows; further ones widen the columns. */
function sides(
  { dimensions, line }: Accelerator,
  tell: (code: string, severity: Problem['severity'], message: string) => void,
): Result<{ readonly rows: number; readonly columns: number }, Fault> {
  const [first, second, ...more] = dimensions;
  const rows = second?.size ?? 1;
  const columns = more.reduce((product, { size }) => product * size, first!.size);
  if (rows > LARGEST_SIDE || columns > LARGEST_SIDE)
    return err({
      line,
      message: `an array of ${rows} × ${columns} is larger than ${LARGEST_SIDE} a side`,
    });
  if (dimensions.length > 2)
    tell(
      'dimensions',
      'warning',
      `The array has ${dimensions.length} dimensions (${dimensions.map(({ name, size }) => `${name} ${size}`).join(', ')}); drawn are ${rows} rows × ${columns} columns`,
    );
  return ok({ rows, columns });
}

/** The outermost memory on chip that holds inputs or outputs for the whole array, else the outermost one. */
function scratchpadOf(onChip: readonly Memory[], instances: (memory: Memory) => number): Memory | undefined {
  const holds = ({ operands }: Memory) => operands.includes('I1') || operands.includes('O');
  return (
    onChip.findLast((memory) => instances(memory) === 1 && holds(memory)) ??
    onChip.findLast((memory) => instances(memory) === 1)
  );
}

function buffersFrom(onChip: readonly Memory[], scratchpad: Memory, operand: Operand): Memory | undefined {
  return onChip.findLast((memory) => memory !== scratchpad && memory.operands.includes(operand));
}

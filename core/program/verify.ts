/**
 * Checks a program against the schedule it claims to play, counting from the commands alone: dependencies point
 * backwards, kernels read and write where the schedule's intervals lie, no hazard is left to timing (hazards.ts), and
 * the off-chip bytes by cause add up to the schedule's compulsory bytes and objective. Any problem is a compiler bug.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { UnitBuffers } from './capacity.ts';
import { hazards, type PieceRead } from './hazards.ts';
import {
  COMPULSORY,
  EXECUTE,
  IN_BUFFER,
  LOAD,
  OPCODES,
  type Program,
  REFETCH,
  SPILL,
  STORE,
  WEIGHTS,
} from './program.ts';

export interface TrafficSums {
  readonly compulsory: number;
  readonly spill: number;
  readonly refetch: number;
}

export function trafficOf(program: Program): TrafficSums {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < program.length; i++) sums[program.traffic[i]!]! += program.bytes[i]!;
  return { compulsory: sums[COMPULSORY]!, spill: sums[SPILL]!, refetch: sums[REFETCH]! };
}

/**
 * @param pieceRead without it a tile reads the half of a buffer filled last.
 * @param buffers without them the capacity of the units' buffers is not checked.
 */
export function verifyProgram(
  program: Program,
  schedule: ScheduleProblem,
  answer: ScheduleAnswer,
  pieceRead: PieceRead | null = null,
  buffers: UnitBuffers | null = null,
): readonly Problem[] {
  const found: Problem[] = [];
  const fault = (code: string, message: string, facts: Problem['facts'] = {}) => {
    if (found.length < 20) found.push(problem(`program.${code}`, message, { facts }));
  };
  const stored = schedule.tensors.map((tensor) => (tensor.kind === 'input' ? tensor.bytes : 0));
  const executed = new Uint8Array(schedule.ops.length);
  for (let i = 0; i < program.length; i++) {
    for (let d = program.dependsStart[i]!; d < program.dependsStart[i + 1]!; d++) {
      if (program.depends[d]! >= i)
        fault('forward-dependency', `Command ${i} waits for the later command ${program.depends[d]}`, { command: i });
    }
    const opcode = program.opcode[i]!;
    const name = `Command ${i} (${OPCODES[opcode] ?? opcode})`;
    if (program.engines[program.engine[i]!]?.kind !== (opcode === EXECUTE ? 'unit' : 'dma'))
      fault('wrong-engine', `${name} is on the wrong kind of engine`, { command: i });
    if (opcode === EXECUTE) {
      executed[program.operator[i]!] = 1;
      if (!(program.ticks[i]! > 0)) fault('no-time', `${name} takes no time`, { command: i });
      continue;
    }
    const tensor = program.tensor[i]!;
    const bytes = program.bytes[i]!;
    const address = program.address[i]!;
    if (address >= 0 && address + bytes > answer.S)
      fault('address', `${name} touches byte ${address + bytes} of a scratchpad of ${answer.S}`, {
        command: i,
        demand: address + bytes,
        bound: answer.S,
        unit: 'B',
      });
    if (opcode === STORE) stored[tensor]! += bytes;
    if (opcode === LOAD && tensor !== WEIGHTS && stored[tensor] !== schedule.tensors[tensor]!.bytes) {
      fault(
        'read-before-write',
        `${name} reads ${schedule.tensors[tensor]!.name}, of which ${stored[tensor]} of ${schedule.tensors[tensor]!.bytes} bytes are off chip`,
        { command: i },
      );
    }
  }
  executed.forEach((done, index) => {
    if (!done) fault('not-executed', `Operator ${schedule.ops[index]!.name} is never executed`);
  });
  for (const tensor of schedule.tensors) {
    if (tensor.kind === 'output' && stored[tensor.id] !== tensor.bytes)
      fault('not-stored', `The result ${tensor.name} is stored with ${stored[tensor.id]} of ${tensor.bytes} bytes`);
  }
  program.bindings.forEach((binding, operator) => {
    const step = answer.order.indexOf(operator);
    for (const { tensor, address } of [...binding.operands, ...binding.results]) {
      const interval = answer.intervals.find(({ t, from, to }) => t === tensor && from <= step && step < to);
      if ((interval?.addr ?? IN_BUFFER) === address) continue;
      fault(
        'binding',
        `${schedule.ops[operator]?.name} has ${schedule.tensors[tensor]?.name} at ${address}, the schedule at ${interval?.addr ?? 'no address'}`,
      );
    }
  });
  if (found.length === 0) found.push(...hazards(program, schedule, pieceRead, buffers));
  const sums = trafficOf(program);
  // The schedule counts activations; weights cross once a use besides.
  const compulsory = answer.compulsory + schedule.ops.reduce((sum, operator) => sum + operator.weightBytes, 0);
  if (sums.compulsory !== compulsory)
    fault('bytes', `Compulsory bytes are ${sums.compulsory}, schedule and weights say ${compulsory}`, {
      program: sums.compulsory,
      schedule: compulsory,
    });
  if (sums.spill !== answer.objective)
    fault('bytes', `Spilled and refilled bytes are ${sums.spill}, the schedule says ${answer.objective}`, {
      program: sums.spill,
      schedule: answer.objective,
    });
  return found;
}

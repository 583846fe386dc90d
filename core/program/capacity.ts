/**
 * Whether what lies in a unit's own buffers fits them at every moment, by order alone (order.ts): a half is taken from the
 * first command that fills it until all that use it are over. Positions that both halves of a buffer hold (a halo) lie
 * there once. Operands in the scratchpad are read from there and take no room.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { Front, ProgramOrder } from './order.ts';
import { dependenciesOf, OPCODES, type Program } from './program.ts';

/** Positions [from, to) of an operand or a result; of equal key they are the same where they overlap. */
export interface Held {
  readonly key: number;
  readonly from: number;
  readonly to: number;
  readonly positionBytes: number;
}

export interface Room {
  readonly name: string;
  readonly bytes: number;
}

/** What a program, which numbers buffers by operand, leaves to the units: the memories they have, and what lies in which. */
export interface UnitBuffers {
  /** By unit. */
  readonly rooms: readonly (readonly Room[])[];
  /** Index of the room in which the unit holds an operand of a kernel, or its results (null). */
  roomOf(unit: number, operator: number, buffer: number | null): number;
  /** What a piece of an operand takes; of the results (null) what those of a tile take. */
  held(unit: number, operator: number, buffer: number | null, piece: number): Held;
}

/** One filling of a half: with a piece of an operand, or (buffer null) with the results of a block of tiles. */
export interface Fill {
  readonly operator: number;
  readonly unit: number;
  readonly buffer: number | null;
  readonly slot: number;
  readonly piece: number;
  readonly first: number;
  /** Those that load or compute it, and those that read or store it. */
  readonly writers: Front;
  readonly users: Front;
}

/** A fill that finds too little room, with what may lie in the same room when it begins. */
interface Tight {
  readonly fill: Fill;
  readonly room: Room;
  readonly demand: number;
  readonly live: readonly Fill[];
}

/** A fill with what it takes. */
interface Lying {
  readonly fill: Fill;
  readonly held: Held;
}

/** Calls `found` for the fills that find too little, by their first commands. `isOver` is asked beside the order. */
function forTight(
  order: ProgramOrder,
  fills: readonly Fill[],
  buffers: UnitBuffers,
  isOver: ((other: Fill, fill: Fill) => boolean) | null,
  found: (tight: Tight) => void,
): void {
  /** By unit, room, and buffer (results first): what has lain in the two halves. */
  const rooms = buffers.rooms.map((own) => own.map((): [Lying[], Lying[]][] => []));
  for (const fill of fills) {
    const { operator, unit, buffer, slot, first, piece } = fill;
    const index = buffers.roomOf(unit, operator, buffer);
    const room = buffers.rooms[unit]?.[index];
    const halves = rooms[unit]?.[index];
    if (!room || !halves) continue;
    const number = buffer === null ? 0 : buffer + 1;
    while (halves.length <= number) halves.push([[], []]);
    halves[number]![slot === 0 ? 0 : 1].push({ fill, held: buffers.held(unit, operator, buffer, piece) });
    const isLive = ({ fill: other }: Lying) =>
      other === fill ||
      (!(other.writers.isOver(order, first) && other.users.isOver(order, first)) && !isOver?.(other, fill));
    let demand = 0;
    for (const [low, high] of halves) demand += together(low, liveFrom(low, isLive), high, liveFrom(high, isLive));
    if (demand <= room.bytes) continue;
    const live = halves.flatMap((both) => both.flatMap((half) => half.slice(liveFrom(half, isLive))));
    found({ fill, room, demand, live: live.map((each) => each.fill) });
  }
}

/** Problems: `program.capacity`, for every room the first command that finds too little. `fills` by their first commands. */
export function overfull(
  program: Program,
  order: ProgramOrder,
  fills: readonly Fill[],
  buffers: UnitBuffers,
): readonly Problem[] {
  const found = new Map<Room, Problem>();
  forTight(
    order,
    fills,
    buffers,
    () => false,
    ({ fill: { first, unit }, room, demand }) => {
      if (found.has(room)) return;
      const name = `Command ${first} (${OPCODES[program.opcode[first]!] ?? 'unknown'})`;
      const message = `${name} finds too little room: ${demand} B in the ${room.name} of ${program.engines[unit]?.name}, which has ${room.bytes} B`;
      found.set(
        room,
        problem('program.capacity', message, { facts: { command: first, demand, bound: room.bytes, unit: 'B' } }),
      );
    },
  );
  return [...found.values()];
}

/**
 * The program in which operators fetch ahead only as far as there is room: where one begins to fill a buffer that those before it
 * still need, its first commands wait for them. Within an operator the mapping has seen to it that there is room.
 */
export function waitingForRoom(
  program: Program,
  order: ProgramOrder,
  fills: readonly Fill[],
  buffers: UnitBuffers,
): Program {
  const waits = new Map<number, number[]>();
  /** By engine: fills that commands to come on it find over, for one before them waits. */
  const over = new Map<number, Set<Fill>>();
  const overOn = (command: number) => {
    const engine = program.engine[command]!;
    return over.get(engine) ?? over.set(engine, new Set()).get(engine)!;
  };
  forTight(
    order,
    fills,
    buffers,
    (other, { first }) => overOn(first).has(other),
    ({ fill, live }) => {
      const { first, operator } = fill;
      const uses = live
        .filter((other) => other.operator !== operator)
        .flatMap((other) => {
          overOn(first).add(other);
          return [...other.writers.commands(), ...other.users.commands()];
        })
        .filter((use) => use < first);
      if (uses.length > 0) waits.set(first, uses);
    },
  );
  return waits.size === 0 ? program : withWaits(program, waits);
}

function withWaits(program: Program, waits: ReadonlyMap<number, readonly number[]>): Program {
  const dependsStart = new Uint32Array(program.length + 1);
  const depends: number[] = [];
  for (let i = 0; i < program.length; i++) {
    const own = dependenciesOf(program, i);
    const more = waits.get(i);
    for (const command of more ? new Set([...own, ...more]) : own) depends.push(command);
    dependsStart[i + 1] = depends.length;
  }
  return { ...program, dependsStart, depends: Uint32Array.from(depends) };
}

/** From where on a half's fills may lie in it. They follow one another, so the last that is over ends the search. */
function liveFrom(half: readonly Lying[], isLive: (lying: Lying) => boolean): number {
  let at = half.length;
  while (at > 0 && isLive(half[at - 1]!)) at--;
  return at;
}

const bytesOf = ({ from, to, positionBytes }: Held) => (to - from) * positionBytes;

/** The most that one of each half takes, what both hold counted once. */
function together(low: readonly Lying[], lowFrom: number, high: readonly Lying[], highFrom: number): number {
  let most = 0;
  for (let i = lowFrom; i < low.length; i++) most = Math.max(most, bytesOf(low[i]!.held));
  for (let j = highFrom; j < high.length; j++) {
    const { held: two } = high[j]!;
    most = Math.max(most, bytesOf(two));
    for (let i = lowFrom; i < low.length; i++) {
      const { held: one, fill } = low[i]!;
      const isSame = one.key === two.key && fill.operator === high[j]!.fill.operator;
      const shared = isSame ? Math.max(0, Math.min(one.to, two.to) - Math.max(one.from, two.from)) : 0;
      most = Math.max(most, bytesOf(one) + bytesOf(two) - shared * two.positionBytes);
    }
  }
  return most;
}

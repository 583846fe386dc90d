/** The simulated commands as intervals per lane: units, DMA queues, off-chip channels; sorted by lane, then start. */
import type { Machine } from '#core/architecture/machine.ts';
import { encodeColumn } from '#core/base/columns.ts';
import { EXECUTE, LOAD, type Program } from '#core/program/program.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { INTERVAL_KINDS, type Timeline, type TimelineLane } from './result.ts';

const KIND_EXECUTE = INTERVAL_KINDS.indexOf('execute');
const KIND_LOAD = INTERVAL_KINDS.indexOf('load');
const KIND_STORE = INTERVAL_KINDS.indexOf('store');

export function timelineOf(program: Program, timing: Timing, machine: Machine): Timeline {
  const lanes: TimelineLane[] = [
    ...program.engines.map(
      (engine): TimelineLane => ({
        component: engine.component,
        title: engine.name,
        kind: engine.kind === 'unit' ? 'compute' : 'dma',
      }),
    ),
    ...machine.channels.map(
      (channel): TimelineLane => ({ component: channel.node, title: channel.name, kind: 'channel' }),
    ),
  ];
  const engines = program.engines.length;
  // Commands of an engine are in start order already; transfers of a channel are not, across engines.
  const rows: number[][] = lanes.map(() => []);
  for (let i = 0; i < program.length; i++) {
    rows[program.engine[i]!]!.push(i);
    if (program.opcode[i] !== EXECUTE) rows[engines + program.channel[i]!]!.push(i);
  }
  const count = rows.reduce((sum, row) => sum + row.length, 0);
  const lane = new Uint16Array(count);
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const operator = new Int32Array(count);
  const kind = new Uint8Array(count);
  const row = new Int32Array(count);
  const bytes = new Float64Array(count);
  let at = 0;
  rows.forEach((commands, index) => {
    const onChannel = index >= engines;
    const from = onChannel ? timing.channelStart : timing.start;
    const to = onChannel ? timing.channelEnd : timing.release;
    if (onChannel) commands.sort((a, b) => from[a]! - from[b]!);
    for (const command of commands) {
      lane[at] = index;
      start[at] = from[command]!;
      end[at] = to[command]!;
      operator[at] = program.operator[command]!;
      row[at] = command;
      bytes[at] = program.bytes[command]!;
      kind[at] =
        program.opcode[command] === EXECUTE ? KIND_EXECUTE : program.opcode[command] === LOAD ? KIND_LOAD : KIND_STORE;
      at++;
    }
  });
  return {
    lanes,
    makespanCycles: timing.makespan,
    clockHertz: machine.clockHertz,
    lane: encodeColumn(lane),
    start: encodeColumn(start),
    end: encodeColumn(end),
    operator: encodeColumn(operator),
    kind: encodeColumn(kind),
    command: encodeColumn(row),
    bytes: encodeColumn(bytes),
  };
}

/**
 * The trace of a run of 1,000,000 intervals, held against the rules of the Trace Event Format while it is made: events, bytes,
 * time and the most memory of the process. With `-- --file TRACE.json` a trace that was exported is read and checked instead.
 * Breaking a rule ends it with exit code 1.
 */
import { readFileSync } from 'node:fs';
import { runTrace } from '#core/report/perfetto.ts';
import { count, seconds } from '../support/bench-report.ts';
import { longTimeline } from '../support/long-timeline.ts';
import { machineLine } from '../support/measure.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { TraceCheck } from '../support/trace-format.ts';

const INTERVALS = 1_000_000;
const MIB = 2 ** 20;

const at = process.argv.indexOf('--file');
const file = at < 0 ? undefined : process.argv[at + 1];
const check = new TraceCheck();
let bytes = 0;

if (file !== undefined) {
  const text = readFileSync(file, 'utf8');
  bytes = Buffer.byteLength(text);
  check.piece(text);
} else {
  const run = fixtureRun({ blocks: 50 });
  const long = { ...run, timeline: longTimeline(INTERVALS, run.operators.length) };
  const makes = (take: (piece: string) => void) => {
    const [before, began] = [process.cpuUsage(), performance.now()];
    for (const piece of runTrace(long)) take(piece);
    const { user, system } = process.cpuUsage(before);
    return `${seconds((performance.now() - began) / 1000)}, ${seconds((user + system) / 1e6)} of processor`;
  };
  const heldBefore = process.memoryUsage.rss();
  console.log(`${machineLine()}\n`);
  console.log(
    `made     ${makes((piece) => {
      bytes += Buffer.byteLength(piece);
    })}; ${Math.round(bytes / MIB)} MiB`,
  );
  const most = process.resourceUsage().maxRSS * 1024;
  console.log(`memory   ${Math.round(most / MIB)} MiB at most, ${Math.round(heldBefore / MIB)} MiB before`);
  console.log(`checked  ${makes((piece) => check.piece(piece))}, made again along the way`);
  check.expectSlices(INTERVALS);
}

const { slices, counters, metadata, tracks } = check.end();
console.log(
  `events   ${count(slices)} slices on ${count(tracks)} tracks, ${count(counters)} points of counters, ${count(metadata)} names; ${count(bytes)} bytes`,
);
for (const fault of check.faults.slice(0, 20)) console.error(fault);
if (check.faults.length > 0) process.exitCode = 1;
else console.log('rules    kept');

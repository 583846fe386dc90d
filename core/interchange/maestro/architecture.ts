/**
 * MAESTRO hardware as a drawing: the processing elements as the squarest array they fill, their L1s together as its three
 * operand buffers, the L2 as the scratchpad, the network as its port, and the off-chip bandwidth.
 */
import { arrayUnits, chain } from '#core/architecture/chain.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import type { Fault, Hardware } from './hardware.ts';

/** MAESTRO counts cycles; a drawing has a clock. */
const CLOCK_MEGAHERTZ = 1000;
const LARGEST_SIDE = 4096;
const SMALLEST_BUFFER = 16;

export interface Drawn {
  readonly document: Document;
  readonly problems: readonly Problem[];
}

export function drawHardware(hardware: Hardware, title: string, id: string): Result<Drawn, Fault> {
  const { elements, l1Bytes, l2Bytes, networkPerCycle, offChipPerCycle } = hardware;
  const rows = squarest(elements);
  const columns = elements / rows;
  if (columns > LARGEST_SIDE)
    return err({
      line: null,
      message: `${elements} processing elements make ${rows} × ${columns}, more than ${LARGEST_SIDE} a side`,
    });
  const buffer = Math.min(Math.max(SMALLEST_BUFFER, Math.floor((elements * l1Bytes) / 3)), 2 ** 34);
  const problems: Problem[] = [];
  const tell = (code: string, severity: Problem['severity'], message: string, facts: Problem['facts'] = {}) =>
    problems.push(problem(`maestro.${code}`, message, { severity, facts }));
  for (const { key, line } of hardware.unknown)
    tell('unknown-key', 'warning', `line ${line}: ${key} is not known and not used`, { line });
  for (const { key, value } of hardware.assumed)
    tell('assumed', 'warning', `${key} is not in the file: ${value} is taken`);
  tell(
    'shape',
    'warning',
    `MAESTRO's ${elements} processing elements have no shape; drawn are ${rows} rows × ${columns} columns`,
  );
  tell(
    'l1',
    'warning',
    `Each element's L1 of ${l1Bytes} B has no place of its own: ${elements} of them make three operand buffers of ${buffer} B`,
  );
  tell('width', 'info', 'Sizes and bandwidths are in elements; one byte an element is taken');
  tell(
    'clock',
    'info',
    `The file has no clock: ${CLOCK_MEGAHERTZ} MHz is taken, and off-chip bandwidth follows from it`,
  );
  tell(
    'lanes',
    'info',
    'A vector unit and a special-function unit are drawn beside the array so that whole models run',
  );
  const document = chain(title, {
    channel: {
      kind: 'lpddr4',
      gigabytesPerSecond: (offChipPerCycle * CLOCK_MEGAHERTZ * 1e6) / 1e9,
      latencyNanoseconds: 0,
    },
    bus: { bytesPerCycle: offChipPerCycle, latencyCycles: 0 },
    dma: { bytesPerCycle: offChipPerCycle, setupCycles: 0 },
    scratchpad: { capacityBytes: l2Bytes, alignmentBytes: 1, bytesPerCycle: networkPerCycle },
    units: arrayUnits(
      { rows, columns, inputBufferBytes: buffer, weightBufferBytes: buffer, outputBufferBytes: buffer },
      { clockMegahertz: CLOCK_MEGAHERTZ },
    ),
  })(id);
  return ok({ document, problems });
}

/** The largest divisor not above the square root. */
function squarest(count: number): number {
  let side = Math.floor(Math.sqrt(count));
  while (count % side !== 0) side--;
  return side;
}

/** Event kernel throughput: a closed network of 1,000 pending events, each scheduling one more. */
import { createRng } from '#core/base/rng.ts';
import { EventKernel } from '#core/simulate/kernel.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';

const EVENTS = 2_000_000;

function eventsPerSecond(pending: number): number {
  const rng = createRng(1);
  const delays = Int32Array.from({ length: 4096 }, () => 1 + rng.below(1000));
  const kernel = new EventKernel();
  for (let i = 0; i < pending; i++) kernel.schedule(delays[i & 4095]!, 0, 0, i);
  let left = EVENTS - pending;
  const before = performance.now();
  kernel.run((_code, argument) => {
    if (left-- > 0) kernel.schedule(kernel.now + delays[(argument + left) & 4095]!, 0, 0, argument);
  });
  return kernel.processed / ((performance.now() - before) / 1000);
}

console.log(machineLine());
console.log(HEADER);
for (const pending of [10, 1000, 100_000]) {
  eventsPerSecond(pending);
  const values = Array.from({ length: 5 }, () => eventsPerSecond(pending) / 1e6);
  console.log(row(`event kernel, ${pending} pending`, distribution(values), 'million events/s', 2));
}

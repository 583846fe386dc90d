/** Distributions for benchmarks: minimum, median and maximum of several runs after a warm-up, and the machine. */
import { cpus, totalmem } from 'node:os';

export interface Distribution {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
  readonly runs: number;
}

export function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    minimum: sorted[0]!,
    median: sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2,
    maximum: sorted[sorted.length - 1]!,
    runs: sorted.length,
  };
}

/** Milliseconds of `work`, `runs` times after one that does not count. */
export function timed(work: () => void, runs = 5): Distribution {
  work();
  const values: number[] = [];
  for (let i = 0; i < runs; i++) {
    const before = performance.now();
    work();
    values.push(performance.now() - before);
  }
  return distribution(values);
}

export function machineLine(): string {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? 'unknown processor'} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

/** `title  min  median  max` with the unit said once. */
export function row(title: string, { minimum, median, maximum, runs }: Distribution, unit: string, digits = 1): string {
  const cell = (value: number) => value.toFixed(digits).padStart(12);
  return `${title.padEnd(44)}${cell(minimum)}${cell(median)}${cell(maximum)}  ${unit}, ${runs} runs`;
}

export const HEADER = `${''.padEnd(44)}${'minimum'.padStart(12)}${'median'.padStart(12)}${'maximum'.padStart(12)}`;

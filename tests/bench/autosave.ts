/** P-02: from an operation to its acknowledgement on disk (WAL, synchronous=FULL), in the store and through the local host. */
import { join } from 'node:path';
import { fromFile, toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { temporaryFolder } from '../crash/edits.ts';
import { largeModel } from '../support/large-model.ts';
import { connect, startLocalHost } from '../support/local-host.ts';
import { type Distribution, distribution, HEADER, machineLine, row } from '../support/measure.ts';

const STEPS = 300;

console.log(machineLine());
console.log(HEADER);

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;
}

/** The 95th and 99th percentile beside the usual three. */
function print(title: string, values: readonly number[]): void {
  const spread: Distribution = distribution(values);
  const tail = `p95 ${percentile(values, 0.95).toFixed(1)}, p99 ${percentile(values, 0.99).toFixed(1)}`;
  console.log(`${row(title, spread, 'ms')}, ${tail}`);
}

const folder = temporaryFolder();
for (const operators of [10, 1000, 10_000]) {
  const file = { ...toFile(largeModel(operators)), id: 'model' };
  const made = createProject(join(folder.path, `${operators}.weft`), 'Bench', [file]);
  if (!made.ok) throw new Error(made.error.message);
  const { documents } = made.value;
  const [node] = fromFile(file).nodes.keys();
  const values: number[] = [];
  for (let base = 0; base < STEPS; base++) {
    const command = { type: 'nodes.move', positions: [{ node: node!, x: base, y: base }] } as const;
    const before = performance.now();
    const stepped = documents.step('model', base, { type: 'do', command });
    values.push(performance.now() - before);
    if (!stepped.ok) throw new Error(stepped.error.message);
  }
  print(`step of ${file.nodes.length} nodes, store`, values);
  made.value.close();
}
folder.remove();

const host = await startLocalHost();
const client = await connect(host);
await client.api.projects.create({ title: 'Bench' });
const { id } = await client.api.documents.create({ kind: 'architecture', title: 'A', preset: 'systolic-32x32' });
const values: number[] = [];
for (let base = 0; base < STEPS; base++) {
  const command = { type: 'document.rename', title: `Title ${base}` } as const;
  const before = performance.now();
  await client.api.documents.step({ document: id, base, operation: { type: 'do', command } });
  values.push(performance.now() - before);
}
print('step through the local host', values);
client.close();
await host.stop();

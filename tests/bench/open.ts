/** How long opening takes: projects of several sizes and logs, and the local host from process start to first answer. */
import { join } from 'node:path';
import { toFile } from '#core/document/document.ts';
import { COMPACT_AFTER } from '#projects/document-store.ts';
import { createProject, openProject } from '#projects/project.ts';
import { temporaryFolder } from '../crash/edits.ts';
import { largeModel } from '../support/large-model.ts';
import { connect, startLocalHost } from '../support/local-host.ts';
import { distribution, HEADER, machineLine, row, timed } from '../support/measure.ts';

console.log(machineLine());
console.log(HEADER);

const folder = temporaryFolder();
for (const [operators, logged] of [
  [10, 0],
  [1000, 0],
  [1000, 1000],
  [10_000, 0],
  [10_000, 150],
] as const) {
  const path = join(folder.path, `${operators}-${logged}.weft`);
  const file = { ...toFile(largeModel(operators)), id: 'model' };
  const made = createProject(path, 'Bench', [file]);
  if (!made.ok) throw new Error(made.error.message);
  for (let base = 0; base < logged; base++)
    made.value.documents.step('model', base, {
      type: 'do',
      command: { type: 'nodes.move', positions: [{ node: file.nodes[base % file.nodes.length]!.id, x: base, y: 1 }] },
    });
  made.value.close();
  const spread = timed(() => {
    const opened = openProject(path);
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.view();
    opened.value.close();
  });
  console.log(
    row(
      `open and close, ${file.nodes.length} nodes, ${logged === 0 ? 'no edits' : `${logged} edits ${logged > COMPACT_AFTER ? 'folded' : 'in the log'}`}`,
      spread,
      'ms',
    ),
  );
}
folder.remove();

const starts: number[] = [];
for (let i = 0; i < 5; i++) {
  const before = performance.now();
  const host = await startLocalHost();
  const client = await connect(host);
  await client.api.host.info();
  starts.push(performance.now() - before);
  client.close();
  await host.stop();
}
console.log(row('local host: process start to first answer', distribution(starts), 'ms'));

/** Keeps one file after another for a document of the project it is given, and prints each once it is kept. For kill.test.ts. */
import { writeSync } from 'node:fs';
import { bytesSource } from '#core/technique/importer.ts';
import { openProject } from '#projects/project.ts';
import { createRng } from './edits.ts';

const [path = '', seed = '0'] = process.argv.slice(2);
const opened = openProject(path);
if (!opened.ok) throw new Error(opened.error.message);
const rng = createRng(Number(seed));
for (let round = 0; ; round++) {
  const bytes = new Uint8Array(1_000_000 + rng.below(12_000_000)).fill(round + 1);
  const kept = await opened.value.files.keep('model', `${round}.onnx`, bytesSource(bytes), {});
  if (!kept.ok) throw new Error(kept.error.message);
  writeSync(1, `${round}\n`);
}

/** The process that the crash tests kill: steps the document of a project and prints every acknowledged revision. */
import { writeSync } from 'node:fs';
import { openProject } from '#projects/project.ts';
import { createRng, nextOperation } from './edits.ts';

const [path, seed] = process.argv.slice(2);
const opened = openProject(path!);
if (!opened.ok) throw new Error(opened.error.message);
const { documents } = opened.value;
const rng = createRng(Number(seed));
for (;;) {
  const state = documents.state('model')!;
  const stepped = documents.step('model', state.revision, nextOperation(state, rng));
  if (!stepped.ok) throw new Error(stepped.error.message);
  // Synchronous: what was printed was acknowledged, and what was acknowledged is printed before the next step.
  writeSync(1, `${stepped.value.revision}\n`);
}

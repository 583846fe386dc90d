/** A whole run by stage: the shipped examples, and ResNet-50 where the reference files are. */
import { basename, resolve } from 'node:path';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { type DocumentFile, toFile } from '#core/document/document.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { loadTextProject } from '#projects/text.ts';
import { importFile } from '../../main/files/import-file.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';
import { sharedPath } from '../support/shared.ts';

const RUNS = 5;
const mip = await loadHighs();

function measure(title: string, model: DocumentFile, architecture: DocumentFile): void {
  const stages = new Map<string, number[]>();
  let problem = '';
  for (let i = 0; i <= RUNS; i++) {
    let before = performance.now();
    const began = before;
    const note = (stage: string, milliseconds: number) => {
      // The first run warms the compiler up and does not count.
      if (i > 0) (stages.get(stage) ?? stages.set(stage, []).get(stage)!).push(milliseconds);
    };
    const ran = runPipeline(
      { model, architecture, settings: DEFAULT_SETTINGS },
      {
        mip,
        control: uncontrolled,
        appVersion: 'bench',
        stageFinished: (stage) => {
          const now = performance.now();
          note(stage, now - before);
          before = now;
        },
      },
    );
    note('whole run', performance.now() - began);
    if (!ran.ok) problem = ran.error.message;
  }
  console.log(problem === '' ? `\n${title}` : `\n${title}: ${problem}`);
  for (const [stage, values] of stages) console.log(row(`  ${stage}`, distribution(values), 'ms'));
}

console.log(machineLine());
console.log(HEADER);
for (const slug of ['mobilenet-v1', 'bert-base', 'mlp-two-cores']) {
  const loaded = loadTextProject(resolve(import.meta.dirname, '../../projects/examples', slug));
  if (!loaded.ok) throw new Error(loaded.error.message);
  measure(loaded.value.title, loaded.value.documents[0]!, loaded.value.documents[1]!);
}
const array = toFile(presetById('systolic-32x32')!.build('architecture'));
for (const name of ['classic/light_resnet50.onnx', 'classic/inception_v3.onnx', 'classic/light_vgg19.onnx']) {
  const path = sharedPath(`data/onnx/${name}`);
  if (path === null) {
    console.log(`\n${name}: the reference files are not on this machine`);
    continue;
  }
  const imported = importFile(path, basename(path));
  if (!imported.ok) throw new Error(imported.error.message);
  measure(`${name} on systolic-32x32`, toFile(imported.value.document), array);
}

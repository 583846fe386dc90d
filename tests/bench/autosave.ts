/**
 * P-02: until an edit is on disk (WAL, synchronous=FULL): an operation in the store, one through the local host, and in the
 * studio in Chromium from letting a dragged node go to the host's answer, which means: on disk.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { presetById } from '#core/architecture/presets.ts';
import { fromFile, toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { temporaryFolder } from '../crash/edits.ts';
import { drop, Host } from '../e2e/studio.ts';
import { testBrowser } from '../support/browser.ts';
import { largeModel } from '../support/large-model.ts';
import { connect, startLocalHost } from '../support/local-host.ts';
import { type Distribution, distribution, HEADER, machineLine, row } from '../support/measure.ts';

const STEPS = 300;
const DRAGS = 60;

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

/** Drags a node of a drawing of so many operators in the studio; milliseconds from each release to the answer. */
async function dragged(operators: number): Promise<readonly number[]> {
  const studio = new Host();
  const path = join(studio.home, 'projects', 'Bench.weft');
  const made = createProject(path, 'Bench', [toFile(presetById('systolic-32x32')!.build('architecture'))]);
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
  rememberProject(studio.home, path, 'Bench');
  const { executablePath, args } = await testBrowser();
  const browser = await chromium.launch({ executablePath, args: [...args] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    let saved = () => {};
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (payload.toString().includes('"savedAt"')) saved();
      }),
    );
    await page.goto(await studio.start());
    await page.getByRole('button', { name: /^Bench/ }).click();
    await page.getByRole('tab').first().waitFor();
    await drop(page, 'Drawn.json', Buffer.from(JSON.stringify(toFile({ ...largeModel(operators), title: 'Drawn' }))));
    await page.getByRole('tab', { name: /Drawn/ }).waitFor();
    const node = page.locator('.vue-flow__node');
    const middle = { x: 640, y: 360 };
    await page.mouse.move(middle.x, middle.y);
    // Closer, until nodes are drawn one by one.
    for (let step = 0; step < 60 && (await node.count()) === 0; step++) {
      await page.mouse.wheel(0, -120);
      await page.waitForTimeout(50);
    }
    await page.waitForTimeout(700);
    const boxes = await Promise.all((await node.all()).map((each) => each.boundingBox()));
    const away = (at: { x: number; y: number }) => Math.hypot(at.x - middle.x, at.y - middle.y);
    const [box] = boxes.flatMap((each) => each ?? []).sort((one, other) => away(one) - away(other));
    if (!box) throw new Error('no node is drawn');
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const times: number[] = [];
    for (let i = 0; i < DRAGS; i++) {
      const by = i % 2 === 0 ? 24 : -24;
      await page.mouse.move(at.x, at.y);
      await page.mouse.down();
      for (let step = 1; step <= 6; step++) await page.mouse.move(at.x + (by * step) / 6, at.y);
      at.x += by;
      const answered = new Promise<number>((done) => {
        saved = () => done(performance.now());
      });
      const before = performance.now();
      await page.mouse.up();
      times.push((await answered) - before);
    }
    return times;
  } finally {
    await browser.close();
    await studio.kill();
    rmSync(studio.home, { recursive: true, force: true });
  }
}

for (const operators of [10, 1000]) print(`a drag among ${operators} operators, studio`, await dragged(operators));

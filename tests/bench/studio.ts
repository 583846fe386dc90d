/** The studio in a browser: cold start to a usable window, and opening a project of 1,000 drawn operators until it can be worked with. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { presetById } from '#core/architecture/presets.ts';
import { toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { Host } from '../e2e/studio.ts';
import { testBrowser } from '../support/browser.ts';
import { largeModel } from '../support/large-model.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';

const RUNS = 5;
const { executablePath, args } = await testBrowser();
const browser = await chromium.launch({ executablePath, args: [...args] });
const title = '1000 operators';
const coldStart: number[] = [];
const openProject: number[] = [];

for (let run = 0; run <= RUNS; run++) {
  const host = new Host();
  const path = join(host.home, 'projects', `${title}.weft`);
  const architecture = toFile(presetById('systolic-32x32')!.build('architecture'));
  const made = createProject(path, title, [toFile(largeModel(1000)), architecture]);
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
  rememberProject(host.home, path, title);

  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  let before = performance.now();
  const note = (values: number[]) => {
    // The first round fills caches and does not count.
    if (run > 0) values.push((performance.now() - before) / 1000);
    before = performance.now();
  };
  await page.goto(await host.start());
  const recent = page.getByRole('button', { name: new RegExp(`^${title}`) });
  await recent.waitFor();
  note(coldStart);
  // Until what the host compiled is kept.
  if (run === 0) await page.waitForTimeout(5000);
  await recent.click();
  // Drawn, validated and ready for input: facts are counted and a key does what it says.
  await page.getByText('1,002 nodes').waitFor();
  await page.locator('.vue-flow__node').first().waitFor();
  await page.keyboard.press('Control+a');
  await page.getByText('1,002 nodes selected').first().waitFor();
  note(openProject);
  await page.close();
  await host.kill();
  rmSync(host.home, { recursive: true, force: true });
}
await browser.close();
console.log(machineLine());
console.log(HEADER);
console.log(row('cold start of the local host to start page', distribution(coldStart), 's', 2));
console.log(row('open 1,000 drawn operators to interactive', distribution(openProject), 's', 2));

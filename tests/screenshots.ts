/**
 * `npm run screenshots`: every view empty, typical and with 10,000 operators, light and dark, at two sizes, as pictures in
 * screenshots/ for people to look at. `-- typical` takes one state alone; `-- --readme` makes the picture of the README.
 * The built renderer is what is seen: `npm run build` first.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Locator, type Page } from '@playwright/test';
import { presetById } from '#core/architecture/presets.ts';
import { toFile } from '#core/document/document.ts';
import { renderReport } from '#core/report/render.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { testBrowser } from './support/browser.ts';
import { dropFile } from './support/drop.ts';
import { largeModel } from './support/large-model.ts';
import { startLocalHost } from './support/local-host.ts';
import { command } from './support/palette.ts';
import { showPanel } from './support/panel.ts';
import { fixtureRun } from './support/run-fixture.ts';

const root = resolve(import.meta.dirname, '..');
const README_PICTURE = join(root, 'projects/examples/studio.png');
const SIZES = [
  { width: 1280, height: 720 },
  { width: 2560, height: 1440 },
] as const;
const THEMES = ['light', 'dark'] as const;
const OPERATORS = 10_000;

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));

type Shoot = (name: string) => Promise<void>;
type Visit = (page: Page, shoot: Shoot) => Promise<void>;

/** What is on screen in both themes and sizes. Fonts, figures and workers get a moment. */
function shooter(page: Page, state: string): Shoot {
  return async (name) => {
    for (const size of SIZES)
      for (const theme of THEMES) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme: theme });
        await page.waitForTimeout(300);
        const folder = join(root, 'screenshots', `${size.width}x${size.height}`, theme);
        await page.screenshot({ path: join(folder, `${state}, ${name}.png`) });
      }
    await page.setViewportSize(SIZES[0]);
    // Until strips have found out again what fits: what is visible before may be in a menu then.
    await page.waitForTimeout(300);
    console.log(`${state}, ${name}`);
  };
}

/** A view that cannot be reached is said and passed over: the others are still worth seeing. */
async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    process.exitCode = 1;
  }
}

const DIALOGS = [
  ['new document', 'new document'],
  ['find…', 'search'],
  ['keyboard shortcuts', 'shortcuts'],
  ['help', 'help'],
  ['queue of runs', 'queue'],
  ['export to another tool', 'export'],
  ['save a checkpoint', 'checkpoint'],
] as const;

async function dialogs(page: Page, shoot: Shoot): Promise<void> {
  for (const [text, name] of DIALOGS)
    await attempt(name, async () => {
      await command(page, text);
      await page.locator('dialog[open], [role="dialog"]').first().waitFor();
      await shoot(name);
      await page.keyboard.press('Escape');
    });
}

async function panels(page: Page, shoot: Shoot): Promise<void> {
  const tabs: Locator = page.locator('[id^="bottom-tab-"]');
  for (let at = 0; at < (await tabs.count()); at++)
    await attempt('panel', async () => {
      const title = ((await tabs.nth(at).locator('.title').textContent()) ?? '').trim();
      if (await tabs.nth(at).isVisible()) await tabs.nth(at).click();
      else await showPanel(page, title);
      await shoot(`run, ${title.toLowerCase()}`);
    });
}

async function common(page: Page, shoot: Shoot): Promise<void> {
  await dialogs(page, shoot);
  for (const [text, name] of [
    ['show problems', 'problems'],
    ['show the history', 'history'],
    ['study…', 'new study'],
  ] as const)
    await attempt(name, async () => {
      await command(page, text);
      await shoot(name);
    });
}

/** Drawing, inspector and timeline of a run, with one operator selected in all of them. */
const readmePicture: Visit = async (page) => {
  await page.getByRole('button', { name: /^MLP on two FPGA cores/ }).click();
  await page.locator('.vue-flow__node').first().waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText(/Run 1 · Done/).waitFor({ timeout: 120_000 });
  await page.setViewportSize({ width: 1440, height: 860 });
  await page.getByLabel('Colour the drawing by').selectOption({ label: 'Busy' });
  await showPanel(page, 'Timeline');
  await page.getByRole('tab', { name: /^MLP/ }).click();
  await page.getByRole('treeitem', { name: /^layer 2/ }).click();
  await page.locator('.weft-canvas').focus();
  await page.keyboard.press('f');
  await page.mouse.move(2, 2);
  await page.waitForTimeout(1000);
  await page.screenshot({ path: README_PICTURE });
};

const STATES: Readonly<Record<string, Visit>> = {
  empty: async (page, shoot) => {
    await page.getByRole('heading', { name: 'Examples' }).waitFor();
    await shoot('start');
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByRole('heading', { name: 'An empty project' }).waitFor();
    await shoot('project');
    await command(page, 'new document');
    await page.keyboard.type('Empty model');
    await page.keyboard.press('Enter');
    await page.locator('.weft-canvas').waitFor();
    await shoot('model');
    await common(page, shoot);
  },
  typical: async (page, shoot) => {
    await page.getByRole('button', { name: /^MobileNetV1 on a 32/ }).click();
    await page.locator('.vue-flow__node').first().waitFor();
    await shoot('model');
    await common(page, shoot);
    await attempt('architecture', async () => {
      await page.getByRole('tab', { name: /32 × 32|Systolic/ }).click();
      await page.locator('.vue-flow__node').first().waitFor();
      await shoot('architecture');
      await command(page, 'split right');
      await shoot('split');
      await command(page, 'close the split');
    });
    await page.keyboard.press('Control+Enter');
    await page.getByText(/Run 1 · Done/).waitFor({ timeout: 120_000 });
    await panels(page, shoot);
    await attempt('report', async () => {
      await command(page, 'report of the run');
      await page.getByRole('dialog', { name: 'Report' }).waitFor();
      await shoot('report');
      await page.keyboard.press('Escape');
    });
  },
  large: async (page, shoot) => {
    await page.getByRole('button', { name: /^Large/ }).click();
    await page.locator('.vue-flow__node').first().waitFor();
    await shoot('model');
    await page.locator('.weft-canvas').focus();
    await page.keyboard.press('f');
    await shoot('model, all of it');
    await common(page, shoot);
    const run = fixtureRun({ blocks: OPERATORS / 2 });
    await dropFile(page, 'run.json', Buffer.from(renderReport(run, 'json')));
    await page.getByText(/Run 1 · Imported/).waitFor({ timeout: 120_000 });
    await panels(page, shoot);
  },
};

for (const size of SIZES)
  for (const theme of THEMES)
    mkdirSync(join(root, 'screenshots', `${size.width}x${size.height}`, theme), { recursive: true });

const { executablePath, args } = await testBrowser();
const browser = await chromium.launch({ executablePath, args: [...args] });
const states: readonly (readonly [string, Visit])[] = process.argv.includes('--readme')
  ? [['readme', readmePicture]]
  : Object.entries(STATES).filter(([name]) => words.length === 0 || words.includes(name));
for (const [state, visit] of states) {
  const home = mkdtempSync(join(tmpdir(), 'weft-shots-'));
  if (state === 'large') {
    const path = join(home, 'projects', 'Large.weft');
    const made = createProject(path, 'Large', [
      toFile(largeModel(OPERATORS)),
      toFile(presetById('systolic-32x32')!.build('a')),
    ]);
    if (!made.ok) throw new Error(made.error.message);
    made.value.close();
    rememberProject(home, path, 'Large');
  }
  const host = await startLocalHost(['--stay'], home);
  const page = await browser.newPage({ viewport: SIZES[0] });
  page.setDefaultTimeout(20_000);
  await page.goto(`${host.origin}/#ticket=${host.ticket}`);
  await attempt(state, () => visit(page, shooter(page, state)));
  await page.close();
  await host.stop();
  rmSync(home, { recursive: true, force: true });
}
await browser.close();

/**
 * Drawings of 1,000 and 10,000 operators in the real studio (Chromium): import, open, pan, zoom, drag, the detail threshold,
 * an edit's feedback, layout and its cancelling. `npm run bench canvas [-- --write]`: into renderer/canvas/README.md.
 *
 * Frames are what the page was given, 16.7 ms each at best; main thread is processor time of the page's thread a frame, which a
 * busy machine does not stretch. P-24, P-25, P-26, P-28.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from '@playwright/test';
import { presetById } from '#core/architecture/presets.ts';
import { toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { drop, Host } from '../e2e/studio.ts';
import { count, spread, table, writeSection } from '../support/bench-report.ts';
import { testBrowser } from '../support/browser.ts';
import { largeModel } from '../support/large-model.ts';
import { distribution, machineLine } from '../support/measure.ts';

const { values: flags } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    nodes: { type: 'string', default: '1000,10000' },
    /** Keeps a picture of each step in this folder. */
    pictures: { type: 'string' },
    scheme: { type: 'string', default: 'light' },
  },
});
const RUNS = Number(flags.runs);
const SIZES = flags.nodes.split(',').map(Number);
const VIEW = { width: 1280, height: 720 };

/** Runs in the page: time stamps of frames, and what is mounted, from `begin` to `end`. */
interface Recorder {
  begin(): void;
  end(): { readonly frames: readonly number[]; readonly mounted: number };
}

function installRecorder(): void {
  let frames: number[] = [];
  let mounted = 0;
  let handle = 0;
  const tick = (now: number) => {
    frames.push(now);
    mounted = Math.max(mounted, document.getElementsByClassName('vue-flow__node').length);
    handle = requestAnimationFrame(tick);
  };
  const recorder: Recorder = {
    begin: () => {
      frames = [];
      mounted = 0;
      handle = requestAnimationFrame(tick);
    },
    end: () => {
      cancelAnimationFrame(handle);
      return { frames, mounted };
    },
  };
  Object.assign(window, { recorder });
}

interface Figures {
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  /** Milliseconds of the main thread a frame. */
  readonly busy: number;
  readonly mounted: number;
}

async function recorded(page: Page, cdp: CDPSession, work: () => Promise<void>): Promise<Figures> {
  const busyNow = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
  const before = await busyNow();
  await page.evaluate('recorder.begin()');
  await work();
  const { frames, mounted } = (await page.evaluate('recorder.end()')) as ReturnType<Recorder['end']>;
  const busy = (await busyNow()) - before;
  const gaps = frames.slice(1).map((time, at) => time - frames[at]!);
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), worst: at(1), busy: busy / Math.max(1, frames.length), mounted };
}

/** One step of the pointer or wheel a frame, as a hand makes them. */
async function paced(page: Page, steps: number, step: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < steps; at++) {
    const frame = page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    await Promise.all([step(at), frame]);
  }
}

const middle = { x: 700, y: 380 };

async function wheel(page: Page, steps: number, by: number): Promise<void> {
  await page.mouse.move(middle.x, middle.y);
  await paced(page, steps, () => page.mouse.wheel(0, by));
}

/** Pans in circles with the middle button, which pans wherever it is pressed. */
async function pan(page: Page, steps: number): Promise<void> {
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down({ button: 'middle' });
  await paced(page, steps, (at) =>
    page.mouse.move(middle.x + 180 * Math.sin(at / 12) - at / 2, middle.y + 120 * Math.sin(at / 17)),
  );
  await page.mouse.up({ button: 'middle' });
}

const settle = (page: Page) => page.waitForTimeout(700);

async function session(nodes: number, run: number) {
  const title = `${nodes} operators`;
  const host = new Host();
  const path = join(host.home, 'projects', `${title}.weft`);
  const model = largeModel(nodes);
  const architecture = toFile(presetById('systolic-32x32')!.build('architecture'));
  const made = createProject(path, title, [architecture]);
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
  rememberProject(host.home, path, title);

  const { executablePath, args } = await testBrowser();
  const browser = await chromium.launch({ executablePath, args: [...args] });
  const page = await browser.newPage({ viewport: VIEW, colorScheme: flags.scheme === 'dark' ? 'dark' : 'light' });
  page.on('pageerror', (error) => console.error(error.message));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.addInitScript(installRecorder);
  const picture = async (name: string) => {
    if (flags.pictures && run === 0)
      await page.screenshot({ path: join(flags.pictures, `${nodes}-${flags.scheme}-${name}.png`) });
  };
  try {
    await page.goto(await host.start());
    await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
    await page.getByRole('tab').first().waitFor();
    await settle(page);

    // Import: until its tab is there. Open: from then until it is drawn, counted and mounted.
    const text = Buffer.from(JSON.stringify(toFile({ ...model, title: 'Large' })));
    await page.evaluate(
      (counted) => {
        const marks: Record<string, number> = { dropped: performance.now() };
        Object.assign(window, { marks });
        const look = () => {
          const tab = [...document.querySelectorAll('[role="tab"]')].some((each) =>
            each.textContent?.includes('Large'),
          );
          if (tab) marks.imported ??= performance.now();
          const status = document.body.textContent ?? '';
          if (tab && status.includes(counted) && document.getElementsByClassName('vue-flow__node').length > 0)
            marks.opened ??= performance.now();
          else setTimeout(look, 4);
        };
        look();
      },
      `${count(model.nodes.size)} nodes`,
    );
    await drop(page, 'Large.json', text);
    await page.waitForFunction(() => 'opened' in (Reflect.get(window, 'marks') ?? {}), undefined, { timeout: 60_000 });
    const marks = (await page.evaluate('marks')) as { dropped: number; imported: number; opened: number };
    await settle(page);
    await picture('detail');

    const detailPan = await recorded(page, cdp, () => pan(page, 120));
    await settle(page);
    const crossing = await recorded(page, cdp, async () => {
      for (let round = 0; round < 3; round++) {
        await wheel(page, 10, 60);
        await wheel(page, 10, -60);
      }
    });
    await settle(page);
    await wheel(page, 8, 60);
    await settle(page);
    await picture('threshold');
    const blockPan = await recorded(page, cdp, () => pan(page, 120));
    await page.keyboard.press('F');
    await settle(page);
    await picture('overview');
    const overviewPan = await recorded(page, cdp, () => pan(page, 120));
    await page.keyboard.press('F');
    await settle(page);
    const zoom = await recorded(page, cdp, async () => {
      await wheel(page, 50, -60);
      await wheel(page, 50, 60);
    });
    await page.keyboard.press('F');
    await settle(page);

    // Drag one node in detail: found by its element.

    for (let step = 0; step < 40 && (await page.locator('.vue-flow__node').count()) === 0; step++)
      await page.mouse.wheel(0, -120);
    await settle(page);
    const boxes = await Promise.all((await page.locator('.vue-flow__node').all()).map((each) => each.boundingBox()));
    const away = (at: { x: number; y: number }) => Math.hypot(at.x - middle.x, at.y - middle.y);
    const [box] = boxes.flatMap((each) => each ?? []).sort((one, other) => away(one) - away(other));
    if (!box) throw new Error('nothing mounted');
    const grip = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    const drag = await recorded(page, cdp, () =>
      paced(page, 60, (at) => page.mouse.move(grip.x + at * 2, grip.y + 30 * Math.sin(at / 8))),
    );
    const edit = await recorded(page, cdp, async () => {
      await page.mouse.up();
      await page.waitForTimeout(300);
    });
    await picture('dragged');
    const feedback = await editFeedback(page);
    const layout = await layoutTimes(page);
    return { marks, feedback, layout, frames: { detailPan, blockPan, overviewPan, zoom, crossing, drag, edit } };
  } finally {
    await browser.close();
    await host.kill();
    rmSync(host.home, { recursive: true, force: true });
  }
}

/** From undoing a removal until the estimate is there again: validation, types, estimate, status line; milliseconds. */
async function editFeedback(page: Page): Promise<number> {
  const status = page.locator('footer .estimate');
  await status.waitFor();
  await page.keyboard.press('Delete');
  await status.waitFor({ state: 'detached' });
  await settle(page);
  await page.evaluate(() => {
    addEventListener(
      'keydown',
      () => {
        const start = performance.now();
        const look = () => {
          if (document.querySelector('footer .estimate'))
            Object.assign(window, { feedback: performance.now() - start });
          else requestAnimationFrame(look);
        };
        look();
      },
      { once: true, capture: true },
    );
  });
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => 'feedback' in window);
  return (await page.evaluate('feedback')) as number;
}

/** Laying everything out until it is drawn, and from the press on Stop until a layout under way is over; milliseconds. */
async function layoutTimes(page: Page) {
  const over = (act: string) =>
    page.evaluate(
      (label) =>
        new Promise<number>((done) => {
          const button = [...document.querySelectorAll('button')].find((each) =>
            label === 'Stop' ? each.textContent === 'Stop' : each.getAttribute('aria-label')?.startsWith(label),
          );
          let isSeen = label === 'Stop';
          const start = performance.now();
          button?.click();
          const look = () => {
            const isBusy = document.querySelector('.busy') !== null;
            isSeen ||= isBusy;
            if (isSeen && !isBusy) done(performance.now() - start);
            else requestAnimationFrame(look);
          };
          look();
        }),
      act,
    );
  const whole = over('Lay out');
  const time = await whole;
  await settle(page);
  await page.keyboard.press('Control+z');
  await settle(page);
  const again = over('Lay out');
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  const cancel = await over('Stop');
  await again;
  return { time, cancel };
}

const ms = (values: readonly number[]) => spread(distribution(values));
const STEPS = {
  detailPan: 'pan, details',
  blockPan: 'pan, blocks',
  overviewPan: 'pan, everything in view',
  zoom: 'zoom from everything to details and back',
  crossing: 'to and fro over the threshold of details',
  drag: 'drag a node',
  edit: 'let it go',
} as const;
const NAMES = Object.keys(STEPS) as (keyof typeof STEPS)[];

const times: string[][] = [];
const frames: string[][] = [];
for (const nodes of SIZES) {
  const runs: Awaited<ReturnType<typeof session>>[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await session(nodes, run));
  times.push([
    count(nodes),
    ms(runs.map(({ marks }) => marks.imported - marks.dropped)),
    ms(runs.map(({ marks }) => marks.opened - marks.imported)),
    ms(runs.map(({ feedback }) => feedback)),
    ms(runs.map(({ layout }) => layout.time)),
    ms(runs.map(({ layout }) => layout.cancel)),
  ]);
  for (const name of NAMES) {
    const all = runs.map((each) => each.frames[name]);
    const least = (of: (each: Figures) => number) => Math.min(...all.map(of)).toFixed(0);
    const most = (of: (each: Figures) => number) => Math.max(...all.map(of)).toFixed(0);
    const [p50, p95, worst] = [least((each) => each.p50), least((each) => each.p95), least((each) => each.worst)];
    const busy = Math.min(...all.map((each) => each.busy)).toFixed(1);
    frames.push([
      STEPS[name],
      count(nodes),
      p50,
      p95,
      `${worst}–${most((each) => each.worst)}`,
      busy,
      most((each) => each.mounted),
    ]);
  }
}
const text = [
  `\`npm run bench canvas -- --write\`; ${machineLine()}; headless Chromium without a GPU, ${VIEW.width} × ${VIEW.height}, ${RUNS} runs, the machine shared with other work. ` +
    'Times are minimum / median / maximum; frames those of the quietest run, with the worst frame of all. Main thread is its processor time a frame.',
  table(['operators', 'import', 'open', 'edit to estimate', 'layout', 'stop a layout'], times, 1),
  table(['gesture', 'operators', 'p50 ms', 'p95 ms', 'worst ms', 'main thread ms', 'mounted'], frames, 1),
].join('\n\n');
console.log(text);
if (flags.write) writeSection(new URL('../../renderer/canvas/README.md', import.meta.url), 'bench', text);

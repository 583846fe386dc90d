/**
 * Drawings of 1,000 and 10,000 operators in the real studio (Chromium): import, open, pan, zoom, drag, the detail threshold,
 * an edit's feedback, layout and its cancelling. `npm run bench canvas [-- --write]`: into renderer/canvas/README.md.
 *
 * Wall: what passed; frames are 16.7 ms at best. Processor: what a thread took of it, which a busy machine does not stretch: the
 * page's own, and apart from it what rasterises and puts frames together, which a GPU would do. P-24, P-25, P-26, P-28.
 */
import { rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { presetById } from '#core/architecture/presets.ts';
import { toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { drop, Host } from '../e2e/studio.ts';
import { count, table, writeSection } from '../support/bench-report.ts';
import { testBrowser } from '../support/browser.ts';
import { BrowserThreads } from '../support/browser-threads.ts';
import { largeModel } from '../support/large-model.ts';
import { machineLine } from '../support/measure.ts';

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
  /** Frames since then. */
  count(): number;
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
    count: () => frames.length,
    end: () => {
      cancelAnimationFrame(handle);
      return { frames, mounted };
    },
  };
  Object.assign(window, { recorder });
}

/** Milliseconds. */
interface Frames {
  /** From frame to frame. */
  readonly gaps: readonly number[];
  /** Of the page's thread, a frame: on the average of the frames of one step. */
  readonly main: readonly number[];
  /** Of the threads that rasterise and of the process that puts frames together, a frame on the average. */
  readonly raster: number;
  readonly gpu: number;
  readonly mounted: number;
}

/** What something took, milliseconds. */
interface Took {
  readonly wall: number;
  /** Of the page's thread; null where it is not known. */
  readonly main: number | null;
}

class Meter {
  readonly page: Page;
  readonly threads: BrowserThreads | null;
  #steps: number[] = [];

  constructor(page: Page, threads: BrowserThreads | null) {
    this.page = page;
    this.threads = threads;
  }

  /** One step of the pointer or wheel a frame, as a hand makes them; a busy machine gives a step several frames, or none. */
  async paced(steps: number, step: (at: number) => Promise<void>): Promise<void> {
    let [main, frames] = [this.threads?.main() ?? 0, 0];
    for (let at = 0; at < steps; at++) {
      const drawn = this.page.evaluate(
        () => new Promise<number>((done) => requestAnimationFrame(() => done(Reflect.get(window, 'recorder').count()))),
      );
      const [now] = await Promise.all([drawn, step(at)]);
      const spent = this.threads?.main() ?? 0;
      if (now === frames) continue;
      this.#steps.push((spent - main) / (now - frames));
      [main, frames] = [spent, now];
    }
  }

  async frames(work: () => Promise<void>): Promise<Frames> {
    this.#steps = [];
    const before = this.threads?.now();
    await this.page.evaluate('recorder.begin()');
    await work();
    const { frames, mounted } = (await this.page.evaluate('recorder.end()')) as ReturnType<Recorder['end']>;
    const after = this.threads?.now();
    const gaps = frames.slice(1).map((time, at) => time - frames[at]!);
    const each = (of: 'raster' | 'gpu') =>
      before && after ? (after[of] - before[of]) / Math.max(1, frames.length) : Number.NaN;
    return { gaps, main: this.threads ? this.#steps : [], raster: each('raster'), gpu: each('gpu'), mounted };
  }

  /** `work` resolves to the milliseconds that passed in the page. */
  async took(work: () => Promise<number>): Promise<Took> {
    const before = this.threads?.main();
    const wall = await work();
    return { wall, main: before === undefined ? null : this.threads!.main() - before };
  }
}

const middle = { x: 700, y: 380 };

async function wheel(meter: Meter, steps: number, by: number): Promise<void> {
  await meter.page.mouse.move(middle.x, middle.y);
  await meter.paced(steps, () => meter.page.mouse.wheel(0, by));
}

/** Pans in circles with the middle button, which pans wherever it is pressed. */
async function pan(meter: Meter, steps: number): Promise<void> {
  const { mouse } = meter.page;
  await mouse.move(middle.x, middle.y);
  await mouse.down({ button: 'middle' });
  await meter.paced(steps, (at) =>
    mouse.move(middle.x + 180 * Math.sin(at / 12) - at / 2, middle.y + 120 * Math.sin(at / 17)),
  );
  await mouse.up({ button: 'middle' });
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
  await page.addInitScript(installRecorder);
  await page.addInitScript(installWatch);
  const picture = async (name: string) => {
    if (flags.pictures && run === 0)
      await page.screenshot({ path: join(flags.pictures, `${nodes}-${flags.scheme}-${name}.png`) });
  };
  try {
    await page.goto(await host.start());
    await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
    await page.getByRole('tab').first().waitFor();
    await settle(page);
    const meter = new Meter(page, await BrowserThreads.of(browser, page));

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
    const arrival = await meter.took(async () => {
      await drop(page, 'Large.json', text);
      await page.waitForFunction(() => 'opened' in (Reflect.get(window, 'marks') ?? {}), undefined, {
        timeout: 60_000,
      });
      return 0;
    });
    const marks = (await page.evaluate('marks')) as { dropped: number; imported: number; opened: number };
    await settle(page);
    await picture('detail');

    const detailPan = await meter.frames(() => pan(meter, 120));
    await settle(page);
    const crossing = await meter.frames(async () => {
      for (let round = 0; round < 3; round++) {
        await wheel(meter, 10, 60);
        await wheel(meter, 10, -60);
      }
    });
    await settle(page);
    await wheel(meter, 8, 60);
    await settle(page);
    await picture('threshold');
    const blockPan = await meter.frames(() => pan(meter, 120));
    await page.keyboard.press('F');
    await settle(page);
    await picture('overview');
    const overviewPan = await meter.frames(() => pan(meter, 120));
    await page.keyboard.press('F');
    await settle(page);
    const zoom = await meter.frames(async () => {
      await wheel(meter, 50, -60);
      await wheel(meter, 50, 60);
    });
    await page.keyboard.press('F');
    await settle(page);

    // Drag one node in detail: found by its element.
    // Nodes are mounted when the view rests.
    for (let step = 0; step < 40 && (await page.locator('.vue-flow__node').count()) === 0; step++) {
      await page.mouse.wheel(0, -120);
      await page.waitForTimeout(300);
    }
    await settle(page);
    const boxes = await Promise.all((await page.locator('.vue-flow__node').all()).map((each) => each.boundingBox()));
    const away = (at: { x: number; y: number }) => Math.hypot(at.x - middle.x, at.y - middle.y);
    const [box] = boxes.flatMap((each) => each ?? []).sort((one, other) => away(one) - away(other));
    if (!box) throw new Error('nothing mounted');
    const grip = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    const drag = await meter.frames(() =>
      meter.paced(60, (at) => page.mouse.move(grip.x + at * 2, grip.y + 30 * Math.sin(at / 8))),
    );
    const edit = await meter.frames(async () => {
      await page.mouse.up();
      await page.waitForTimeout(300);
    });
    await picture('dragged');
    const block = Math.floor(nodes / 14);
    const problems = await edits(meter, `block ${block} conv 2`, ['65', '64'], 'problems');
    const estimate = await edits(meter, `block ${block} conv 1`, ['4096', '64'], 'estimate');
    const mended = await undone(meter, `block ${block} conv 1`);
    const layout = await layoutTimes(page);
    const steps: Record<keyof typeof TIMES, readonly Took[]> = {
      import: [{ wall: marks.imported - marks.dropped, main: null }],
      open: [{ wall: marks.opened - marks.imported, main: null }],
      arrival: [{ wall: marks.opened - marks.dropped, main: arrival.main }],
      problems,
      estimate,
      mended,
      layout: [{ wall: layout.time, main: null }],
      cancel: [{ wall: layout.cancel, main: null }],
    };
    return { steps, frames: { detailPan, blockPan, overviewPan, zoom, crossing, drag, edit } };
  } finally {
    await browser.close();
    await host.kill();
    rmSync(host.home, { recursive: true, force: true });
  }
}

const EDITS = 16;

/** Milliseconds from the key to the first change of what the status line says, which the next frame shows. */
function installWatch(): void {
  Object.assign(window, {
    watchStatus: (of: string) => {
      const text = () => {
        const found = document.querySelector(of === 'problems' ? 'footer button' : 'footer .estimate');
        return found?.getAttribute('aria-label') ?? null;
      };
      const before = text();
      const took = new Promise<number>((done) => {
        addEventListener(
          'keydown',
          (event) => {
            const observer = new MutationObserver(() => {
              const now = text();
              if (now === before || (of === 'estimate' && now === null)) return;
              observer.disconnect();
              done(performance.now() - event.timeStamp);
            });
            const all = { subtree: true, childList: true, characterData: true, attributes: true };
            observer.observe(document.querySelector('footer')!, all);
          },
          { once: true, capture: true },
        );
      });
      Object.assign(window, { took });
    },
  });
}

async function watched(meter: Meter, of: 'problems' | 'estimate', key: string): Promise<Took> {
  const { page } = meter;
  await page.evaluate(`watchStatus('${of}')`);
  await settle(page);
  return meter.took(async () => {
    await page.keyboard.press(key);
    return (await page.evaluate('took')) as number;
  });
}

/** Selects a node by its name. */
async function select(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('.weft-canvas').focus();
  await page.keyboard.press('Control+f');
  await page.keyboard.type(name);
  await settle(page);
  await page.keyboard.press('Enter');
}

/** Sets the channels of one convolution, found by its name, to these values in turn. */
async function edits(
  meter: Meter,
  name: string,
  values: readonly string[],
  of: 'problems' | 'estimate',
): Promise<readonly Took[]> {
  const { page } = meter;
  await select(page, name);
  const field = page.getByLabel('Channels out', { exact: true });
  await field.waitFor();
  const took: Took[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    await field.fill(values[edit % values.length]!);
    took.push(await watched(meter, of, 'Enter'));
  }
  return took;
}

/** From undoing the removal of a node, which broke the model, until there is an estimate again. */
async function undone(meter: Meter, name: string): Promise<readonly Took[]> {
  const { page } = meter;
  const took: Took[] = [];
  for (let edit = 0; edit < EDITS / 4; edit++) {
    await select(page, name);
    await page.locator('.weft-canvas').focus();
    await page.keyboard.press('Delete');
    await page.locator('footer .estimate').waitFor({ state: 'detached' });
    took.push(await watched(meter, 'estimate', 'Control+z'));
  }
  return took;
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

const TIMES = {
  import: 'import: dropped until its tab is there',
  open: 'open: from then until drawn, counted and mounted',
  arrival: 'both',
  problems: 'edit of a parameter to problems',
  estimate: 'edit of a parameter to estimate',
  mended: 'undo of a removal to estimate',
  layout: 'layout of everything',
  cancel: 'stop a layout',
} as const;
const STEPS = {
  detailPan: 'pan, details',
  blockPan: 'pan, blocks',
  overviewPan: 'pan, everything in view',
  zoom: 'zoom from everything to details and back',
  crossing: 'to and fro over the threshold of details',
  drag: 'drag a node',
  edit: 'let it go',
} as const;
const keysOf = <Key extends string>(record: Readonly<Record<Key, string>>) => Object.keys(record) as Key[];

/** Minimum, median, 95th percentile (nearest rank) and maximum, milliseconds. */
function quantiles(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  const digits = at(0.5) < 20 ? 1 : 0;
  return [at(0), at(0.5), at(0.95), at(1)].map((value) => value.toFixed(digits)).join(' / ');
}
const mean = (values: readonly number[]) => {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? '–' : (known.reduce((sum, value) => sum + value, 0) / known.length).toFixed(1);
};

const times: string[][] = [];
const frames: string[][] = [];
for (const nodes of SIZES) {
  const runs: Awaited<ReturnType<typeof session>>[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await session(nodes, run));
  for (const name of keysOf(TIMES)) {
    const took = runs.flatMap(({ steps }) => steps[name]);
    const main = took.flatMap((each) => each.main ?? []);
    times.push([
      TIMES[name],
      count(nodes),
      String(took.length),
      quantiles(took.map(({ wall }) => wall)),
      quantiles(main),
    ]);
  }
  for (const name of keysOf(STEPS)) {
    const all = runs.map((each) => each.frames[name]);
    const gaps = all.flatMap((each) => each.gaps);
    frames.push([
      STEPS[name],
      count(nodes),
      String(gaps.length),
      quantiles(gaps),
      quantiles(all.flatMap((each) => each.main)),
      mean(all.map((each) => each.raster)),
      mean(all.map((each) => each.gpu)),
      String(Math.max(...all.map((each) => each.mounted))),
    ]);
  }
}
const [load = 0] = loadavg();
const text = [
  `\`npm run bench canvas -- --write\`; ${machineLine()}; headless Chromium without a GPU, ${VIEW.width} × ${VIEW.height}, samples of ${RUNS} run${RUNS === 1 ? '' : 's'} together; ${load.toFixed(1)} processes wanted the ${cpus().length} cores in the last minute. ` +
    'Minimum / median / 95th percentile / maximum, ms. Wall is what passed; processor is what the page’s own thread took of it.',
  table(['', 'operators', 'times', 'wall', 'processor'], times, 1),
  'Raster: processor time a frame of the threads that rasterise the page, and of the process that puts frames together by software where there is no GPU, on the average.',
  table(
    [
      'gesture',
      'operators',
      'frames',
      'frame to frame, wall',
      'page’s thread, processor',
      'raster',
      'no GPU',
      'mounted',
    ],
    frames,
    1,
  ),
].join('\n\n');
console.log(text);
if (flags.write) writeSection(new URL('../../renderer/canvas/README.md', import.meta.url), 'bench', text);

/**
 * Processor time of a page, thread by thread, from /proc: its own thread, its compositor with the threads that rasterise for it,
 * and the process that puts frames together, which does by software what a GPU would. Linux only. Other work on the machine
 * stretches frames but not these figures.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, Page } from '@playwright/test';

export interface ThreadTimes {
  /** Milliseconds since the thread began. */
  readonly main: number;
  readonly raster: number;
  readonly gpu: number;
}

export class BrowserThreads {
  readonly #page: number;
  readonly #gpu: number | null;
  readonly #raster: readonly string[];
  readonly #gpuThreads: readonly string[];

  private constructor(page: number, gpu: number | null) {
    this.#page = page;
    this.#gpu = gpu;
    this.#raster = threadsOf(page).filter((thread) => name(thread).startsWith('Compositor'));
    this.#gpuThreads = this.#gpu === null ? [] : threadsOf(this.#gpu);
  }

  /** Null where there is no /proc. Its process is the one that works when the page is told to. */
  static async of(browser: Browser, page: Page): Promise<BrowserThreads | null> {
    if (process.platform !== 'linux') return null;
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    const gpu = processInfo.find(({ type }) => type.toLowerCase() === 'gpu')?.id ?? null;
    const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => new BrowserThreads(id, gpu));
    const before = pages.map((each) => each.main());
    await page.evaluate(() => {
      const start = performance.now();
      while (performance.now() - start < 200);
    });
    const worked = pages.map((each, at) => each.main() - before[at]!);
    return pages[worked.indexOf(Math.max(...worked))] ?? null;
  }

  /** Of the page's own thread alone, which is cheap to ask every frame. */
  main(): number {
    return spent(`/proc/${this.#page}/task/${this.#page}`);
  }

  now(): ThreadTimes {
    const sum = (threads: readonly string[]) => threads.reduce((total, thread) => total + spent(thread), 0);
    return { main: this.main(), raster: sum(this.#raster), gpu: sum(this.#gpuThreads) };
  }
}

const threadsOf = (process: number) =>
  readdirSync(`/proc/${process}/task`).map((thread) => `/proc/${process}/task/${thread}`);

function name(thread: string): string {
  return readFileSync(`${thread}/comm`, 'utf8').trim();
}

/** Zero for a thread that is over. */
function spent(thread: string): number {
  try {
    return Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

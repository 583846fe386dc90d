/** A drawing of 10,000 operators in the studio, by counts: what is mounted, what an idle window does; copying between documents. */
import { join } from 'node:path';
import { type Document, toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { largeModel } from '../support/large-model.ts';
import { expect, type Host, test } from './studio.ts';

interface Doings {
  readonly draws: number;
  readonly frames: number;
  /** Delays of timers that repeat, milliseconds. */
  readonly repeating: readonly number[];
  readonly timeouts: number;
}

/** Counts in the page what costs something while nothing happens. */
function countDoings(): void {
  const doings = { draws: 0, frames: 0, repeating: [] as number[], timeouts: 0 };
  Object.assign(window, { doings });
  for (const name of ['fillRect', 'stroke', 'fill', 'fillText', 'drawImage'] as const) {
    const drawn: (...given: never[]) => unknown = CanvasRenderingContext2D.prototype[name];
    Object.defineProperty(CanvasRenderingContext2D.prototype, name, {
      value(...given: never[]) {
        doings.draws++;
        return drawn.apply(this, given);
      },
    });
  }
  const [frame, interval, timeout] = [requestAnimationFrame, setInterval, setTimeout];
  window.requestAnimationFrame = (callback) => {
    doings.frames++;
    return frame(callback);
  };
  Object.assign(window, {
    setInterval: (callback: () => void, delay = 0) => {
      doings.repeating.push(delay);
      return interval(callback, delay);
    },
    setTimeout: (callback: () => void, delay = 0) => {
      doings.timeouts++;
      return timeout(callback, delay);
    },
  });
}

async function openProject(
  page: import('@playwright/test').Page,
  host: Host,
  title: string,
  models: readonly Document[],
) {
  const path = join(host.home, 'projects', `${title}.weft`);
  const made = createProject(path, title, models.map(toFile));
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
  rememberProject(host.home, path, title);
  await page.goto(await host.start());
  await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
  await page.locator('.vue-flow__node').first().waitFor();
}

test('P-24, P-27: 10,000 operators mount at most 120 nodes, and an idle window does nothing', async ({
  page,
  host,
}) => {
  await page.addInitScript(countDoings);
  await openProject(page, host, 'Large', [largeModel(10_000)]);
  const mounted: number[] = [];
  const look = async () => {
    await page.waitForTimeout(150);
    mounted.push(await page.locator('.vue-flow__node').count());
  };
  await look();
  const canvas = await page.locator('.weft-canvas').boundingBox();
  if (!canvas) throw new Error('no canvas');
  await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + canvas.height / 2);
  for (const by of [-240, 240, 120, 120, 240, 960, -960, -240]) {
    await page.mouse.wheel(0, by);
    await look();
  }
  expect(Math.max(...mounted)).toBeLessThanOrEqual(120);
  expect(Math.max(...mounted)).toBeGreaterThan(0);
  expect(Math.min(...mounted)).toBe(0);

  // Whatever follows an edit is over by then.
  await page.waitForTimeout(1500);
  const doings = () => page.evaluate(() => structuredClone(Reflect.get(window, 'doings')) as Doings);
  const before = await doings();
  await page.waitForTimeout(3000);
  const after = await doings();
  expect(after.draws - before.draws).toBe(0);
  expect(after.frames - before.frames).toBe(0);
  expect(after.timeouts - before.timeouts).toBeLessThanOrEqual(3);
  expect(after.repeating.filter((delay) => delay < 1000)).toEqual([]);
});

test('nodes copied in one document are pasted into another by the key, as text', async ({ page, host, complaints }) => {
  const [first, second] = [largeModel(14), largeModel(8)];
  await openProject(page, host, 'Pair of models', [
    { ...first, id: 'first', title: 'First' },
    { ...second, id: 'second', title: 'Second' },
  ]);
  const open = (title: string) => page.locator('nav, aside').getByText(title, { exact: true }).first().click();
  const counted = (nodes: number) => page.getByText(`${nodes} nodes,`).first().waitFor();
  await open('First');
  await counted(first.nodes.size);
  await page.locator('.weft-canvas').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await open('Second');
  await counted(second.nodes.size);
  await page.locator('.weft-canvas').focus();
  await page.keyboard.press('Control+v');
  await page.getByText(`${first.nodes.size} nodes selected`).first().waitFor();
  await page.keyboard.press('Escape');
  await counted(first.nodes.size + second.nodes.size);
  await page.keyboard.press('Control+z');
  await counted(second.nodes.size);
  expect(complaints).toEqual([]);
});

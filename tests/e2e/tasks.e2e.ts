/** Task graphs and fabrics in the editor: drawn by keyboard, joined, wrong and mended, undone; presets; an SDF file dropped. */
import type { Page } from '@playwright/test';
import { drop, expect, test } from './studio.ts';

const canvasOf = (page: Page) => page.getByRole('region', { name: 'Drawing' });
const focusCanvas = (page: Page) => canvasOf(page).locator('[tabindex="0"]').first().focus();

async function create(page: Page, name: string): Promise<void> {
  await page
    .getByRole('button', { name: /New document/ })
    .first()
    .click();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

async function insert(page: Page, type: string): Promise<void> {
  await focusCanvas(page);
  await page.keyboard.press('Space');
  await page.keyboard.type(type);
  await page.keyboard.press('Enter');
  await expect(
    page
      .getByRole('tree')
      .getByRole('treeitem', { name: new RegExp(`^${type}`, 'i') })
      .first(),
  ).toBeVisible();
}

test('a task, a stream and a task by keyboard; what is wrong is told, mended, undone', async ({
  page,
  host,
  complaints,
}) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: 'Two cores, one HBM channel' }).click();
  await expect(page.getByRole('tab', { name: 'Two cores, one HBM channel' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();
  await expect(canvasOf(page).getByText('16 int8, 16 int16 · 300 MHz').first()).toBeVisible();

  await create(page, 'Empty task graph');
  await expect(page.getByRole('tab', { name: 'Task graph' })).toBeVisible();
  // Quick insert joins what it can: the task writes the stream, the stream is read by the second task.
  await insert(page, 'Task');
  await insert(page, 'Stream');
  await expect(page.getByRole('button', { name: /^1 error/ })).toBeVisible();
  await page.getByRole('button', { name: /^1 error/ }).click();
  await expect(page.getByRole('button', { name: 'Stream has no reader' })).toBeVisible();
  await insert(page, 'Task');
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();

  // Tokens that do not balance: a warning with a mend of one click.
  await page.getByRole('treeitem', { name: /^Task/ }).first().click();
  const firings = page.getByRole('textbox', { name: /^Firings/ });
  await firings.fill('32');
  await firings.press('Enter');
  await expect(
    page.getByRole('button', { name: /Task 2 reads 64 tokens of Stream in a run, Task writes 32: it waits/ }),
  ).toBeVisible();
  await page
    .getByRole('button', { name: /Set Firings of Task 2 to 32/ })
    .first()
    .click();
  await expect(page.getByRole('button', { name: /waits for ever/ })).toBeHidden();
  await firings.press('Escape');
  await focusCanvas(page);
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: /waits for ever/ })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: /waits for ever/ })).toBeHidden();
  // Back to the stream without a reader.
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: 'Stream has no reader' })).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();
  await expect(page.getByText(/All changes saved/)).toBeVisible();
  expect(complaints).toEqual([]);
});

test('links by keyboard offer only what can be joined', async ({ page, host }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: 'Two layers, streamed' }).click();
  await page
    .getByRole('treeitem', { name: /^Weights 1/ })
    .first()
    .click();
  await focusCanvas(page);
  await page.keyboard.press('c');
  const choices = page.getByRole('listbox', { name: 'Connect Weights 1 to' }).getByRole('option');
  // The tensor is loaded by layer 1 already; layer 2 is left. Either may store it.
  await expect(choices.and(page.getByRole('option', { name: /^to / }))).toHaveCount(1);
  await expect(choices.and(page.getByRole('option', { name: /^from / }))).toHaveCount(2);
  await expect(choices.first()).toContainText('Layer 2');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();
});

test('an SDF graph dropped becomes a task graph', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  const graph = {
    name: 'rates',
    kind: 'sdf',
    actors: [
      { id: 'source', time: [3] },
      { id: 'sink', time: [2] },
    ],
    channels: [{ id: 'tokens', src: 'source', dst: 'sink', prod: [2], cons: [3], tokens: 0 }],
  };
  await drop(page, 'rates.json', Buffer.from(JSON.stringify(graph)));
  await expect(page.getByRole('tab', { name: 'rates' })).toBeVisible();
  await expect(canvasOf(page).getByText('3 × 3 cycles')).toBeVisible();
  await expect(canvasOf(page).getByText('2 → 3 · unbounded × 32 b')).toBeVisible();
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();
  expect(complaints).toEqual([]);
});

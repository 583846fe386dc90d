/**
 * Simulated while it is edited: a depth dragged, the cycles following it in inspector and status bar; then the depths found
 * for the run, applied as one step, the live cycles those of the chosen point; undone.
 */
import type { Locator } from '@playwright/test';
import { inspect } from '../support/axe.ts';
import { showPanel } from '../support/panel.ts';
import { drop, expect, test } from './studio.ts';

/** Nine tokens at once, then a long pause; the consumer takes one every four ticks: on the average both are as fast. */
const burst = [1, 1, 1, 1, 1, 1, 1, 1, 1, 31];
const graph = {
  name: 'burst',
  actors: [
    { id: 'produce', time: [burst, burst, burst, burst].flat() },
    { id: 'consume', time: [4] },
  ],
  channels: [{ id: 'tokens', src: 'produce', dst: 'consume', prod: [1], cons: [1], tokens: 0 }],
};

const number = (text: string | null) => Number(text?.match(/[\d,]+/)?.[0].replaceAll(',', ''));

test('cycles follow a depth that is dragged; depths are found, applied and undone', async ({
  page,
  host,
  complaints,
}) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: 'Two cores, one HBM channel' }).click();
  await expect(page.getByRole('tab', { name: 'Two cores, one HBM channel' })).toBeVisible();
  await drop(page, 'burst.json', Buffer.from(JSON.stringify(graph)));
  await expect(page.getByRole('tab', { name: 'burst' })).toBeVisible();
  const outline = page.getByRole('tree');
  const facts = page.getByRole('region', { name: 'Live simulation' });
  const cycles: Locator = facts.locator('.cycles');
  const status = page.getByRole('contentinfo').getByText(/^Simulated/);
  const depth = page.getByRole('textbox', { name: /^Depth/ });

  await test.step('a stream two tokens deep', async () => {
    await page.getByRole('button', { name: 'Settings of the next run' }).click();
    await page.getByLabel('Mode').selectOption('dataflow');
    await page.getByRole('button', { name: 'Done' }).click();
    await outline.getByRole('treeitem', { name: /^tokens/ }).click();
    await depth.fill('2');
    await depth.press('Enter');
    await expect(facts).toContainText('2 of 2');
    await expect(facts).toContainText('Dataflow, as built, 1 stage');
    await expect(status).toContainText(/Simulated [\d,]+ cycles.*, by (longest path|full run), (< 1|\d+) ms/);
  });

  const shallow = number(await cycles.textContent());
  await test.step('dragged deeper, the cycles fall all the way', async () => {
    const label = page.getByText('Depth', { exact: true }).first();
    const box = (await label.boundingBox())!;
    const [x, y] = [box.x + 4, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 14, y);
    await expect(depth).toHaveValue('4');
    await expect(facts).toContainText('of 4');
    const halfway = number(await cycles.textContent());
    expect(halfway).toBeLessThan(shallow);
    await page.mouse.move(x + 40, y);
    await expect(depth).toHaveValue('8');
    await expect(facts).toContainText('of 8');
    await page.mouse.up();
    const deep = number(await cycles.textContent());
    expect(deep).toBeLessThan(halfway);
    // Against before the drag, not against the step before.
    const share = (((shallow - deep) / shallow) * 100).toFixed(1);
    await expect(facts).toContainText(`Against before−${share} %`);
    await expect(status).toContainText(`−${share} %`);
    await inspect(page, 'live');
  });

  await test.step('one step of history takes the drag back', async () => {
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect(cycles).toHaveText(`${shallow.toLocaleString('en-GB')} cycles`);
    await expect(facts).toContainText('2 of 2');
  });

  await test.step('a run agrees, and is what the next edit is compared with', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    await page.getByRole('tab', { name: 'burst' }).click();
    await expect(facts).toContainText('Against run 1no change');
  });

  const panel = page.getByRole('region', { name: 'FIFO depths' });
  await test.step('depths are found', async () => {
    await page.getByRole('tab', { name: 'Run 1' }).click();
    await showPanel(page, 'FIFO depths');
    await inspect(page, 'before');
    await panel.getByRole('button', { name: 'Find depths' }).click();
    await expect(panel.getByText(/^Exact: proven by/)).toBeVisible({ timeout: 60_000 });
    const row = panel.getByRole('row').filter({ hasText: /^tokens\s*2\s*1/ });
    await expect(row).toBeVisible();
    await inspect(page, 'FIFO depths');
  });

  await test.step('another point of the front, and back to the fastest', async () => {
    const figure = panel.getByRole('application');
    await figure.focus();
    await page.keyboard.press('Home');
    await expect(panel.getByText(/^1 tokens?: /)).toBeVisible();
    await page.keyboard.press('End');
  });

  const chosen = panel.locator('.chosen strong');
  const fastest = number((await chosen.textContent())?.split(':')[1] ?? null);
  await test.step('applied, the drawing takes what the front says', async () => {
    expect(fastest).toBeLessThan(shallow);
    await panel.getByRole('button', { name: 'Apply' }).click();
    await expect(panel.getByRole('button', { name: 'As drawn' })).toBeDisabled();
    await expect(status).toContainText(`Simulated ${fastest.toLocaleString('en-GB')} cycles`);
  });

  await test.step('undone in one step', async () => {
    await page.getByRole('tab', { name: 'burst' }).click();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect(depth).toHaveValue('2');
    await expect(cycles).toHaveText(`${shallow.toLocaleString('en-GB')} cycles`);
  });
  expect(complaints).toEqual([]);
});

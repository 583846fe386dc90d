/** Two panes: the same drawing twice, moved together; a tab dragged over; all of it there again after a reload. */
import { inspect } from '../support/axe.ts';
import { expect, test } from './studio.ts';

test('a split centre: synchronised views, a tab moved to the other side, remembered', async ({
  page,
  host,
  complaints,
}) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^MLP on two FPGA cores/ }).click();
  await page.locator('.weft-canvas').waitFor();
  await page.keyboard.press('Control+\\');
  const canvases = page.locator('.weft-canvas');
  await expect(canvases).toHaveCount(2);

  await page.getByRole('button', { name: 'Synchronise views' }).click();
  const zooms = () =>
    page
      .locator('.vue-flow__transformationpane')
      .evaluateAll((panes) => panes.map((pane) => new DOMMatrix(getComputedStyle(pane).transform).a));
  await canvases.first().focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect.poll(async () => new Set((await zooms()).map((zoom) => zoom.toFixed(6))).size).toBe(1);

  const [left, right] = [page.locator('[data-pane="first"]'), page.locator('[data-pane="second"]')];
  await expect(left.getByRole('tab')).toHaveCount(2);
  await left.getByRole('tab').nth(1).dragTo(right.getByRole('tab').first());
  await expect(left.getByRole('tab')).toHaveCount(1);
  await expect(right.getByRole('tab')).toHaveCount(2);
  await page.reload();
  await expect(right.getByRole('tab')).toHaveCount(2);

  await page.keyboard.press('F1');
  await expect(page.getByRole('dialog', { name: 'Help' })).toBeVisible();
  await inspect(page, 'split centre, help');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close the split' }).click();
  await expect(page.getByRole('tab', { selected: true }).first()).toBeVisible();
  await expect(page.locator('[data-pane]')).toHaveCount(1);
  expect(complaints).toEqual([]);
});

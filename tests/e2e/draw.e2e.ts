/** Drawing without a mouse on the canvas: a model from quick insert, run on a preset, a value set in the form; bad files. */
import { drop, expect, test } from './studio.ts';

test('draw a model by keyboard, set a parameter, run it', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: 'FPGA, two cores' }).click();
  await expect(page.getByRole('tab', { name: 'FPGA, two cores' })).toBeVisible();
  await page.getByRole('button', { name: /New document/ }).click();
  await page.keyboard.type('Empty model');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Model' })).toBeVisible();

  const canvas = page.getByRole('region', { name: 'Drawing' });
  const outline = page.getByRole('tree');
  for (const type of ['Input', 'Dense', 'Output']) {
    await canvas.locator('[tabindex="0"]').first().focus();
    await page.keyboard.press('Space');
    await page.keyboard.type(type);
    await page.keyboard.press('Enter');
    await expect(outline.getByRole('treeitem', { name: new RegExp(`^${type}`, 'i') }).first()).toBeVisible();
  }
  // Quick insert links what it can: the chain is complete, nothing is wrong.
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();

  await outline
    .getByRole('treeitem', { name: /^Dense/i })
    .first()
    .click();
  const units = page.getByRole('textbox', { name: /Units/ });
  await units.fill('2000');
  await units.press('Enter');
  await expect(page.getByText(/All changes saved/)).toBeVisible();
  await units.press('Escape');

  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
  expect(complaints).toEqual([]);
});

test('a malformed file is one clear error with its byte offset, and nothing else changes', async ({ page, host }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^MLP on two FPGA cores/ }).click();
  await expect(page.getByText('layer 1').first()).toBeVisible();
  const tabs = await page.getByRole('tab').count();
  // Field 7 (the graph) announces 200 bytes; 3 follow.
  await drop(page, 'broken.onnx', Buffer.from([0x08, 0x07, 0x3a, 0xc8, 0x01, 1, 2, 3]));
  const notices = page.getByRole('region', { name: 'Notices' });
  await expect(notices.getByText(/broken\.onnx/)).toBeVisible();
  await expect(notices.getByText(/byte/)).toBeVisible();
  expect(await page.getByRole('tab').count()).toBe(tabs);
  await expect(page.getByText(/Revision 0\b/)).toBeVisible();
});

/**
 * A model suited to the hardware, on screen: the proposal layer by layer, applied as one step, the estimate follows, undo
 * restores; and an exporter that reads a file beside the drawing.
 */
import { readFileSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { inspect } from '../support/axe.ts';
import { command } from '../support/palette.ts';
import { expect, test } from './studio.ts';

/** The utilisation of a row, `22.7 % → 29.0 %`, as numbers. */
async function utilisation(row: Locator): Promise<readonly number[]> {
  const text = (await row.getByRole('cell').nth(1).textContent()) ?? '';
  return [...text.matchAll(/([\d.]+) %/g)].map(([, figure]) => Number(figure));
}

test('depthwise layers are grouped for the array, and back', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^DRACO: MobileNetV1/ }).click();
  const total = page.getByRole('button', { name: /estimate: show the roofline/ });
  await expect(total).toBeVisible();
  const work = page.getByRole('complementary').getByText(/MMAC$/);
  const drawn = await work.textContent();
  const cycles = await total.textContent();

  await command(page, 'rewrite for this');
  const dialog = page.getByRole('dialog', { name: 'Rewrite for this hardware' });
  const table = dialog.getByRole('table');
  const totals = table.getByRole('row', { name: /^All layers/ });

  await test.step('the proposal, its source, and what it means', async () => {
    await expect(dialog.getByText('Of 13 depthwise convolutions 6 become group convolutions.')).toBeVisible();
    await expect(dialog).toContainText('arXiv:2006.15103');
    await expect(dialog).toContainText('retrained');
    await expect(table.getByRole('row')).toHaveCount(1 + 6 + 1);
    const row = table.getByRole('row', { name: /^separable 7 · depthwise/ });
    await expect(row).toContainText('512 groups of 1 → 16 of 32');
    const [was = 1, is = 0] = await utilisation(row);
    expect(is).toBeGreaterThan(10 * was);
    const [before = 1, after = 0] = await utilisation(totals);
    expect(after).toBeGreaterThan(before);
    await inspect(page, 'rewrite');
  });

  await test.step('the utilisation of every layer, and why cells are empty', async () => {
    await dialog.getByLabel('All 28 layers').check();
    await expect(table.getByRole('row')).toHaveCount(1 + 28 + 1);
    await expect(table.getByText('one filter a channel').first()).toBeVisible();
    await dialog.getByRole('button', { name: 'Colour the drawing by utilisation' }).click();
    await expect(page.getByRole('region', { name: /Colours show ≈ Utilisation/ })).toBeVisible();
  });

  await test.step('parameters change the proposal', async () => {
    await command(page, 'draco');
    await dialog.getByLabel('Channels a group').fill('7');
    await page.keyboard.press('Tab');
    await expect(dialog.getByText(/none has channels that 7 divides/)).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Apply' })).toBeDisabled();
    await dialog.getByLabel('Channels a group').fill('0');
    await page.keyboard.press('Tab');
    await expect(dialog.getByRole('button', { name: 'Apply' })).toBeEnabled();
  });

  await test.step('applied: the estimate follows; one undo restores the drawing', async () => {
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText(
      'Applied: Group 6 depthwise convolutions',
    );
    await expect(page.getByText(/All changes saved ·/)).toBeVisible();
    await expect(work).not.toHaveText(drawn ?? '');
    // As drawn now, every layer has the utilisation that was proposed: nothing is left to gain.
    await command(page, 'draco');
    await expect(dialog.getByText(/Of 7 depthwise convolutions none would fill more/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.keyboard.press('Control+z');
    await expect(work).toHaveText(drawn ?? '');
    await expect(total).toHaveText(cycles ?? '');
  });
  expect(complaints).toEqual([]);
});

test('an exporter takes a file beside the drawing', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /hand-drawn three-layer perceptron/ }).click();
  await page.getByRole('button', { name: /^Export to another tool/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Export to another tool' });
  await dialog.getByRole('radio', { name: /Gemmini/ }).check();
  const give = async (header: string) => {
    const chooser = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'Choose gemmini_params.h…' }).click();
    await (await chooser).setFiles({ name: 'gemmini_params.h', mimeType: 'text/plain', buffer: Buffer.from(header) });
    await expect(dialog.getByRole('button', { name: 'Leave out gemmini_params.h' })).toBeVisible();
  };
  await give('#define DIM many\n');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog).toContainText("DIM must be a whole number, not 'many'");
  await give('#define DIM 8\n#define BANK_NUM 4\n#define BANK_ROWS 2048\n#define ACC_ROWS 512\n');
  await inspect(page, 'export with a file');
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('#if DIM != 8 ');
  expect(complaints).toEqual([]);
});

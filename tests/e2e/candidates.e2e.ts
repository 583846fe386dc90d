/** A candidate kernel on screen: opened from a file, accepted with cycles beside the compiler's, damaged, refused at its line, used in a run. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from '../support/axe.ts';
import { expect, test } from './studio.ts';

const FILE = resolve(import.meta.dirname, '../../projects/examples/mobilenet-v1/candidates/separable-6-pointwise.txt');

test('a candidate is opened, checked, damaged, listed and used', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^MobileNetV1 on a 32/ }).click();
  await expect(page.getByRole('button', { name: /estimate: show the roofline/ })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('candidate kernel');
  await page.keyboard.press('Enter');
  const text = page.getByRole('textbox', { name: /^Candidate of/ });
  const check = page.getByRole('button', { name: 'Check', exact: true });
  const report = page.getByRole('region', { name: 'Result of the check' });
  await expect(text).toHaveValue('');

  await test.step('from a file, which says whose it is: accepted', async () => {
    await page.getByLabel('Numbers').selectOption('model');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open…' }).click();
    await (await chooser).setFiles(FILE);
    await expect(text).toHaveAccessibleName('Candidate of separable 6 · pointwise');
    await check.click();
    await expect(report).toContainText('accepted', { timeout: 60_000 });
    await expect(report.getByRole('row', { name: /^Alone, cycles/ })).toContainText(
      /[\d,]{7}\s*[\d,]{7}\s*\d+\.\d % fewer/,
    );
    await expect(report.getByRole('row', { name: /^Whole run, cycles/ })).toContainText('fewer');
    await page.getByRole('checkbox', { name: /Use in runs of MobileNetV1/ }).check();
    await inspect(page, 'accepted');
  });

  await test.step('damaged: refused, with the line', async () => {
    const right = readFileSync(FILE, 'utf8');
    const damaged = right.replace('execute m 1 n 0 k 1 on u.1', 'execute m 1 n 0 k 1 on u.0');
    const line = damaged.split('\n').findIndex((each) => each.includes('execute m 1 n 0 k 1 on u.0')) + 1;
    await text.fill(damaged);
    await check.click();
    await expect(report).toContainText('refused', { timeout: 60_000 });
    await expect(report.getByRole('list', { name: 'Stages of the check' })).toContainText('order: failed');
    await report.getByRole('button', { name: `Show line ${line}` }).click();
    await expect(text).toBeFocused();
    const selected = await text.evaluate((field: HTMLTextAreaElement) =>
      field.value.slice(field.selectionStart, field.selectionEnd),
    );
    expect(selected).toBe(damaged.split('\n')[line - 1]);
    await inspect(page, 'refused');
    // What cannot be read is said while it is written.
    await text.fill(damaged.replace('execute m 1 n 0 k 1 on', 'execute m 1 n 0 k 1 oops'));
    await expect(page.getByText(new RegExp(`Line ${line}, column \\d+: expected`))).toBeVisible();
  });

  await test.step('the table has both; what it says is text', async () => {
    await text.fill('<img src=x onerror="console.error(1)">');
    await page.getByLabel('Title of the candidate').fill('<b>bold</b>');
    await check.click();
    await expect(report).toContainText('refused', { timeout: 60_000 });
    await page.getByRole('button', { name: /^All candidates/ }).click();
    const table = page.getByRole('region', { name: 'Candidates of the project' });
    await expect(table.getByRole('row')).toHaveCount(4);
    await expect(table.getByText('<b>bold</b>')).toBeVisible();
    await expect(table.getByText('accepted')).toHaveCount(1);
    await expect(table.getByText(/refused \(order\)/)).toBeVisible();
    await table.getByRole('button', { name: 'Delete <b>bold</b>' }).click();
    await expect(table.getByRole('row')).toHaveCount(3);
    const download = page.waitForEvent('download');
    await table
      .getByRole('button', { name: /^Save separable/ })
      .last()
      .click();
    expect(readFileSync(await (await download).path(), 'utf8')).toBe(readFileSync(FILE, 'utf8'));
    await inspect(page, 'table');
  });

  await test.step('the run says that it uses it', async () => {
    await page.getByRole('button', { name: 'Settings of the next run' }).click();
    await expect(page.getByRole('region', { name: 'Candidate kernels' })).toContainText('separable 6 · pointwise');
    await page.getByLabel('Verify values').selectOption('never');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 90_000 });
    const certificate = page.getByRole('region', { name: 'Certificate of values' });
    await expect(certificate).toContainText(
      '1 candidate kernel in use, checked before the run: separable 6 · pointwise',
    );
  });
  expect(complaints).toEqual([]);
});

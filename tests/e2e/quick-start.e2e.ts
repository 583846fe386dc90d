/** P-31: launch → first report in at most 6 clicks, no form; P-30: axe finds nothing serious in any view, in both themes. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './studio.ts';

test('P-31: example → run → report in at most six clicks', async ({ page, host, complaints }) => {
  let clicks = 0;
  const click = async (locator: ReturnType<Page['getByRole']>) => {
    clicks++;
    await locator.click();
  };
  await page.goto(await host.start());
  await click(page.getByRole('button', { name: /^MobileNetV1 on a 32/ }));
  await click(page.getByRole('button', { name: 'Run', exact: true }));
  await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
  await click(page.getByRole('button', { name: 'Export' }));
  const download = page.waitForEvent('download');
  await click(page.getByRole('menuitem', { name: /HTML/ }).first());
  expect((await download).suggestedFilename()).toMatch(/\.html$/);
  expect(clicks).toBeLessThanOrEqual(6);
  expect(complaints).toEqual([]);
});

for (const scheme of ['light', 'dark'] as const) {
  test(`P-30: nothing serious for axe, ${scheme}`, async ({ page, host }) => {
    await page.emulateMedia({ colorScheme: scheme });
    const inspect = async (view: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(
        serious.map(({ id, nodes }) => `${view}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
      ).toEqual([]);
    };
    await page.goto(await host.start());
    await expect(page.getByRole('heading', { name: 'Examples' })).toBeVisible();
    await inspect('start page');
    await page.getByRole('button', { name: /^MLP on two FPGA cores/ }).click();
    await expect(page.getByRole('tab', { name: /^MLP/ })).toBeVisible();
    await expect(page.getByText('layer 1').first()).toBeVisible();
    await inspect('model');
    await page.getByRole('tab', { name: /^FPGA/ }).click();
    await expect(page.getByText('Core 0').first()).toBeVisible();
    await inspect('architecture');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    for (const panel of ['Timeline', 'Memory map', 'Operators', 'Schedule']) {
      await page.getByRole('tab', { name: panel }).click();
      await inspect(`run, ${panel}`);
    }
    await page.keyboard.press('Control+k');
    await inspect('commands');
  });
}

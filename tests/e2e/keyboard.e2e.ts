/** P-29: from the start page to a report without a pointer; a project, three nodes, two links, an architecture, a run. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { command } from '../support/palette.ts';
import { expect, test } from './studio.ts';

/** Notes every event that only a pointer makes; a key's click comes without one of them before it. */
function watchPointers(): void {
  const pointers: string[] = [];
  Object.assign(window, { pointers });
  for (const type of ['pointerdown', 'pointermove', 'mousedown', 'touchstart', 'wheel', 'dragstart'])
    addEventListener(type, () => pointers.push(type), { capture: true });
}

/** Presses Tab until the focus is on what is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let press = 0; press < 60; press++) {
    const focused = await page.evaluate(() => {
      const on = document.activeElement;
      return on?.getAttribute('aria-label') ?? on?.textContent?.trim() ?? '';
    });
    if (focused.startsWith(name)) return;
    passed.push(focused.slice(0, 24));
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}: ${passed.join(', ')}`);
}

test('P-29 keyboard only: a project, three nodes joined, an architecture, a run, its report', async ({
  page,
  host,
  complaints,
}) => {
  await page.addInitScript(watchPointers);
  await page.goto(await host.start());
  await expect(page.getByRole('heading', { name: 'Examples' })).toBeVisible();
  await tabTo(page, 'New project');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'An empty project' })).toBeVisible();
  for (const what of ['Systolic 32', 'Empty model']) {
    await command(page, 'New document');
    await page.keyboard.type(what);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: what === 'Empty model' ? 'Model' : what })).toBeVisible();
  }

  const outline = page.getByRole('tree');
  await page.keyboard.press('F6');
  await expect(page.getByRole('application', { name: /^Drawing of Model/ })).toBeFocused();
  for (const type of ['Input', 'Dense', 'Output']) {
    // Nothing selected: nothing is joined by itself.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    await page.keyboard.type(type);
    await page.keyboard.press('Enter');
    await expect(outline.getByRole('treeitem', { name: new RegExp(`^${type}`, 'i') }).first()).toBeVisible();
  }
  const join = async (other: string) => {
    await page.keyboard.press('c');
    await page.keyboard.type(other);
    await page.keyboard.press('Enter');
  };
  // The output is selected, being the last: joined from there, and on from what it is joined to.
  await join('Dense');
  await page.keyboard.press('Alt+ArrowLeft');
  await join('Input');
  await expect(page.getByRole('button', { name: /^0 errors/ })).toBeVisible();

  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
  await command(page, 'Report of the run');
  const dialog = page.getByRole('dialog', { name: /Report/ });
  // Once it is known which sections there are.
  await expect(dialog.getByRole('button', { name: 'Export', exact: true })).toBeEnabled();
  await tabTo(page, 'Export');
  const download = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  expect(readFileSync(await (await download).path(), 'utf8')).toMatch(/^<!doctype html>/i);

  expect(await page.evaluate(() => Reflect.get(window, 'pointers'))).toEqual([]);
  // What watches pointers asks the report's preview too, which lets no script run.
  expect(complaints.filter((text) => !text.startsWith('Blocked script execution'))).toEqual([]);
});

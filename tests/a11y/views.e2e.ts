/**
 * P-30: axe finds nothing serious or critical in any view or dialog, in either theme. One walk over what no other
 * end-to-end test inspects; panels that need a state of their own are inspected where that state is.
 */
import { expect, test } from '../e2e/studio.ts';
import { inspect } from '../support/axe.ts';
import { command } from '../support/palette.ts';
import { showPanel } from '../support/panel.ts';

test('P-30 axe: start page, drawings, run, history, studies and every dialog', async ({ page, host, complaints }) => {
  test.setTimeout(300_000);
  await page.goto(await host.start());
  await expect(page.getByRole('heading', { name: 'Examples' })).toBeVisible();
  await inspect(page, 'start page');
  await command(page, 'tour');
  await expect(page.locator('.tour .card')).toBeVisible();
  await inspect(page, 'tour', '.tour');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: /^MLP on two FPGA cores/ }).click();
  await expect(page.getByText('layer 1').first()).toBeVisible();
  await page
    .getByRole('treeitem', { name: /^layer 1/ })
    .first()
    .click();
  await page.locator('.weft-canvas').focus();
  await command(page, 'add a note');
  await page.keyboard.type('Why **this**');
  await page.keyboard.press('Escape');
  await inspect(page, 'model with a note');

  const dialogs = [
    ['commands…', 'Commands'],
    ['new document', 'New document'],
    ['find…', 'Find nodes'],
    ['keyboard shortcuts', 'Keyboard shortcuts'],
    ['help', 'Help'],
    ['queue of runs', 'Queue of runs'],
    ['save a checkpoint', 'Save a checkpoint'],
    ['compare with', 'Compare'],
  ] as const;
  for (const [words, name] of dialogs)
    await test.step(name, async () => {
      if (name === 'Commands') await page.keyboard.press('Control+k');
      else await command(page, words);
      const dialog = page.getByRole('dialog', { name });
      await expect(dialog).toBeVisible();
      await inspect(page, name, '[role="dialog"], dialog');
      if (name === 'Save a checkpoint') {
        await page.keyboard.type('First');
        await page.keyboard.press('Enter');
      } else await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    });

  await test.step('settings of a run, context menu', async () => {
    await page.getByRole('button', { name: 'Settings of the next run' }).click();
    await inspect(page, 'settings of the next run');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.locator('.vue-flow__node').first().click({ button: 'right' });
    await expect(page.getByRole('menu')).toBeVisible();
    await inspect(page, 'context menu', '[role="menu"]');
    await page.keyboard.press('Escape');
  });

  await test.step('history and a comparison', async () => {
    await command(page, 'show the history');
    await expect(page.getByText('First').first()).toBeVisible();
    await inspect(page, 'history', '#bottom-content');
    await command(page, 'compare with');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Comparison' })).toBeVisible();
    await inspect(page, 'comparison of two states', 'main');
  });

  await test.step('architecture, split', async () => {
    await page.getByRole('tab', { name: /^FPGA/ }).click();
    await expect(page.getByText('Core 0').first()).toBeVisible();
    await command(page, 'split right');
    await expect(page.getByRole('region', { name: 'Drawing' })).toHaveCount(2);
    await inspect(page, 'split', 'main');
    await command(page, 'close the split');
  });

  await test.step('run and its panels', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    for (const panel of ['Timeline', 'Memory map', 'Operators']) {
      await showPanel(page, panel);
      await inspect(page, `run, ${panel}`, panel === 'Timeline' ? undefined : '#bottom-content');
    }
    await command(page, 'report of the run');
    await expect(page.getByRole('dialog', { name: 'Report' })).toBeVisible();
    await inspect(page, 'report', '[role="dialog"], dialog');
    await page.keyboard.press('Escape');
  });

  await test.step('studies', async () => {
    await command(page, 'study…');
    await expect(page.getByRole('region', { name: 'Study' })).toBeVisible();
    await inspect(page, 'new study', 'main');
  });

  await test.step('task graphs and fabrics', async () => {
    for (const what of ['Two layers, streamed', 'Four cores']) {
      await command(page, 'new document');
      await page.keyboard.type(what);
      await page.keyboard.press('Enter');
      await expect(page.getByRole('tab', { name: what })).toBeVisible();
      await inspect(page, what, 'main');
    }
    await command(page, 'crossover map');
    await expect(page.getByRole('region', { name: /Crossover/ })).toBeVisible();
    await inspect(page, 'crossover map', '#bottom-content');
  });
  // The report's preview lets no script run, the test runner's own look into each frame neither.
  expect(complaints.filter((text) => !text.startsWith('Blocked script execution'))).toEqual([]);
});

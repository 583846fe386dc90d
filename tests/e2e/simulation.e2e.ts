/**
 * A simulation on screen: an SDF graph dropped, its stream made shallow, run; the stall named, the playhead scrubbed over the
 * drawing, the FIFO made deeper as the lever says, verified with the cycles it predicts; compared.
 */
import { inspect } from '../support/axe.ts';
import { showPanel } from '../support/panel.ts';
import { drop, expect, test } from './studio.ts';

/** Nine tokens at once, then a long pause; the consumer takes one every four ticks: on the average both are as fast. */
const burst = [1, 1, 1, 1, 1, 1, 1, 1, 1, 31];
const graph = {
  name: 'burst',
  actors: [
    { id: 'produce', time: [burst, burst, burst, burst].flat() },
    { id: 'consume', time: [4] },
  ],
  channels: [{ id: 'tokens', src: 'produce', dst: 'consume', prod: [1], cons: [1], tokens: 0 }],
};

test('a stall is named, scrubbed, and mended by the lever with the cycles it predicts', async ({
  page,
  host,
  complaints,
}) => {
  await page.goto(await host.start());
  await expect(page.getByRole('button', { name: /Drop a model here/ })).toBeVisible();
  await drop(page, 'burst.json', Buffer.from(JSON.stringify(graph)));
  await expect(page.getByRole('tab', { name: 'burst' })).toBeVisible();
  const outline = page.getByRole('tree');

  await test.step('a stream two tokens deep', async () => {
    await outline.getByRole('treeitem', { name: /^tokens/ }).click();
    const depth = page.getByRole('textbox', { name: /^Depth/ });
    await depth.fill('2');
    await depth.press('Enter');
    await expect(page.getByText(/All changes saved/)).toBeVisible();
    await depth.press('Escape');
  });

  await test.step('Run simulates it on a first fabric, in the mode chosen', async () => {
    await page.getByRole('button', { name: 'Settings of the next run' }).click();
    await page.getByLabel('Mode').selectOption('dataflow');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText(/Run 1 · Done/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('list', { name: 'Runs' })).toContainText('Simulation');
    await expect(page.getByRole('tab', { name: 'Two cores, one HBM channel' })).toHaveCount(0);
    await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveCount(0);
    await inspect(page, 'run');
  });

  await test.step('the stall is named', async () => {
    await showPanel(page, 'Stalls');
    const panel = page.getByRole('region', { name: 'Stalls' });
    await expect(panel.getByRole('button', { name: /^produce: / })).toContainText(/room in tokens/);
    await panel.getByRole('button', { name: /^produce: / }).click();
    await expect(panel.getByRole('button', { name: /^produce: / })).toHaveAttribute('aria-pressed', 'true');
    await inspect(page, 'stalls');
  });

  await test.step('every panel shows it', async () => {
    for (const [tab, region] of [
      ['Stages', 'Stages'],
      ['Streams', 'Streams'],
      ['Critical path', 'Critical path'],
    ] as const) {
      await showPanel(page, tab);
      await expect(page.getByRole('region', { name: region, exact: true }).first()).toBeVisible();
      await inspect(page, tab);
    }
    await showPanel(page, 'Streams');
    const streams = page.getByRole('grid', { name: 'Streams' });
    await expect(streams.getByRole('row', { name: /tokens FIFO 2 2/ })).toBeVisible();
    await expect(page.getByRole('application', { name: /^Occupancy/ })).toBeVisible();
  });

  await test.step('the playhead shows every task and stream on the drawing', async () => {
    await page.getByRole('tab', { name: 'burst' }).click();
    await page.getByRole('button', { name: 'Close the panel' }).click();
    const player = page.getByRole('region', { name: 'Simulation over the drawing' });
    await expect(player).toBeVisible();
    await player.getByRole('slider', { name: 'Tick' }).fill('4');
    await page.keyboard.press('f');
    const canvas = page.getByRole('region', { name: 'Drawing' });
    await expect(canvas.getByText('no room in tokens')).toBeVisible();
    await expect(canvas.getByText('2 of 2')).toBeVisible();
    await player.getByRole('button', { name: 'The next change' }).click();
    await expect(canvas.getByText('no room in tokens')).toHaveCount(0);
    await player.getByRole('button', { name: 'Play', exact: true }).click();
    await player.getByRole('button', { name: 'Pause' }).click();
    await inspect(page, 'playhead');
  });

  await test.step('the lever is applied, verified, and keeps its word', async () => {
    await page.getByRole('tab', { name: 'Run 1' }).click();
    const levers = page.getByRole('region', { name: 'What would help' });
    const row = levers.getByRole('row', { name: /tokens/ }).first();
    const predicted = (await row.getByRole('cell').first().textContent())?.match(/[\d,]+/)?.[0] ?? '';
    await row.getByRole('button', { name: /^Apply/ }).click();
    await expect(row.getByRole('button', { name: /^Applied/ })).toBeDisabled();
    await row.getByRole('button', { name: /^Verify/ }).click();
    await expect(page.getByText(/Run 2 · Done/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText(`simulated ${predicted} cycles (exact)`)).toBeVisible();
    await inspect(page, 'verified');
  });

  await test.step('both runs side by side', async () => {
    await page.getByRole('tab', { name: 'burst' }).click();
    await page.getByRole('tab', { name: 'Run 2' }).click();
    if ((await page.getByRole('region', { name: 'Details' }).count()) === 0) await page.keyboard.press('Control+j');
    await showPanel(page, 'Compare');
    const panel = page.getByRole('region', { name: 'Compare' });
    await panel.getByRole('combobox').selectOption({ index: 1 });
    await expect(panel.getByRole('table', { name: 'Tasks: cycles stalled' })).toContainText('produce');
    await expect(panel.getByRole('table', { name: 'Streams: cycles waited for' })).toContainText(/\d+ → 2/);
    await inspect(page, 'compare');
  });

  await test.step('undo takes the lever back', async () => {
    await page.getByRole('tab', { name: 'burst' }).click();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await outline.getByRole('treeitem', { name: /^tokens/ }).click();
    await expect(page.getByRole('textbox', { name: /^Depth/ })).toHaveValue('2');
  });
  expect(complaints).toEqual([]);
});

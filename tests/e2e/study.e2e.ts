/** A study from an open example: started with what is suggested, looked through by keys, a point applied and taken back; recalled, removed and brought back. */
import { inspect } from '../support/axe.ts';
import { expect, test } from './studio.ts';

test('a study is started in two clicks, its front walked and a point applied', async ({ page, host, complaints }) => {
  await page.goto(await host.start());
  await page.getByRole('button', { name: /^MobileNetV1 on a 32/ }).click();
  await page.getByRole('button', { name: 'New study…' }).click();
  await expect(page.getByRole('status').filter({ hasText: '125 points' })).toBeVisible();
  await page.getByRole('button', { name: 'Start', exact: true }).click();

  const plot = page.getByRole('application', { name: /^Pareto plot/ });
  await expect(page.getByRole('list', { name: 'Studies' })).toContainText('Done', { timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Points' })).toContainText('125');
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const card = page.getByRole('complementary', { name: 'Selected point' });
  await expect(card).toContainText('On the front');
  await inspect(page, 'study');

  await page.getByRole('application', { name: /^Parallel/ }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('region', { name: 'Points' })).toContainText('100 of 125');

  await card.getByRole('button', { name: 'Apply to the drawings' }).click();
  await expect(card).toContainText('The drawings have these values');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(card).toContainText('Applying it sets');

  const tab = page.getByRole('tab', { name: 'Study 1' });
  await page.reload();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('region', { name: 'Points' })).toContainText('125');
  await page.getByRole('button', { name: 'Delete the study' }).click();
  await expect(tab).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('region', { name: 'Points' })).toContainText('125');
  expect(complaints).toEqual([]);
});

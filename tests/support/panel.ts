/** A view of the panel below comes to the front: by its tab, or out of the menu of those that have no room in the strip. */
import { expect, type Page } from '@playwright/test';

export async function showPanel(page: Page, name: string): Promise<void> {
  const details = page.getByRole('region', { name: 'Details' });
  const tab = details.getByRole('tablist', { name: 'Details' }).getByRole('tab', { name, exact: true });
  const more = details.getByRole('button', { name: / more views?$/ });
  await expect(tab.or(more).first()).toBeVisible();
  if (await tab.isVisible()) return tab.click();
  await more.click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

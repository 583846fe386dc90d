/** The studio's command palette, by keyboard. */
import type { Page } from '@playwright/test';

/** Types what a command is called and takes the first that is found. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill(words);
  await page.keyboard.press('Enter');
}

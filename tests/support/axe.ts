/** What axe finds on the page as it stands, for every end-to-end test: nothing serious or critical may be, in either theme. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * Everything in light; in dark only what colours decide, for nothing else differs. Leaves the page light.
 * @param view for the message: `run, Timeline`.
 * @param within the part that is new, by its selector, where the rest was inspected before: a whole page takes seconds.
 */
export async function inspect(page: Page, view: string, within?: string): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const builder = new AxeBuilder({ page });
    if (within !== undefined) builder.include(within);
    const { violations } = await (colorScheme === 'dark'
      ? builder.withRules(['color-contrast', 'link-in-text-block'])
      : builder
    ).analyze();
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(`${view}, ${colorScheme}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }
  // The walk goes on, so that one run tells all.
  expect.soft(found).toEqual([]);
}

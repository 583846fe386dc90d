/** What axe finds on the page as it stands, for every end-to-end test: nothing serious or critical may be. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * @param view for the message: `run, Timeline`.
 * @param within the part to look at, where the rest was looked at before: a whole page takes axe a second.
 */
export async function inspect(page: Page, view: string, within?: string): Promise<void> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (within === undefined ? builder : builder.include(within)).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    serious.map(({ id, nodes }) => `${view}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
  ).toEqual([]);
}

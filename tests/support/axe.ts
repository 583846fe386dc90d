/** What axe finds on the page as it stands, for every end-to-end test: nothing serious or critical may be, in either theme. */
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

/** What colours decide: all that can differ between the themes. */
const BY_COLOUR = ['color-contrast', 'link-in-text-block'];

/**
 * Everything in light; in dark only what colours decide. Leaves the page light. The engine runs in the page itself: no page
 * is opened beside it, and frames are left out (the report's preview lets no script run).
 * @param view for the message: `run, Timeline`.
 * @param within the part that is new, by its selector, where the rest was inspected before: a whole page takes seconds.
 */
export async function inspect(page: Page, view: string, within = 'html'): Promise<void> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(
      async ({ within, rules }) => {
        const { axe } = window as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run(
          { include: [within] },
          {
            iframes: false,
            resultTypes: ['violations'],
            ...(rules ? { runOnly: { type: 'rule', values: rules } } : {}),
          },
        );
        return violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          at: nodes.map(({ target }) => target.join(' ')),
        }));
      },
      { within, rules: colorScheme === 'dark' ? BY_COLOUR : null },
    );
    for (const { id, impact, at } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(`${view}, ${colorScheme}: ${id} at ${at.join(', ')}`);
  }
  // The walk goes on, so that one run tells all.
  expect.soft(found).toEqual([]);
}

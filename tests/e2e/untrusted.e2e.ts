/** P-22 on screen: 50 scripts in every text a user or a stranger's file can put there; all of it is shown, none of it runs. */
import { join } from 'node:path';
import type { DocumentFile, DocumentNode } from '#core/document/document.ts';
import { renderReport } from '#core/report/render.ts';
import { createProject } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { command } from '../support/palette.ts';
import { showPanel } from '../support/panel.ts';
import { PAYLOADS } from '../support/payloads.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { drop, expect, test } from './studio.ts';

const node = (id: string, type: string, name: string, at: number, parameters = {}): DocumentNode => ({
  id,
  type,
  name,
  x: (at % 10) * 220,
  y: Math.floor(at / 10) * 120,
  parent: null,
  parameters,
});

/** A softmax without an operand for every payload, so that problems say their names; notes and unknown types beside them. */
const MODEL: DocumentFile = {
  format: 'weft-document/1',
  id: 'm',
  kind: 'model',
  title: `Model ${PAYLOADS[0]}`,
  nodes: PAYLOADS.flatMap((payload, at) => [
    node(`n${at}`, at % 10 === 9 ? payload : 'softmax', payload, at),
    ...(at < 12 ? [node(`note${at}`, 'note', payload, 60 + at, { text: `# ${payload}\n- **${payload}**` })] : []),
  ]),
  links: [],
};

/** What text would have become, had it been taken for markup. */
const MARKUP =
  'script:not([src]), img[src="x"], iframe[srcdoc*="alert"], svg[onload], [onerror], [onmouseover], a[href^="javascript"]';

test('P-22 on screen: hostile text in names, titles, notes, problems, history and runs is text', async ({
  page,
  host,
}) => {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const inert = async (view: string) => {
    expect(await page.locator(MARKUP).count(), view).toBe(0);
    expect(new URL(page.url()).hostname, view).toBe('127.0.0.1');
    expect(dialogs, view).toEqual([]);
  };
  const path = join(host.home, 'projects', 'hostile.weft');
  const made = createProject(path, `Project ${PAYLOADS[5]}`, [MODEL]);
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
  rememberProject(host.home, path, `Project ${PAYLOADS[15]}`);

  await page.goto(await host.start());
  const recent = page.getByRole('button', { name: /^Project / });
  await expect(recent).toBeVisible();
  await inert('recent projects');
  await recent.click();
  await page
    .getByRole('button', { name: /^Model </ })
    .first()
    .click();
  await page.locator('.vue-flow__node').first().waitFor();
  await expect(page.getByRole('treeitem').first()).toContainText('<script>');
  await inert('drawing and outline');

  await page.getByRole('treeitem').first().click();
  await expect(
    page.getByRole('textbox', { name: 'Name', exact: true }).or(page.locator('aside')).first(),
  ).toBeVisible();
  await command(page, 'show problems');
  await expect(page.getByText(/<svg\/onload/).first()).toBeAttached();
  await inert('inspector and problems');
  for (const view of ['find…', 'show the history', 'save a checkpoint']) {
    await command(page, view);
    await page.keyboard.type('<img src=x onerror=alert(1)>');
    await page.keyboard.press('Enter');
    await inert(view);
    await page.keyboard.press('Escape');
  }

  const run = fixtureRun({ blocks: 25, text: (plain) => `${plain}${PAYLOADS[plain.length % PAYLOADS.length]}` });
  await drop(page, 'run.json', Buffer.from(renderReport(run, 'json')));
  await expect(page.getByText(/Run 1 · Imported/)).toBeVisible();
  await inert('run');
  for (const panel of ['Timeline', 'Memory map', 'Operators', 'Energy', 'Schedule']) {
    await showPanel(page, panel);
    await inert(panel);
  }
  await command(page, 'report of the run');
  await expect(page.getByRole('dialog', { name: 'Report' })).toBeVisible();
  await inert('report');
});

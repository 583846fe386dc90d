/**
 * Draws the app's icons from renderer/public/favicon.svg with an installed Chromium, Chrome or Edge and writes those of
 * every platform to main/resources. `npm run icons`; run it when the drawing changes, and commit what it writes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { findPrinter, sandboxArguments } from '../window/browser.ts';
import { ICNS_SIZES, ICO_SIZES, icnsFile, icoFile, LINUX_SIZES } from './icon-files.ts';

const root = resolve(import.meta.dirname, '../..');
const resources = resolve(root, 'main/resources');
const svg = readFileSync(resolve(root, 'renderer/public/favicon.svg'), 'utf8').trim();

/** A sheet of paper with the mark on it: what a project file looks like in a folder. */
const sheet = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M6 1.5h14l6.5 6.5v22.5h-20.5z" fill="#fff" stroke="#8a94a6"/><path d="M20 1.5v6.5h6.5" fill="#e7ebf2" stroke="#8a94a6" stroke-linejoin="round"/><g transform="translate(9 12) scale(.45)">${svg.replace(/^<svg[^>]*>|<\/svg>$/g, '')}</g></svg>`;

const browser = await findPrinter();
if (!browser) {
  console.error('Drawing icons needs Chromium, Chrome or Edge; none is installed here.');
  process.exit(1);
}
const running = await chromium.launch({ executablePath: browser.path, args: [...sandboxArguments()] });
const page = await running.newPage();

async function drawn(source: string): Promise<ReadonlyMap<number, Uint8Array>> {
  const images = new Map<number, Uint8Array>();
  const address = `data:image/svg+xml;base64,${Buffer.from(source).toString('base64')}`;
  for (const side of new Set([...ICO_SIZES, ...ICNS_SIZES, ...LINUX_SIZES])) {
    await page.setViewportSize({ width: side, height: side });
    await page.setContent(
      `<style>html,body{margin:0;background:none}img{display:block;width:${side}px;height:${side}px}</style><img src="${address}">`,
    );
    await page.locator('img').evaluate((image: HTMLImageElement) => image.decode());
    images.set(side, await page.screenshot({ omitBackground: true }));
  }
  return images;
}

mkdirSync(resolve(resources, 'icons'), { recursive: true });
for (const [name, source] of [
  ['icon', svg],
  ['document', sheet],
] as const) {
  const images = await drawn(source);
  writeFileSync(resolve(resources, `${name}.ico`), icoFile(images));
  writeFileSync(resolve(resources, `${name}.icns`), icnsFile(images));
  if (name === 'icon')
    for (const side of LINUX_SIZES) writeFileSync(resolve(resources, `icons/${side}x${side}.png`), images.get(side)!);
}
await running.close();

/** The page of promises in tests/README.md: all of them, each with a test named by its id, or with its shortfall. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const IDS = Array.from({ length: 32 }, (_, at) => `P-${String(at + 1).padStart(2, '0')}`);

/** Rows of the page: id, promise, where, promised, measured, command. */
const rows = readFileSync(join(root, 'tests/README.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| P-\d\d /.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

/** Titles of tests and groups of tests, by file. */
function titles(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const folder of ['core', 'projects', 'main', 'preload', 'renderer', 'tests'])
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:test|e2e)\.ts$/.test(name)) continue;
      const text = readFileSync(join(root, folder, name), 'utf8');
      // The first text after the call, past the table of an `each`.
      const named = [...text.matchAll(/\b(?:it|test|describe)\b[^'"`]*?(?:\)\s*)?\(\s*(['"`])(.*?)\1/gs)];
      const each = [...text.matchAll(/\]\)\(\s*(['"`])(.*?)\1/gs)];
      found.set(
        `${folder}/${name}`,
        [...named, ...each].map(([, , title = '']) => title),
      );
    }
  return found;
}

it('has every promise once, in order', () => {
  expect(rows.map(([id]) => id)).toEqual(IDS);
  for (const row of rows) {
    expect(row, row[0]).toHaveLength(6);
    for (const cell of row) expect(cell, row[0]).not.toBe('');
  }
});

it('has a test named by its id for every promise, where it says', () => {
  const named = titles();
  for (const [id = '', , where = '', , measured = ''] of rows) {
    const files = [...named].filter(([, all]) => all.some((title) => title.includes(id))).map(([file]) => file);
    if (files.length === 0) {
      expect(measured, `${id} has no test of its name, and no shortfall is told`).toMatch(/shortfall/i);
      continue;
    }
    const told = [...where.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    expect(told.length, id).toBeGreaterThan(0);
    for (const file of told)
      expect(
        files.some((known) => known.endsWith(`${file}.test.ts`) || known.endsWith(`${file}.e2e.ts`)),
        `${id}: ${file} has no test of that name; these have: ${files.join(', ')}`,
      ).toBe(true);
  }
});

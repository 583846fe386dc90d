/** What the README says of the command line is what there is. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { COMMANDS } from '#main/cli/commands.ts';

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const lines = [...readme.matchAll(/^npm run --silent weft -- (\S+)(.*)$/gm)].map(([, name = '', rest = '']) => ({
  name,
  rest,
}));

it('the README shows every command, and none that is not there', () => {
  const shown = new Set(lines.map(({ name }) => name));
  expect([...shown].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

it.each(lines.map(({ name, rest }) => [`${name}${rest}`, name, rest] as const))(
  '%s has options that exist',
  (_, name, rest) => {
    const { options } = COMMANDS.find((command) => command.name === name)!;
    const used = [...rest.matchAll(/ --([a-z-]+)/g)].map(([, option]) => option);
    expect(used.filter((option) => option === undefined || !(option in options))).toEqual([]);
  },
);

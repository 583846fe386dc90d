/** The help's page on the command line is written by hand, since the renderer cannot see main/: it lists what there is. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../main/cli/commands.ts';

it('the help lists every command as the command line does', () => {
  const page = readFileSync(new URL('../../renderer/help/pages/command-line.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(
    rows.map(([, name, summary]) => [name, summary]),
    'renderer/help/pages/command-line.md lists name and summary of each command, in order',
  ).toEqual(COMMANDS.map((command) => [`\`${[command.name, ...command.positionals].join(' ')}\``, command.summary]));
});

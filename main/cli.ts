/** `weft`: the studio's verbs without a window. Works on the sources as they are, nothing to build first. */

import { DONE, type Io, runCommand, WRONG_USAGE } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { APP_VERSION } from './version.ts';

// `weft … | head` closes the pipe early; that is no fault of anyone's.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EPIPE') process.exit(DONE);
  throw fault;
});

const io: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && {
    status: (text: string | null) =>
      process.stderr.write(`\r\x1b[2K${(text ?? '').slice(0, process.stderr.columns - 1)}`),
  }),
};

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name, positionals }) => [name, ...positionals].join(' ').length));
  return [
    'usage: weft COMMAND …',
    '',
    ...COMMANDS.map(
      ({ name, positionals, summary }) => `  ${[name, ...positionals].join(' ').padEnd(width)}  ${summary}`,
    ),
    '',
    'weft COMMAND --help tells the options of one; weft --version prints the version.',
    'JSON goes to stdout and nothing else does; problems go to stderr. Exit code: 0 done, 1 failed, 2 wrong usage.',
  ].join('\n');
}

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(overview());
    return DONE;
  }
  if (name === '--version') {
    io.out(APP_VERSION);
    return DONE;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return runCommand(command, rest, io);
  io.err(name === undefined ? overview() : `weft: there is no command '${name}'\n\n${overview()}`);
  return WRONG_USAGE;
}

process.exitCode = await main(process.argv.slice(2));

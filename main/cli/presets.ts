import { PRESETS } from '#core/architecture/presets.ts';
import { type Command, DONE } from './command.ts';

export const presetsCommand: Command = {
  name: 'presets',
  positionals: [],
  summary: 'Lists the architectures to start from.',
  details: 'With --json: [{id, title, summary, source}].',
  options: { json: { type: 'boolean', help: 'JSON on stdout.' } },
  async run(_, options, io) {
    if (options.json)
      io.out(JSON.stringify(PRESETS.map(({ id, title, summary, source }) => ({ id, title, summary, source }))));
    else for (const { id, summary } of PRESETS) io.out(`${id.padEnd(16)} ${summary}`);
    return DONE;
  },
};

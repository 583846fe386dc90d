/** MAESTRO hardware files as architectures. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { drawHardware } from '#core/interchange/maestro/architecture.ts';
import type { Fault } from '#core/interchange/maestro/hardware.ts';
import { LARGEST_FILE, readHardware } from '#core/interchange/maestro/hardware.ts';
import type { Importer } from '#core/technique/importer.ts';

export const technique: Importer = {
  manifest: {
    id: 'importer/maestro',
    kind: 'importer',
    version: '1.0.0',
    title: 'MAESTRO hardware',
    summary: 'Opens MAESTRO hardware files (.m): processing elements, L1, L2 and bandwidths become a drawing.',
    maturity: 'stable',
    citations: [
      {
        text: 'Kwon, Chatarasi, Pellauer, Parashar, Sarkar, Krishna, Understanding reuse, performance, and hardware cost of DNN dataflow: a data-centric approach, MICRO 2019',
        reference: '10.1145/3352460.3358252',
      },
      { text: 'MAESTRO, data/hw', reference: 'github.com/maestro-project/maestro' },
    ],
    parameters: [],
  },
  extensions: ['.m'],
  match: (name, head) =>
    /\.m$/i.test(name) &&
    /^\s*(num_pes|l[12]_size_cstr|noc_bw_cstr|offchip_bw_cstr)\s*:|^\s*(Network|Layer|Constant)\s+\w+/m.test(
      new TextDecoder().decode(head),
    ),
  open(source, options) {
    const failed = ({ line, message }: Fault) =>
      err(
        problem('maestro.unreadable', `${options.file}${line === null ? '' : `, line ${line}`}: ${message}`, {
          where: { file: options.file },
          facts: line === null ? { size: source.size } : { line },
        }),
      );
    // The first line of a mapping tells that it is one, however long the file.
    const read = readHardware(new TextDecoder().decode(source.read(0, LARGEST_FILE)));
    if (!read.ok) return failed(read.error);
    if (source.size > LARGEST_FILE) return failed({ line: null, message: `larger than ${LARGEST_FILE} bytes` });
    const title = options.file.replace(/^.*[/\\]/, '').replace(/\.m$/i, '') || 'MAESTRO';
    const drawn = drawHardware(read.value, title, options.document);
    if (!drawn.ok) return failed(drawn.error);
    return ok({ ...drawn.value, facts: null, source: { format: 'MAESTRO hardware', producer: '', opsets: {} } });
  },
};

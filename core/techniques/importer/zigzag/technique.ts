/** ZigZag accelerator YAML as architectures: the array, its operand buffers, one scratchpad, off-chip memory. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { readAccelerator } from '#core/interchange/zigzag/accelerator.ts';
import { drawAccelerator } from '#core/interchange/zigzag/architecture.ts';
import type { Fault } from '#core/interchange/zigzag/located.ts';
import { LARGEST_FILE } from '#core/interchange/zigzag/located.ts';
import type { Importer } from '#core/technique/importer.ts';

export const technique: Importer = {
  manifest: {
    id: 'importer/zigzag',
    kind: 'importer',
    version: '1.0.0',
    title: 'ZigZag accelerator',
    summary: 'Opens ZigZag accelerator descriptions (YAML): memories, ports and the array become a drawing.',
    maturity: 'stable',
    citations: [
      {
        text: 'Mei, Houshmand, Jain, Giraldo, Verhelst, ZigZag: enlarging joint architecture-mapping design space exploration for DNN accelerators, IEEE Trans. Computers 70(8), 2021',
        reference: '10.1109/TC.2021.3059962',
      },
      { text: 'ZigZag v3.8.5, inputs/hardware', reference: 'github.com/KULeuven-MICAS/zigzag' },
    ],
    parameters: [],
  },
  extensions: ['.yaml', '.yml'],
  match: (name, head) =>
    /\.ya?ml$/i.test(name) &&
    /^(memories|operational_array|cores)\s*:|^\s+(spatial_mapping|memory_operand_links)\s*:/m.test(
      new TextDecoder().decode(head),
    ),
  open(source, options) {
    const failed = ({ line, message }: Fault) =>
      err(
        problem('zigzag.unreadable', `${options.file}${line === null ? '' : `, line ${line}`}: ${message}`, {
          where: { file: options.file },
          facts: line === null ? { size: source.size } : { line },
        }),
      );
    if (source.size > LARGEST_FILE) return failed({ line: null, message: `larger than ${LARGEST_FILE} bytes` });
    const read = readAccelerator(new TextDecoder().decode(source.read(0, source.size)));
    if (!read.ok) return failed(read.error);
    const drawn = drawAccelerator(read.value, options.document);
    if (!drawn.ok) return failed(drawn.error);
    return ok({ ...drawn.value, facts: null, source: { format: 'ZigZag accelerator', producer: '', opsets: {} } });
  },
};

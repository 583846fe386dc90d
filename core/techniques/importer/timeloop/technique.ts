/** Timeloop architectures as drawings: the array, its operand buffers, one scratchpad, off-chip memory. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { drawTimeloop } from '#core/interchange/timeloop/drawing.ts';
import type { Importer } from '#core/technique/importer.ts';

/** Architectures are short; a file with everything, tables included, is tens of KiB. */
const LARGEST_FILE = 2 ** 20;

/** What Timeloop's files begin their lines with: parts, parts of an architecture by itself, directives of a mapping. */
const TIMELOOP =
  /^(architecture|arch|problem|mapping|mapper|mapspace|variables|components|compound_components|globals|ERT|ERT_summary|ART|sparse_optimizations|subtree|nodes|architecture_constraints|arch_constraints|dumped_by_timeloop_front_end)\s*:|^\s*-\s*\{?\s*target\s*:|!(Component|Container)\b/m;

export const technique: Importer = {
  manifest: {
    id: 'importer/timeloop',
    kind: 'importer',
    version: '1.0.0',
    title: 'Timeloop architecture',
    summary: 'Opens Timeloop architectures (YAML): multipliers, memories, meshes and bandwidths become a drawing.',
    maturity: 'stable',
    citations: [
      {
        text: 'Parashar, Raina, Shao, Chen, Ying, Mukkara, Venkatesan, Khailany, Keckler, Emer, Timeloop: a systematic approach to DNN accelerator evaluation, ISPASS 2019',
        reference: '10.1109/ISPASS.2019.00042',
      },
      {
        text: 'Timeloop and Accelergy exercises',
        reference: 'github.com/Accelergy-Project/timeloop-accelergy-exercises',
      },
    ],
    parameters: [],
  },
  extensions: ['.yaml', '.yml'],
  match: (name, head) => /\.ya?ml$/i.test(name) && TIMELOOP.test(new TextDecoder().decode(head)),
  open(source, options) {
    const { file } = options;
    if (source.size > LARGEST_FILE)
      return err(
        problem('timeloop.too-large', `${file}: larger than ${LARGEST_FILE} bytes`, {
          where: { file },
          facts: { size: source.size },
        }),
      );
    const title = file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/i, '') || 'Timeloop';
    const text = new TextDecoder().decode(source.read(0, source.size));
    const drawn = drawTimeloop({ name: file, text }, title, options.document);
    if (!drawn.ok) return drawn;
    return ok({ ...drawn.value, facts: null, source: { format: 'Timeloop architecture', producer: '', opsets: {} } });
  },
};

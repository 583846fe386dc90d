/** What playing a run's program on numbers has shown, taken apart: errors by output, elements compared, bytes moved. */
import type { DocumentFile } from '#core/document/document.ts';
import type { PlayedCertificate } from '#core/run/result.ts';
import { amount, drawn, type ExplainedFigure, explained, explainedSum, largest, type Term } from './explained.ts';

type Output = PlayedCertificate['outputs'][number];
export type CertificateFigure = 'elements' | 'maximumError' | 'relativeError' | 'bytesMoved';

/**
 * Of an output, or of all where it is null. Null where the figure is no finite number.
 * @param model frozen, where outputs are drawn.
 */
export function explainCertificate(
  played: PlayedCertificate,
  output: Output | null,
  figure: CertificateFigure,
  model: DocumentFile | null,
): ExplainedFigure | null {
  if (figure === 'bytesMoved')
    return explained(
      { title: 'Bytes moved in each play', value: played.bytesMoved, unit: 'B', badge: 'counted' },
      { formula: 'Σ bytes loaded and stored', source: 'counted while the program was played', technique: null },
      [amount('commands', played.commands, '')],
    );
  if (figure === 'elements') return explainElements(played, output);
  const of = output ?? worst(played, figure);
  const value = (output ?? played)[figure];
  if (value === null) return null;
  const isRelative = figure === 'relativeError';
  const error = of?.maximumError ?? null;
  const relative = of?.relativeError ?? null;
  const title = `${isRelative ? 'Error of the range' : 'Maximum error'}${output ? ` of ${output.name}` : ''}`;
  const head = { title, value, unit: '', badge: 'counted' } as const;
  const source = `played in ${played.orders.join(' and in ')}, against the ${played.reference}`;
  const others = [amount('tolerance', played.tolerance, ''), ...(of ? outputTerm(of, model) : [])];
  if (!output && of)
    return explained(head, { formula: 'largest over outputs', source, technique: null }, [
      amount(of.name, value, head.unit, () => explainCertificate(played, of, figure, model)!),
      amount('tolerance', played.tolerance, ''),
    ]);
  if (!isRelative || error === null || relative === null)
    return explained(head, { formula: 'largest |number − the reference’s|', source, technique: null }, [
      amount('elements', of?.elements ?? played.elements, ''),
      ...others,
    ]);
  return explained(head, { formula: 'maximum error ÷ range', source, technique: null }, [
    amount('maximum error', error, '', () => explainCertificate(played, of, 'maximumError', model)!),
    ...(relative > 0 ? [amount('range', error / relative, '')] : []),
    ...others,
  ]);
}

function explainElements(played: PlayedCertificate, output: Output | null): ExplainedFigure {
  if (output)
    return explained(
      { title: `Numbers of ${output.name}`, value: output.elements, unit: '', badge: 'counted' },
      { formula: 'elements of the output', source: 'definition', technique: null },
      [],
    );
  return explainedSum(
    { title: 'Numbers compared', value: played.elements, unit: '', badge: 'counted' },
    { formula: 'Σ over outputs of elements', source: 'definition', technique: null },
    largest(played.outputs, '', {
      value: ({ elements }) => elements,
      name: ({ name }) => name,
      explain: (one) => explainElements(played, one),
    }),
  );
}

function worst({ outputs }: PlayedCertificate, figure: 'maximumError' | 'relativeError'): Output | null {
  return outputs.reduce<Output | null>(
    (most, each) => (most && (most[figure] ?? 0) >= (each[figure] ?? 0) ? most : each),
    null,
  );
}

function outputTerm({ name }: Output, model: DocumentFile | null): readonly Term[] {
  const node = model?.nodes.find((one) => one.name === name);
  return model && node ? [drawn('output', model.id, node)] : [];
}

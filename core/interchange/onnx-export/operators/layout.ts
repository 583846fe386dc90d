/** Resampling and lookups. */
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { axis, type Encoder, first, float, integer, node, p, text } from './site.ts';

export const COORDINATES: Readonly<Record<string, string>> = {
  'half-pixel': 'half_pixel',
  'half-pixel-symmetric': 'half_pixel_symmetric',
  'pytorch-half-pixel': 'pytorch_half_pixel',
  'align-corners': 'align_corners',
  asymmetric: 'asymmetric',
};

export const resize: Encoder = (site) => {
  const mode = textOf(p(site), 'mode', 'nearest');
  return [
    node(site, 'Resize', {
      inputs: [first(site), '', '', site.integers(site.outputs[0]!.type.shape)],
      attributes: [
        text('mode', mode),
        text(
          'coordinate_transformation_mode',
          COORDINATES[textOf(p(site), 'coordinates', 'half-pixel')] ?? 'half_pixel',
        ),
        ...(mode === 'nearest'
          ? [text('nearest_mode', textOf(p(site), 'rounding', 'round-prefer-floor').replaceAll('-', '_'))]
          : []),
        ...(mode === 'cubic' ? [float('cubic_coeff_a', integerOf(p(site), 'cubicCoefficient', -0.75))] : []),
      ],
    }),
  ];
};

export const gather: Encoder = (site) => {
  switch (textOf(p(site), 'mode', 'entries')) {
    case 'elements':
      return [node(site, 'GatherElements', { attributes: axis(0)(site) })];
    case 'tuples':
      return [node(site, 'GatherND', { attributes: [integer('batch_dims', integerOf(p(site), 'batchAxes'))] })];
    default:
      return [node(site, 'Gather', { attributes: axis(0)(site) })];
  }
};

export const scatter: Encoder = (site) => {
  const reduction = text('reduction', textOf(p(site), 'reduction', 'none'));
  return textOf(p(site), 'mode', 'elements') === 'tuples'
    ? [node(site, 'ScatterND', { attributes: [reduction] })]
    : [node(site, 'ScatterElements', { attributes: [...axis(0)(site), reduction] })];
};

/** What a rewrite is predicted to do, taken apart: a layer's figures before and after, and those of all layers. */
import type { Unit } from '#core/base/quantity.ts';
import { COMPILER } from '#core/compile/compile.ts';
import type { LayerFigures, Predicted, Proposal, ProposedLayer } from '#core/technique/rewrite.ts';
import { amount, drawn, type ExplainedFigure, explained, explainedSum, largest, type Term, word } from './explained.ts';

export interface RewriteSite {
  readonly proposal: Proposal;
  /** Document of the model, and of the architecture. */
  readonly model: string;
  readonly architecture: string;
  readonly unitName: (node: string) => string;
}
export type RewriteSide = 'before' | 'after';
export type LayerFigure = 'cycles' | 'macs' | 'utilisation';

const FIGURES: Readonly<Record<LayerFigure, { readonly title: string; readonly unit: Unit }>> = {
  cycles: { title: 'Cycles', unit: 'cycles' },
  macs: { title: 'MACs', unit: 'MAC' },
  utilisation: { title: 'Utilisation', unit: '1' },
};
const ROOFLINE = 'roofline, Williams, Waterman, Patterson, CACM 52(4), 2009';

/** A figure of a layer as it is drawn, or as it would be. */
export function explainLayer(
  site: RewriteSite,
  layer: ProposedLayer,
  side: RewriteSide,
  figure: LayerFigure,
): ExplainedFigure {
  const { title, unit } = FIGURES[figure];
  const of = layer[side];
  const head = {
    title: `${title} of ${layer.name}, ${side}`,
    value: of[figure],
    unit,
    badge: figure === 'macs' ? 'counted' : 'estimate',
  } as const;
  const places = placesOf(site, layer, of);
  const macs = amount('MACs', of.macs, 'MAC', () => explainLayer(site, layer, side, 'macs'));
  switch (figure) {
    case 'cycles':
      return explained(
        head,
        { formula: 'the longer of its unit and the off-chip channels', source: ROOFLINE, technique: COMPILER },
        [
          macs,
          amount('utilisation', of.utilisation, '1', () => explainLayer(site, layer, side, 'utilisation')),
          ...places,
        ],
      );
    case 'macs':
      return explained(head, { formula: 'counted from its shapes', source: 'definition', technique: COMPILER }, places);
    case 'utilisation':
      return explained(
        head,
        {
          formula: of.utilisation > 0 ? 'MACs ÷ cells × cycles they stream' : 'not on an array: 0',
          source: 'definition',
          technique: COMPILER,
        },
        of.utilisation > 0
          ? [macs, amount('cells × cycles they stream', of.macs / of.utilisation, ''), ...places]
          : [macs, ...places],
      );
  }
}

/** A figure of all layers, before or after. */
export function explainLayers(
  site: RewriteSite,
  side: RewriteSide,
  figure: Exclude<keyof Predicted, 'utilisation'>,
): ExplainedFigure {
  const { layers, [side]: of } = site.proposal;
  const value = of[figure];
  if (figure === 'meanUtilisation') {
    const sum = layers.reduce((all, layer) => all + layer[side].utilisation, 0);
    return explained(
      { title: `Mean utilisation, ${side}`, value, unit: '1', badge: 'estimate' },
      { formula: 'Σ utilisation ÷ layers with MACs', source: 'definition', technique: COMPILER },
      [
        amount('Σ utilisation', sum, '1', () =>
          explainedSum(
            { title: `Utilisation of all layers, ${side}`, value: sum, unit: '1', badge: 'estimate' },
            { formula: 'Σ over layers with MACs', source: 'definition', technique: COMPILER },
            largest(layers, '1', partsOf(site, side, 'utilisation')),
          ),
        ),
        amount('layers with MACs', layers.length, ''),
      ],
    );
  }
  const named = largest(layers, FIGURES[figure].unit, partsOf(site, side, figure));
  const rest = value - layers.reduce((all, layer) => all + layer[side][figure], 0);
  return explainedSum(
    {
      title: `${FIGURES[figure].title} of all layers, ${side}`,
      value,
      unit: FIGURES[figure].unit,
      badge: figure === 'macs' ? 'counted' : 'estimate',
    },
    { formula: 'Σ over layers, one after the other', source: ROOFLINE, technique: COMPILER },
    rest === 0 ? named : [...named, amount('layers without MACs', rest, FIGURES[figure].unit)],
  );
}

function partsOf(site: RewriteSite, side: RewriteSide, figure: LayerFigure) {
  return {
    value: (layer: ProposedLayer) => layer[side][figure],
    name: ({ name }: ProposedLayer) => name,
    explain: (layer: ProposedLayer) => explainLayer(site, layer, side, figure),
  };
}

function placesOf(site: RewriteSite, { node, name, change }: ProposedLayer, { unit }: LayerFigures): readonly Term[] {
  return [
    drawn('layer', site.model, { id: node, name }),
    ...(unit === null ? [] : [drawn('unit', site.architecture, { id: unit, name: site.unitName(unit) })]),
    ...(change === null ? [] : [word('change', change)]),
  ];
}

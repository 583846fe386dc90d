/** Points of a crossover map taken apart: cycles and off-chip bytes of a mode, how far it is ahead, what the fabric has there. */
import { byteSizeText } from '#core/base/byte-size.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import type { Document } from '#core/document/document.ts';
import { MODE_TITLES } from '#core/report/simulation/words.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import { SIMULATOR, TIME_MODEL } from '#core/run/fabric/totals.ts';
import type { CrossoverMode, CrossoverPoint } from '#core/stages/search/crossover.ts';
import { amount, drawn, type ExplainedFigure, explainDeviation, explained, type Term, word } from './explained.ts';

export interface CrossoverPlace {
  readonly study: CrossoverStudy;
  readonly memoryBytes: number;
  readonly efficiency: number;
  /** The drawing that is varied, as it is now; null where it is not open. */
  readonly fabric: Document | null;
}

const MODEL = 'InTAR, arXiv 2502.08807; rationale of the time model';
const VARIED = 'the drawn fabric, varied';

const placeText = ({ memoryBytes, efficiency }: Pick<CrossoverPlace, 'memoryBytes' | 'efficiency'>) =>
  `${byteSizeText(memoryBytes)}, ${formatQuantity(efficiency, '1')} of peak`;

/** What the varied fabric has: bytes a cycle of its channels, or bytes of its banks. */
export function explainVariedFabric(place: CrossoverPlace, figure: 'bandwidth' | 'memory'): ExplainedFigure {
  const { study, memoryBytes, efficiency } = place;
  if (figure === 'bandwidth')
    return explained(
      {
        title: `Bytes a cycle at ${placeText(place)}`,
        value: efficiency * study.drawn.bytesPerTick,
        unit: 'B/cycle',
        badge: 'counted',
      },
      { formula: 'efficiency × drawn bandwidth', source: VARIED, technique: null },
      [
        amount('efficiency', efficiency, '1'),
        amount('drawn bandwidth', study.drawn.bytesPerTick, 'B/cycle'),
        ...partsOf(place, 'off-chip-channel', 'channel'),
      ],
    );
  return explained(
    { title: `On-chip memory at ${placeText(place)}`, value: memoryBytes, unit: 'B', badge: 'counted' },
    { formula: 'share × drawn memory', source: `${VARIED}; banks keep their proportions`, technique: null },
    [
      amount('share', study.drawn.memoryBytes > 0 ? memoryBytes / study.drawn.memoryBytes : 0, '1'),
      amount('drawn memory', study.drawn.memoryBytes, 'B'),
      ...partsOf(place, 'memory-bank', 'bank'),
    ],
  );
}

/** Where a few are drawn; of many their number. */
const NAMED = 3;
function partsOf({ fabric }: CrossoverPlace, type: string, noun: string): readonly Term[] {
  const nodes = [...(fabric?.nodes.values() ?? [])].filter((node) => node.type === type);
  const [first] = nodes;
  if (!fabric || !first) return [];
  if (nodes.length <= NAMED) return nodes.map((node) => drawn(noun, fabric.id, node));
  const rest = `${first.name} and ${nodes.length - 1} more`;
  return [word(`${noun}s`, rest, { kind: 'node', document: fabric.id, node: first.id })];
}

function varied(place: CrossoverPlace): readonly Term[] {
  const { study, memoryBytes, efficiency } = place;
  return [
    amount('on-chip memory', memoryBytes, 'B', () => explainVariedFabric(place, 'memory')),
    amount('off-chip bandwidth', efficiency * study.drawn.bytesPerTick, 'B/cycle', () =>
      explainVariedFabric(place, 'bandwidth'),
    ),
  ];
}

/** Cycles a mode takes there: simulated where the point was, else predicted. */
export function explainCrossoverMode(
  place: CrossoverPlace,
  mode: CrossoverMode,
  figure: 'cycles' | 'predicted' | 'offChipBytes' | 'gap',
): ExplainedFigure {
  const where = `${MODE_TITLES[mode.mode]} at ${placeText(place)}`;
  const predicted = () => explainCrossoverMode(place, mode, 'predicted');
  const { simulated } = mode;
  if (figure === 'offChipBytes')
    return explained(
      { title: `Off-chip bytes: ${where}`, value: mode.offChipBytes, unit: 'B', badge: 'estimate' },
      { formula: 'Σ bytes of loads and stores of the design', source: 'definition', technique: TIME_MODEL },
      [word('design', mode.title), ...varied(place)],
    );
  if (figure === 'gap')
    return explainDeviation(
      `Model gap: ${where}`,
      { symbol: 'predicted', figure: predicted },
      { symbol: 'simulated', figure: () => explainCrossoverMode(place, mode, 'cycles') },
    );
  if (figure === 'cycles' && simulated !== null)
    return explained(
      { title: `Cycles: ${where}`, value: simulated, unit: 'cycles', badge: 'simulated' },
      {
        formula: 'last tick at which a task ends',
        source: 'simulated: the point lies at a border',
        technique: SIMULATOR,
      },
      [
        amount('predicted', mode.predicted, 'cycles', predicted),
        amount('off by', (mode.predicted - simulated) / simulated, '1', () => explainCrossoverMode(place, mode, 'gap')),
        word('design', mode.title),
        ...varied(place),
      ],
    );
  return explained(
    { title: `Predicted cycles: ${where}`, value: mode.predicted, unit: 'cycles', badge: 'estimate' },
    {
      formula: 'Σ over stages of max(slowest task, busiest channel) + fill + reconfiguration',
      source: MODEL,
      technique: TIME_MODEL,
    },
    [word('design', mode.title), ...varied(place)],
  );
}

/** How much longer the second best takes, of the best; null where there is but one. */
export function explainMargin(
  place: CrossoverPlace,
  { modes: [best, second], margin }: CrossoverPoint,
): ExplainedFigure | null {
  if (!best || !second || margin === null) return null;
  const cycles = (mode: CrossoverMode) => () => explainCrossoverMode(place, mode, 'cycles');
  return explainDeviation(
    `${MODE_TITLES[best.mode]} ahead of ${MODE_TITLES[second.mode].toLowerCase()}`,
    { symbol: 'second best', figure: cycles(second) },
    { symbol: 'best', figure: cycles(best) },
  );
}

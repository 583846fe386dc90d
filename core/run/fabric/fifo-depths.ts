/** The depths of a simulation's FIFOs: what each needs, and what all together give; by the streams of the drawing. */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { Command } from '#core/document/command.ts';
import { buildNetwork } from '#core/stages/build.ts';
import type { Design } from '#core/stages/design.ts';
import { type DepthPoint, depthsOf } from '#core/stalls/depths.ts';
import { designSizing, sizedFifos } from '#core/stalls/design.ts';
import { drawnInputs } from './pipeline.ts';
import type { SimulationInputs } from './result.ts';

export interface DepthsJob extends Pick<SimulationInputs, 'tasks' | 'fabric'> {
  readonly design: Design;
}

export interface FifoRow {
  /** Document node of the stream. */
  readonly node: string;
  readonly name: string;
  /** Bits of a token. */
  readonly bits: number;
  readonly drawn: number;
  /** With all others as deep as they like; null where no depth helps. */
  readonly withoutDeadlock: number | null;
  readonly fullSpeed: number | null;
}

export interface FrontPoint {
  /** By row. */
  readonly depths: readonly number[];
  readonly tokens: number;
  readonly bits: number;
  readonly cycles: number;
}

export const TOTALS = ['tokens', 'bits'] as const;
export type Total = (typeof TOTALS)[number];

export interface FoundDepths {
  readonly rows: readonly FifoRow[];
  /** Pareto fronts, least total first. */
  readonly fronts: Readonly<Record<Total, readonly FrontPoint[]>>;
  /** Cycles with unbounded FIFOs; null where even these deadlock. */
  readonly fullSpeed: number | null;
  readonly isExact: boolean;
  /** Why it is not, a sentence. */
  readonly caveat: string | null;
  readonly simulations: number;
}

export function findDepths(job: DepthsJob, control: Control): Result<FoundDepths, Problem> {
  const drawn = drawnInputs(job);
  if (!drawn.ok) return drawn;
  const { graph, fabric } = drawn.value;
  const built = buildNetwork(graph, fabric, job.design);
  if (!built.ok) return built;
  const { network, streamOf } = built.value;
  const streams = streamOf.map((stream) => graph.streams[stream]);
  const sized = sizedFifos(built.value);
  const found = depthsOf(
    network,
    {
      bits: streams.map((stream) => stream?.bits ?? 1),
      sized,
      sizing: designSizing({ graph, fabric, design: job.design }, built.value),
    },
    control,
  );
  const needs = new Map(found.needs.map((need) => [need.fifo, need]));
  const front = (points: readonly DepthPoint[]): readonly FrontPoint[] =>
    points.map(({ depths, tokens, bits, makespan }) => ({
      depths: sized.map((fifo) => depths[fifo]!),
      tokens,
      bits,
      cycles: makespan,
    }));
  return ok({
    rows: sized.map((fifo): FifoRow => {
      const { node, name, bits, depth } = streams[fifo]!;
      const { withoutDeadlock = null, fullSpeed = null } = needs.get(fifo) ?? {};
      return { node, name, bits, drawn: depth, withoutDeadlock, fullSpeed };
    }),
    fronts: { tokens: front(found.byTokens), bits: front(found.byBits) },
    fullSpeed: found.fullSpeed,
    isExact: found.isExact,
    caveat: found.caveat,
    simulations: found.simulations,
  });
}

/** All depths of a point as one step of history; null where the drawing has them. */
export function applyCommand(
  rows: readonly FifoRow[],
  point: FrontPoint,
  drawn: ReadonlyMap<string, number>,
): Command | null {
  const commands = rows.flatMap(({ node }, row): readonly Command[] => {
    const value = point.depths[row]!;
    const isDrawn = drawn.get(node) === value || !drawn.has(node);
    return isDrawn ? [] : [{ type: 'node.set-parameter', node, parameter: 'depth', value }];
  });
  if (commands.length === 0) return null;
  const what = commands.length === 1 ? '1 FIFO' : `${commands.length} FIFOs`;
  return { type: 'batch', label: `Set depths of ${what}: ${point.tokens.toLocaleString('en-GB')} tokens`, commands };
}

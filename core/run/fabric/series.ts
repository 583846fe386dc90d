/** Most tokens in streams and bytes on channels over the run, at a few hundred points. */
import { encodeColumn } from '#core/base/columns.ts';
import { TraceSeries } from '#core/simulate/network/series.ts';
import type { Simulated } from './accounts.ts';
import type { Series } from './result.ts';

/** Points of a series. */
const POINTS = 512;

export function simulatedSeries({ graph, fabric, run, built }: Simulated): {
  readonly occupancy: readonly Series[];
  readonly bandwidth: readonly Series[];
} {
  const { trace, makespan } = run;
  if (!trace || makespan === 0) return { occupancy: [], bandwidth: [] };
  const { fifos, channels } = built.network;
  const over = new TraceSeries(trace, makespan, fifos.length, channels.length);
  const points = Math.min(POINTS, makespan);
  const series = (node: string, values: Float64Array): Series => ({
    node,
    bucket: makespan / points,
    values: encodeColumn(values),
  });
  return {
    occupancy: graph.streams.flatMap(({ node }, stream) => {
      const fifo = built.fifoOf[stream]!;
      return fifo === -1 ? [] : [series(node, over.levels(fifo, points).maximum)];
    }),
    bandwidth: built.channelOf.flatMap((of, channel) => {
      const drawn = fabric.channels[of];
      return drawn ? [series(drawn.node, over.bytes(channel, points))] : [];
    }),
  };
}

/** Task graphs to start from. */
import type { Preset } from '#core/architecture/presets.ts';
import { drawTaskGraph } from './draw.ts';
import type { OffChipEnd, Task } from './task-graph.ts';

const layer = (node: string, name: string, firings: number, work: number): Task => ({
  node,
  name,
  operation: 'mac',
  format: 'int16',
  blocks: 1,
  firings,
  work,
  nest: { isFlattened: true, interval: 1, depth: 8, exit: 1, starts: 1, overhead: 0 },
  times: [],
  unroll: 0,
  cores: [],
  stage: 0,
});
const moved = (task: number, direction: OffChipEnd['direction']): OffChipEnd => ({
  task,
  direction,
  passes: 1,
  per: 'firing',
  access: 'async',
  beatBytes: 64,
  channel: '',
});

export const TASK_PRESETS: readonly Preset[] = [
  {
    id: 'tasks-two-layers',
    title: 'Two layers, streamed',
    summary:
      'A perceptron of two layers (256 → 256 → 64 neurons, 16 bits): the first streams its neurons into the second, weights come from off chip.',
    source: 'chosen as the smallest graph in which modes differ',
    build: (id) =>
      drawTaskGraph(
        {
          title: 'Two layers, streamed',
          // A firing of the first makes a neuron; a firing of the second takes one and adds it to all of its own.
          tasks: [layer('layer1', 'Layer 1', 256, 256), layer('layer2', 'Layer 2', 256, 64)],
          streams: [
            {
              node: 'neurons',
              name: 'Neurons',
              from: { task: 0, per: 'firing', rates: [1] },
              to: { task: 1, per: 'firing', rates: [1] },
              depth: 2,
              bits: 16,
              initial: 0,
            },
          ],
          tensors: [
            { node: 'input', name: 'Input', bytes: 512, ends: [{ ...moved(0, 'load'), per: 'task', access: 'burst' }] },
            { node: 'weights1', name: 'Weights 1', bytes: 131_072, ends: [moved(0, 'load')] },
            { node: 'weights2', name: 'Weights 2', bytes: 32_768, ends: [moved(1, 'load')] },
            {
              node: 'result',
              name: 'Result',
              bytes: 128,
              ends: [{ ...moved(1, 'store'), per: 'task', access: 'burst' }],
            },
          ],
          note: null,
        },
        id,
      ),
  },
];

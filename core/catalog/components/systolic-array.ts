import type { ComponentType } from '../component-type.ts';
import { integerOf, textOf } from '../parameter.ts';
import { bufferParameter, clockParameter, integerParameter, technologyParameter } from './common.ts';

const DATAFLOW_TITLES: Readonly<Record<string, string>> = {
  auto: 'best dataflow',
  os: 'output-stationary',
  ws: 'weight-stationary',
  is: 'input-stationary',
};

export const systolicArray: ComponentType = {
  id: 'systolic-array',
  title: 'Systolic array',
  category: 'compute',
  summary:
    'A grid of multiply-accumulate cells with its own operand buffers; runs convolutions and matrix products as tiles of GEMM.',
  source: 'Kung, Why systolic architectures?, Computer 15(1), 1982; cycle formulas of SCALE-Sim v3',
  keywords: ['pe', 'mac', 'gemm', 'tpu', 'gemmini', 'matrix', 'tensor core'],
  ports: [{ id: 'operands', title: 'operands', kind: 'operand', side: 'input' }],
  parameters: [
    integerParameter('rows', 'Rows', '', [1, 4096], 32, 'Cells along the side operands enter from the left.'),
    integerParameter('columns', 'Columns', '', [1, 4096], 32, 'Cells along the side operands enter from the top.'),
    {
      id: 'dataflow',
      title: 'Dataflow',
      kind: 'choice',
      default: 'auto',
      choices: [
        { value: 'auto', title: 'Best for each operator' },
        { value: 'os', title: 'Output-stationary' },
        { value: 'ws', title: 'Weight-stationary' },
        { value: 'is', title: 'Input-stationary' },
      ],
      help: 'Which operand stays in the cells while the others pass through.',
      source: 'SCALE-Sim v3; Chen et al., Eyeriss, ISCA 2016 for the taxonomy',
    },
    clockParameter,
    bufferParameter(
      'inputBufferBytes',
      'Input buffer',
      65_536,
      'Activations of the tiles in flight. Half of it holds the tile at work, half the next one.',
    ),
    bufferParameter(
      'weightBufferBytes',
      'Weight buffer',
      65_536,
      'Weights of the tiles in flight; double-buffered like the input buffer.',
    ),
    bufferParameter(
      'outputBufferBytes',
      'Output buffer',
      65_536,
      'Accumulators (32 bits each) of the tiles in flight; double-buffered.',
    ),
    technologyParameter,
    {
      id: 'cells',
      title: 'Cells',
      kind: 'choice',
      default: 'pipeline',
      choices: [
        { value: 'pipeline', title: 'Pipeline registers' },
        { value: 'register-file', title: 'Register file and network' },
      ],
      help: 'What holds and passes on operands in the array; sets their energy, not the cycles.',
      source: 'Aladdin, ISCA 2014 (a register); Eyeriss, ISCA 2016 (a register file and hops, relative to a MAC)',
      advanced: true,
    },
  ],
  badge: (p) =>
    `${integerOf(p, 'rows', 32)} × ${integerOf(p, 'columns', 32)} · ${DATAFLOW_TITLES[textOf(p, 'dataflow', 'auto')] ?? ''}`,
};

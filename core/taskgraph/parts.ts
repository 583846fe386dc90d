/** Nodes of a drawn task graph as parts of a TaskGraph; parameters left out read as their defaults. */
import type { ParameterValues } from '#core/base/value.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import { TASK_FORMATS } from '#core/catalog/tasks/common.ts';
import { parametersOf } from '#core/document/components.ts';
import type { DocumentNode } from '#core/document/document.ts';
import type { Access, DesignNote, Granularity, OffChipEnd, Stream, StreamEnd, Task } from './task-graph.ts';
import type { DrawnEnd } from './wiring.ts';

export function taskOf(node: DocumentNode): Task {
  const p = parametersOf('tasks', node);
  const bankAccesses = integerOf(p, 'bankAccesses');
  return {
    node: node.id,
    name: node.name,
    operation: textOf(p, 'operation') === 'special' ? 'special' : 'mac',
    format: TASK_FORMATS.find((format) => format === p.format) ?? 'int16',
    blocks: integerOf(p, 'blocks', 1),
    firings: integerOf(p, 'firings', 1),
    work: integerOf(p, 'work'),
    nest: {
      isFlattened: booleanOf(p, 'flattened', true),
      interval: integerOf(p, 'interval', 1),
      depth: integerOf(p, 'depth'),
      exit: integerOf(p, 'exit'),
      starts: integerOf(p, 'starts', 1),
      overhead: integerOf(p, 'overhead'),
    },
    times: integersOf(p, 'times'),
    unroll: integerOf(p, 'unroll'),
    ...(bankAccesses > 0 && { bankAccesses }),
    cores: listOf(textOf(p, 'cores')),
    stage: integerOf(p, 'stage'),
  };
}

/** Names separated by commas. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

export function streamEnd(p: ParameterValues, side: 'write' | 'read', task: number): StreamEnd {
  return { task, per: granularityOf(p, `${side}Per`), rates: integersOf(p, `${side}Rates`) };
}

/** `task` of each end is the index of its task. */
export function streamOf(node: DocumentNode, writer: number, reader: number): Stream {
  const p = parametersOf('tasks', node);
  return {
    node: node.id,
    name: node.name,
    from: streamEnd(p, 'write', writer),
    to: streamEnd(p, 'read', reader),
    depth: integerOf(p, 'depth'),
    bits: integerOf(p, 'bits', 1),
    initial: integerOf(p, 'initial'),
  };
}

export function offChipEnd(tensor: DocumentNode, { by, direction }: DrawnEnd, task: number): OffChipEnd {
  const p = parametersOf('tasks', by);
  return {
    ...(by === tensor ? {} : { by: by.id }),
    task,
    direction,
    passes: integerOf(p, 'passes', 1),
    per: granularityOf(p, 'per'),
    access: accessOf(p),
    beatBytes: integerOf(p, 'beatBytes', 1),
    channel: textOf(p, 'channel').trim(),
  };
}

export function noteOf(node: DocumentNode): DesignNote {
  const p = parametersOf('tasks', node);
  const mode = textOf(p, 'mode');
  const calibration = textOf(p, 'calibration');
  return {
    node: node.id,
    mode: mode === 'sequential' || mode === 'dataflow' || mode === 'reconfigurable' ? mode : 'any',
    fabric: textOf(p, 'fabric'),
    measuredCycles: integerOf(p, 'measuredCycles'),
    measuredSource: textOf(p, 'measuredSource'),
    claim: textOf(p, 'claim'),
    calibration: calibration === 'fitted' || calibration === 'held-aside' ? calibration : 'none',
  };
}

function granularityOf(p: ParameterValues, id: string): Granularity {
  const value = textOf(p, id);
  return value === 'block' || value === 'task' ? value : 'firing';
}

function accessOf(p: ParameterValues): Access {
  const value = textOf(p, 'access');
  return value === 'blocking' || value === 'async' ? value : 'burst';
}

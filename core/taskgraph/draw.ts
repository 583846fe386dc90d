/**
 * TaskGraph → drawing, the inverse of reading: `readTaskGraph(drawTaskGraph(graph, id)).graph` equals `graph`, given ids
 * that are there once. An end that differs from the first of its tensor is drawn as an access between. Laid out in layers.
 */
import type { ParameterValues } from '#core/base/value.ts';
import type { Document } from '#core/document/document.ts';
import { DocumentSketch } from '#core/document/sketch.ts';
import { arranged } from '#core/model/layout.ts';
import type { OffChipEnd, OffChipTensor, Stream, Task, TaskGraph } from './task-graph.ts';

/** @param id of the document made. */
export function drawTaskGraph(graph: TaskGraph, id: string): Document {
  const given = new Set([...graph.tasks, ...graph.streams, ...graph.tensors].map(({ node }) => node));
  if (graph.note) given.add(graph.note.node);
  const sketch = new DocumentSketch('tasks', given);

  const tasks = graph.tasks.map((task) => sketch.add(task.node, 'task', 'task', task.name, taskParameters(task)));
  for (const stream of graph.streams) {
    const node = sketch.add(stream.node, 'stream', 'stream', stream.name, streamParameters(stream));
    sketch.join(tasks[stream.from.task]!, 'writes', node, 'writer');
    sketch.join(node, 'reader', tasks[stream.to.task]!, 'reads');
  }
  for (const tensor of graph.tensors) {
    const node = sketch.add(tensor.node, 'tensor', 'off-chip-tensor', tensor.name, tensorParameters(tensor));
    const direct = new Set<string>();
    for (const end of tensor.ends) {
      const task = tasks[end.task]!;
      const isLoad = end.direction === 'load';
      const key = `${end.direction} ${end.task}`;
      if (isSameAccess(end, tensor.ends[0]!) && !direct.has(key)) {
        direct.add(key);
        if (isLoad) sketch.join(node, 'loaded', task, 'loads');
        else sketch.join(task, 'stores', node, 'stored');
        continue;
      }
      const name = isLoad ? `Load ${tensor.name}` : `Store ${tensor.name}`;
      const access = sketch.add('', 'access', 'off-chip-access', name, accessParameters(end));
      sketch.join(isLoad ? node : task, isLoad ? 'loaded' : 'stores', access, 'from');
      sketch.join(access, 'to', isLoad ? task : node, isLoad ? 'loads' : 'stored');
    }
  }
  if (graph.note) {
    const { node, ...parameters } = graph.note;
    sketch.add(node, 'note', 'design-note', 'Design note', parameters);
  }
  return arranged(sketch.document(id, graph.title));
}

function taskParameters(task: Task): ParameterValues {
  const { isFlattened, ...nest } = task.nest;
  return {
    operation: task.operation,
    format: task.format,
    blocks: task.blocks,
    firings: task.firings,
    work: task.work,
    flattened: isFlattened,
    ...nest,
    unroll: task.unroll,
    bankAccesses: task.bankAccesses ?? 0,
    cores: task.cores.join(', '),
    stage: task.stage,
    times: task.times,
  };
}

function streamParameters({ from, to, depth, bits, initial }: Stream): ParameterValues {
  return { depth, bits, writePer: from.per, writeRates: from.rates, readPer: to.per, readRates: to.rates, initial };
}

function tensorParameters({ bytes, ends: [first] }: OffChipTensor): ParameterValues {
  return { bytes, ...(first ? accessParameters(first) : {}) };
}

function accessParameters({ access, per, passes, beatBytes, channel }: OffChipEnd): ParameterValues {
  return { access, per, passes, beatBytes, channel };
}

function isSameAccess(a: OffChipEnd, b: OffChipEnd): boolean {
  return (
    a.access === b.access &&
    a.per === b.per &&
    a.passes === b.passes &&
    a.beatBytes === b.beatBytes &&
    a.channel === b.channel
  );
}

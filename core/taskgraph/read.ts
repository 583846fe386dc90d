/** Drawn task graph → TaskGraph. Tasks, streams, tensors and their ends come in the order of the document. */
import type { Problem } from '#core/base/problem.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { parametersOf } from '#core/document/components.ts';
import type { Document } from '#core/document/document.ts';
import { noteOf, offChipEnd, streamOf, taskOf } from './parts.ts';
import type { TaskGraph } from './task-graph.ts';
import { taskProblems } from './validate.ts';
import { wiringOf } from './wiring.ts';

export interface ReadTaskGraph {
  /** Null where nothing is drawn, or a problem of severity error stands in the way. */
  readonly graph: TaskGraph | null;
  readonly problems: readonly Problem[];
}

/** @param document of kind `tasks`. */
export function readTaskGraph(document: Document): ReadTaskGraph {
  const wiring = wiringOf(document);
  const problems = taskProblems(document, wiring);
  if (wiring.tasks.length === 0 || problems.some(({ severity }) => severity === 'error'))
    return { graph: null, problems };
  const indexOf = new Map(wiring.tasks.map((node, index) => [node.id, index]));
  const index = (id: string | null) => indexOf.get(id ?? '') ?? -1;
  const [note] = wiring.notes;
  return {
    problems,
    graph: {
      title: document.title,
      tasks: wiring.tasks.map(taskOf),
      streams: wiring.streams.map(({ node, writer, reader }) => streamOf(node, index(writer), index(reader))),
      tensors: wiring.tensors.map(({ node, ends }) => ({
        node: node.id,
        name: node.name,
        bytes: integerOf(parametersOf('tasks', node), 'bytes'),
        ends: ends.map((end) => offChipEnd(node, end, index(end.task))),
      })),
      note: note ? noteOf(note) : null,
    },
  };
}

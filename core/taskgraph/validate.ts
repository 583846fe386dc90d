/**
 * Live validation of a drawn task graph: types, parameters, ports; streams between tasks, tensors at tasks; tokens that
 * do not balance, tasks that wait for each other for ever, stages out of order. What would only deadlock is a warning:
 * it can be simulated, and is then explained. One pass, O(nodes + links).
 */
import { type Fix, type Problem, problem } from '#core/base/problem.ts';
import { componentProblems } from '#core/document/components.ts';
import { type Document, type DocumentNode, isPart } from '#core/document/document.ts';
import { streamOf, taskOf } from './parts.ts';
import type { Stream, Task } from './task-graph.ts';
import { tokensOf } from './tokens.ts';
import { waitingCycles } from './waiting.ts';
import type { Wiring } from './wiring.ts';

export function taskProblems(document: Document, wiring: Wiring): readonly Problem[] {
  const nodes = [...document.nodes.values()].filter(isPart);
  if (nodes.length === 0) {
    return [
      problem(
        'tasks.empty',
        'The task graph is empty: press Space and type ‘task’, or drop an SDF graph (.json) on it',
        {
          severity: 'info',
          where: { document: document.id },
        },
      ),
    ];
  }
  const structural = [...componentProblems(document), ...wiringProblems(document, wiring)];
  // Figures mean nothing while a node or a link is wrong: one mistake gives one problem.
  if (structural.some(({ severity }) => severity === 'error')) return structural;
  const tasks = new Map(wiring.tasks.map((node, index) => [node.id, { index, task: taskOf(node) }]));
  const streams = wiring.streams.map(({ node, writer, reader }) =>
    streamOf(node, tasks.get(writer ?? '')!.index, tasks.get(reader ?? '')!.index),
  );
  const inOrder = [...tasks.values()].map(({ task }) => task);
  return [
    ...structural,
    ...inOrder.flatMap((task) => taskFaults(document, task)),
    ...streams.flatMap((stream) => streamFaults(document, stream, inOrder)),
    ...cycleFaults(document, streams, inOrder),
  ];
}

const setTo = (title: string, node: string, parameter: string, value: number | string | readonly number[]): Fix => ({
  title,
  edits: [{ type: 'set-parameter', node, parameter, value }],
});
/** Also makes room for them. */
function beginWith(title: string, { node, depth }: Stream, tokens: number): Fix {
  const set = (parameter: string, value: number) => ({ type: 'set-parameter', node, parameter, value }) as const;
  return {
    title,
    edits: [set('initial', tokens), ...(depth > 0 && depth < tokens ? [set('depth', tokens)] : [])],
  };
}
const remove = (node: DocumentNode): Fix => ({
  title: `Delete ${node.name}`,
  edits: [{ type: 'remove-node', node: node.id }],
});

function wiringProblems(document: Document, wiring: Wiring): readonly Problem[] {
  const found: Problem[] = [];
  const at = (
    node: DocumentNode,
    code: string,
    message: string,
    severity: Problem['severity'],
    fixes: readonly Fix[],
  ) =>
    found.push(problem(`tasks.${code}`, message, { severity, where: { document: document.id, node: node.id }, fixes }));
  if (wiring.tasks.length === 0) {
    found.push(problem('tasks.no-task', 'Nothing here computes: add a task', { where: { document: document.id } }));
  }
  for (const { node, writer, reader } of wiring.streams) {
    const missing = [...(writer === null ? ['no writer'] : []), ...(reader === null ? ['no reader'] : [])];
    if (missing.length > 0)
      at(node, 'unconnected', `${node.name} has ${missing.join(' and ')}: a stream joins two tasks`, 'error', [
        remove(node),
      ]);
  }
  for (const { node, from, to } of wiring.accesses) {
    const types = [from?.type, to?.type];
    if (!types.includes('task') || !types.includes('off-chip-tensor'))
      at(node, 'unconnected', `${node.name} must stand between an off-chip tensor and a task`, 'error', [remove(node)]);
  }
  for (const { node, ends } of wiring.tensors) {
    if (ends.length === 0) at(node, 'unused-tensor', `No task loads or stores ${node.name}`, 'warning', [remove(node)]);
  }
  for (const extra of wiring.notes.slice(1))
    at(extra, 'several-notes', `${extra.name} is a second design note; the first one counts`, 'warning', [
      remove(extra),
    ]);
  return found;
}

function taskFaults(document: Document, task: Task): readonly Problem[] {
  const runs = task.blocks * task.firings;
  if (Number.isSafeInteger(runs) && Number.isSafeInteger(runs * Math.max(task.work, ...task.times, 1))) return [];
  return [
    problem('tasks.too-large', `${task.name}: its firings and their work are too many to count exactly`, {
      where: { document: document.id, node: task.node, parameter: 'firings' },
      facts: { firings: runs, work: task.work, bound: Number.MAX_SAFE_INTEGER },
      fixes: [setTo('Set Firings to 1', task.node, 'firings', 1)],
    }),
  ];
}

function streamFaults(document: Document, stream: Stream, tasks: readonly Task[]): readonly Problem[] {
  const found: Problem[] = [];
  const where = { document: document.id, node: stream.node };
  for (const [side, end] of [
    ['write', stream.from],
    ['read', stream.to],
  ] as const) {
    const { rates, per } = end;
    const parameter = `${side}Rates`;
    const word = side === 'write' ? 'written' : 'read';
    if (rates.length === 0 || rates.every((rate) => rate === 0)) {
      found.push(
        problem('tasks.rates', `${stream.name}: no tokens are ${word}; give at least one rate above 0`, {
          where: { ...where, parameter },
          fixes: [setTo(`Set tokens ${word} to 1`, stream.node, parameter, [1])],
        }),
      );
    } else if (per === 'task' && rates.length > 1) {
      const total = rates.reduce((sum, rate) => sum + rate, 0);
      found.push(
        problem('tasks.rates', `${stream.name}: tokens ${word} once a run are one figure, not ${rates.length}`, {
          where: { ...where, parameter },
          fixes: [setTo(`Set tokens ${word} to ${total}`, stream.node, parameter, [total])],
        }),
      );
    } else if (!Number.isSafeInteger(tokensOf(end, tasks[end.task]!))) {
      found.push(
        problem('tasks.too-large', `${stream.name}: the tokens ${word} in a run are too many to count exactly`, {
          where: { ...where, parameter },
        }),
      );
    }
  }
  if (stream.depth > 0 && stream.initial > stream.depth) {
    found.push(
      problem('tasks.depth', `${stream.name} begins with ${stream.initial} tokens and holds ${stream.depth}`, {
        where: { ...where, parameter: 'depth' },
        facts: { demand: stream.initial, bound: stream.depth },
        fixes: [setTo(`Set Depth to ${stream.initial}`, stream.node, 'depth', stream.initial)],
      }),
    );
  }
  return found.length > 0
    ? found
    : [...balanceFaults(document, stream, tasks), ...stageFaults(document, stream, tasks)];
}

/** Tokens written, and there from the beginning, against tokens read. */
function balanceFaults(document: Document, stream: Stream, tasks: readonly Task[]): readonly Problem[] {
  const writer = tasks[stream.from.task]!;
  const reader = tasks[stream.to.task]!;
  const written = tokensOf(stream.from, writer);
  const read = tokensOf(stream.to, reader);
  const lack = read - written - stream.initial;
  if (written === read || (lack <= 0 && written < read)) return [];
  const fixes = [
    ...firingsFix(writer, stream.from, read, `${writer.name} writes ${read} tokens`),
    ...firingsFix(reader, stream.to, written, `${reader.name} reads ${written} tokens`),
    ...(lack > 0 ? [beginWith(`Begin with ${stream.initial + lack} tokens`, stream, stream.initial + lack)] : []),
  ];
  const message =
    lack > 0
      ? `${reader.name} reads ${read} tokens of ${stream.name} in a run, ${writer.name} writes ${written}${stream.initial > 0 ? ` and ${stream.initial} are there` : ''}: it waits for ever`
      : `${writer.name} writes ${written} tokens of ${stream.name} in a run, ${reader.name} reads ${read}: ${written - read} stay`;
  return [
    problem(lack > 0 ? 'tasks.starves' : 'tasks.left-over', message, {
      severity: 'warning',
      where: { document: document.id, node: stream.node },
      facts: { written, initial: stream.initial, read },
      fixes,
    }),
  ];
}

/** Firings of a block with which an end of one rate a firing moves `tokens`. */
function firingsFix(task: Task, { per, rates }: Stream['from'], tokens: number, title: string): readonly Fix[] {
  const firings = tokens / (task.blocks * (rates[0] ?? 0));
  if (per !== 'firing' || rates.length !== 1 || !Number.isSafeInteger(firings) || firings < 1) return [];
  return [setTo(`Set Firings of ${task.name} to ${firings}: ${title}`, task.node, 'firings', firings)];
}

/** A stage set by hand cannot read what a later one writes, beyond what is there from the beginning. */
function stageFaults(document: Document, stream: Stream, tasks: readonly Task[]): readonly Problem[] {
  const writer = tasks[stream.from.task]!;
  const reader = tasks[stream.to.task]!;
  if (writer.stage === 0 || reader.stage === 0 || writer.stage <= reader.stage) return [];
  if (stream.initial >= tokensOf(stream.to, reader)) return [];
  return [
    problem(
      'tasks.stage-order',
      `${reader.name} is put in stage ${reader.stage} and reads ${stream.name}, which ${writer.name} writes in stage ${writer.stage}`,
      {
        where: { document: document.id, node: reader.node, parameter: 'stage' },
        facts: { writer: writer.stage, reader: reader.stage },
        fixes: [
          setTo(`Put ${reader.name} in stage ${writer.stage}`, reader.node, 'stage', writer.stage),
          setTo(`Put ${writer.name} in stage ${reader.stage}`, writer.node, 'stage', reader.stage),
        ],
      },
    ),
  ];
}

function cycleFaults(document: Document, streams: readonly Stream[], tasks: readonly Task[]): readonly Problem[] {
  return waitingCycles(streams, tasks.length).map((cycle) => {
    const [first] = cycle;
    const names = cycle.map((stream) => tasks[stream.from.task]!.name);
    const around =
      names.length === 1 ? `${names[0]} waits for itself` : `${[...names, names[0]].join(' → ')} wait for each other`;
    const needed = first!.to.rates[0] ?? 1;
    return problem(
      'tasks.waiting',
      `${around}: none of ${cycle.length === 1 ? 'its' : 'their'} streams begins with the tokens a first firing takes`,
      {
        severity: 'warning',
        where: { document: document.id, node: first!.node, parameter: 'initial' },
        facts: { demand: needed, bound: first!.initial, streams: cycle.length },
        fixes: cycle.slice(0, 3).map((stream) => {
          const tokens = stream.to.rates[0] ?? 1;
          return beginWith(`Begin ${stream.name} with ${tokens} tokens`, stream, tokens);
        }),
      },
    );
  });
}

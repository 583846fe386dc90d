import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { apply } from '#core/document/apply.ts';
import { withDefaults } from '#core/document/components.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import { emptyDocument } from '#core/document/document.ts';
import { withoutAccessNodes } from '../../tests/support/random-task-graph.ts';
import { canConnectTasks } from './connection.ts';
import { drawTaskGraph } from './draw.ts';
import { readTaskGraph } from './read.ts';
import type { Granularity, OffChipEnd, StreamEnd, TaskGraph } from './task-graph.ts';

type Row = readonly [id: string, type: string, parameters?: ParameterValues];

/** `wires`: 'a.writes s.writer'. */
function drawing(rows: readonly Row[], wires: readonly string[]): Document {
  const nodes = rows.map(([id, type, parameters = {}]): [string, DocumentNode] => [
    id,
    { id, type, name: id.toUpperCase(), x: 0, y: 0, parent: null, parameters: withDefaults('tasks', type, parameters) },
  ]);
  const links = wires.map((wire, index): [string, DocumentLink] => {
    const [from, to] = wire.split(' ').map((end) => {
      const [node = '', port = ''] = end.split('.');
      return { node, port };
    });
    return [`l${index}`, { id: `l${index}`, from: from!, to: to! }];
  });
  return { ...emptyDocument('d', 'tasks', 'D'), nodes: new Map(nodes), links: new Map(links) };
}

const PAIR: readonly string[] = ['a.writes s.writer', 's.reader b.reads'];
const pair = (a: ParameterValues = {}, s: ParameterValues = {}, b: ParameterValues = {}) =>
  drawing(
    [
      ['a', 'task', a],
      ['s', 'stream', s],
      ['b', 'task', b],
    ],
    PAIR,
  );
const codes = (problems: readonly Problem[]) => problems.map(({ code }) => code);

function applied(document: Document, problem: Problem, fix: number): Document {
  let current = document;
  for (const edit of problem.fixes[fix]!.edits) {
    const made = apply(
      current,
      edit.type === 'set-parameter'
        ? { type: 'node.set-parameter', node: edit.node, parameter: edit.parameter, value: edit.value }
        : edit.type === 'remove-node'
          ? { type: 'nodes.remove', nodes: [edit.node] }
          : { type: 'links.remove', links: [edit.link] },
    );
    if (!made.ok) throw new Error(made.error.message);
    current = made.value.document;
  }
  return current;
}

describe('reading a task graph', () => {
  it('takes accesses of banks where there are some; drawings without them are as before', () => {
    const first = (a: ParameterValues) => readTaskGraph(pair(a)).graph?.tasks[0];
    expect(first({ bankAccesses: 9 })).toEqual({ ...first({}), bankAccesses: 9 });
    expect(first({})).not.toHaveProperty('bankAccesses');
    const document = pair();
    const old = [...document.nodes].map(([id, { parameters, ...node }]): [string, DocumentNode] => {
      const { bankAccesses: _newer, ...rest } = parameters;
      return [id, { ...node, parameters: rest }];
    });
    expect(readTaskGraph({ ...document, nodes: new Map(old) })).toEqual(readTaskGraph(document));
  });

  it('takes a freshly drawn task, stream and task as they are', () => {
    const { graph, problems } = readTaskGraph(pair());
    expect(problems).toEqual([]);
    expect(graph?.tasks.map(({ node, name, firings, work }) => ({ node, name, firings, work }))).toEqual([
      { node: 'a', name: 'A', firings: 64, work: 64 },
      { node: 'b', name: 'B', firings: 64, work: 64 },
    ]);
    expect(graph?.streams).toEqual([
      {
        node: 's',
        name: 'S',
        from: { task: 0, per: 'firing', rates: [1] },
        to: { task: 1, per: 'firing', rates: [1] },
        depth: 2,
        bits: 16,
        initial: 0,
      },
    ]);
  });

  it('an empty document has no graph and says how to begin', () => {
    const { graph, problems } = readTaskGraph(emptyDocument('d', 'tasks', 'D'));
    expect(graph).toBeNull();
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['tasks.empty', 'info']]);
  });

  it('ends of an off-chip tensor: one by its own access, one by an access between', () => {
    const document = drawing(
      [
        ['a', 'task'],
        ['b', 'task'],
        ['w', 'off-chip-tensor', { bytes: 100, access: 'async' }],
        ['x', 'off-chip-access', { passes: 3, access: 'blocking', per: 'block', beatBytes: 2, channel: ' HBM 1 ' }],
      ],
      ['w.loaded a.loads', 'b.stores x.from', 'x.to w.stored'],
    );
    expect(readTaskGraph(document).graph?.tensors).toEqual([
      {
        node: 'w',
        name: 'W',
        bytes: 100,
        ends: [
          { task: 0, direction: 'load', passes: 1, per: 'firing', access: 'async', beatBytes: 64, channel: '' },
          {
            by: 'x',
            task: 1,
            direction: 'store',
            passes: 3,
            per: 'block',
            access: 'blocking',
            beatBytes: 2,
            channel: 'HBM 1',
          },
        ],
      },
    ]);
  });
});

describe('problems of a task graph', () => {
  it('a stream without an end, an access between nothing, a tensor nobody moves', () => {
    const document = drawing(
      [
        ['a', 'task'],
        ['s', 'stream'],
        ['x', 'off-chip-access'],
        ['w', 'off-chip-tensor'],
      ],
      ['a.writes s.writer'],
    );
    const { graph, problems } = readTaskGraph(document);
    expect(graph).toBeNull();
    expect(problems.map(({ message }) => message)).toEqual([
      'S has no reader: a stream joins two tasks',
      'X must stand between an off-chip tensor and a task',
      'No task loads or stores W',
    ]);
    const without = problems.reduce((current, problem) => applied(current, problem, 0), document);
    expect(readTaskGraph(without).problems).toEqual([]);
  });

  it('tokens that do not balance, with firings that do', () => {
    const document = pair({ firings: 10 }, { writeRates: [2, 1] }, { firings: 20 });
    const [problem] = readTaskGraph(document).problems;
    expect(problem).toMatchObject({ code: 'tasks.starves', severity: 'warning', facts: { written: 15, read: 20 } });
    expect(problem?.fixes.map(({ title }) => title)).toEqual([
      'Set Firings of B to 15: B reads 15 tokens',
      'Begin with 5 tokens',
    ]);
    for (const fix of [0, 1]) expect(readTaskGraph(applied(document, problem!, fix)).problems).toEqual([]);
    expect(codes(readTaskGraph(pair({ firings: 65 })).problems)).toEqual(['tasks.left-over']);
  });

  it('tokens moved by block and by run', () => {
    const balanced = pair(
      { blocks: 3, firings: 4 },
      { writePer: 'block', writeRates: [5, 1, 3], readPer: 'task', readRates: [9] },
    );
    expect(readTaskGraph(balanced).problems).toEqual([]);
    expect(codes(readTaskGraph(pair({}, { readPer: 'task', readRates: [1, 63] })).problems)).toEqual(['tasks.rates']);
  });

  it('tasks that wait for each other, until a stream begins with enough', () => {
    const document = drawing(
      [
        ['a', 'task'],
        ['b', 'task'],
        ['s', 'stream', { readRates: [3], writeRates: [3] }],
        ['t', 'stream', { readRates: [2], writeRates: [2], initial: 1 }],
      ],
      ['a.writes s.writer', 's.reader b.reads', 'b.writes t.writer', 't.reader a.reads'],
    );
    const [problem, ...rest] = readTaskGraph(document).problems;
    expect(rest).toEqual([]);
    expect(problem?.message).toBe(
      'A → B → A wait for each other: none of their streams begins with the tokens a first firing takes',
    );
    for (const fix of [0, 1]) expect(readTaskGraph(applied(document, problem!, fix)).problems).toEqual([]);
  });

  it('stages set by hand against the streams', () => {
    const [problem] = readTaskGraph(pair({ stage: 2 }, {}, { stage: 1 })).problems;
    expect(problem?.code).toBe('tasks.stage-order');
    expect(readTaskGraph(applied(pair({ stage: 2 }, {}, { stage: 1 }), problem!, 1)).problems).toEqual([]);
  });

  it('a type of another kind of document is unknown here', () => {
    expect(
      codes(
        readTaskGraph(
          drawing(
            [
              ['a', 'task'],
              ['x', 'scratchpad'],
            ],
            [],
          ),
        ).problems,
      ),
    ).toEqual(['tasks.unknown-type']);
  });
});

describe('connections of a task graph', () => {
  const document = drawing(
    [
      ['a', 'task'],
      ['b', 'task'],
      ['s', 'stream'],
      ['t', 'stream'],
      ['w', 'off-chip-tensor'],
      ['v', 'off-chip-tensor'],
      ['x', 'off-chip-access'],
    ],
    ['a.writes s.writer', 'w.loaded x.from'],
  );
  const asked = (wire: string) => {
    const [from, to] = wire.split(' ').map((end) => ({ node: end.split('.')[0]!, port: end.split('.')[1]! }));
    const made = canConnectTasks(document, from!, to!);
    return made.ok ? 'yes' : made.error;
  };

  it.each([
    ['s.reader b.reads', 'yes'],
    ['s.reader a.reads', 'yes'],
    ['x.to b.loads', 'yes'],
    ['b.stores w.stored', 'yes'],
    ['a.writes b.reads', 'Put a stream between the two tasks: one writes it, the other reads it'],
    ['a.stores b.loads', 'Put an off-chip tensor between the two tasks: one stores it, the other loads it'],
    ['s.reader t.writer', 'Streams join tasks; put a task between the two'],
    ['w.loaded v.stored', 'Off-chip tensors are moved by tasks; put a task between the two'],
    ['x.to v.stored', 'An access stands between a tensor and a task; this one has its tensor'],
    ['b.writes s.writer', "The port 'writer' takes one link, and has it"],
    ['a.writes s.writer', 'These two are joined already'],
  ])('%s: %s', (wire, answer) => {
    expect(asked(wire)).toBe(answer);
  });

  it('a stream does not load', () => {
    expect(asked('w.loaded t.writer')).toMatch(
      /^A transfer port joins off-chip tensors and tasks; this one is a write port/,
    );
  });
});

const granularity = fc.constantFrom<Granularity>('firing', 'block', 'task');
const name = fc.string({ maxLength: 12 });
const partName = fc.stringMatching(/^[A-Za-z][\w -]{0,8}\w$/);
const count = fc.integer({ min: 1, max: 200 });

const graphs: fc.Arbitrary<TaskGraph> = fc.integer({ min: 1, max: 6 }).chain((size) => {
  const task = fc.integer({ min: 0, max: size - 1 });
  const end: fc.Arbitrary<StreamEnd> = fc.record({ task, per: granularity }).chain(({ task, per }) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: per === 'task' ? 1 : 4 })
      .filter((rates) => rates.some((rate) => rate > 0))
      .map((rates) => ({ task, per, rates })),
  );
  const access: fc.Arbitrary<OffChipEnd> = fc.record({
    task,
    direction: fc.constantFrom('load', 'store'),
    passes: count,
    per: granularity,
    access: fc.constantFrom('blocking', 'burst', 'async'),
    beatBytes: count,
    channel: fc.oneof(fc.constant(''), partName),
  });
  return fc.record({
    title: name,
    tasks: fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          node: fc.constant(`t${index}`),
          name,
          operation: fc.constantFrom('mac', 'special'),
          format: fc.constantFrom('int4', 'int8', 'int16', 'int32', 'fp16', 'fp32'),
          blocks: count,
          firings: count,
          work: fc.nat(1e6),
          nest: fc.record({
            isFlattened: fc.boolean(),
            interval: count,
            depth: fc.nat(99),
            exit: fc.nat(99),
            starts: count,
            overhead: fc.nat(99),
          }),
          times: fc.array(fc.nat(1e6), { maxLength: 3 }),
          unroll: fc.nat(64),
          bankAccesses: count,
          cores: fc.array(partName, { maxLength: 3 }),
          stage: fc.constant(0),
        }),
      ),
    ),
    streams: fc
      .array(fc.record({ name, from: end, to: end, bits: count, initial: fc.nat(50), slack: fc.nat(9) }), {
        maxLength: 6,
      })
      .map((list) =>
        list.map(({ slack, ...stream }, index) => ({
          node: `s${index}`,
          ...stream,
          depth: slack === 0 ? 0 : stream.initial + slack,
        })),
      ),
    tensors: fc
      .array(fc.record({ name, bytes: fc.nat(1e9), ends: fc.array(access, { maxLength: 5 }) }), { maxLength: 4 })
      .map((list) => list.map((tensor, index) => ({ node: `access${index + 7}`, ...tensor }))),
    note: fc.option(
      fc.record({
        node: fc.constant('n'),
        mode: fc.constantFrom('any', 'sequential', 'dataflow', 'reconfigurable'),
        measuredCycles: fc.nat(),
        fabric: name,
        measuredSource: name,
        claim: name,
        calibration: fc.constantFrom('none', 'fitted', 'held-aside'),
      }),
    ),
  });
});

describe('drawing a task graph', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const document = drawTaskGraph(graph, 'd');
        const { graph: read, problems } = readTaskGraph(document);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(read && withoutAccessNodes(read)).toEqual(graph);
        // No two nodes lie on each other.
        const places = [...document.nodes.values()].map(({ x, y }) => `${x} ${y}`);
        expect(new Set(places).size).toBe(places.length);
      }),
      { numRuns: 300 },
    );
  });
});

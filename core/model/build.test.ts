import { describe, expect, it } from 'vitest';
import type { ParameterValues } from '#core/base/value.ts';
import { apply } from '#core/document/apply.ts';
import { type Document, type DocumentLink, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { buildModel } from './build.ts';
import { canConnect } from './connection.ts';
import { modelFacts } from './facts.ts';
import { ModelMemo } from './memo.ts';
import { portKey } from './ports.ts';
import { attentionBlock } from './templates.ts';

type Line = readonly [id: string, type: string, parameters?: ParameterValues];

/** `wires`: `a>b` from a's first result to b's first operand, `a.x>b.y` between named ports. */
function draw(lines: readonly Line[], wires: readonly string[] = []): Document {
  const nodes = lines.map(
    ([id, type, parameters = {}]): DocumentNode => ({ id, type, name: id, x: 0, y: 0, parent: null, parameters }),
  );
  const links = wires.map((wire, i): DocumentLink => {
    const [from = '', to = ''] = wire.split('>');
    const [a = '', out = 'out'] = from.split('.');
    const [b = '', port = 'in'] = to.split('.');
    return { id: `l${i}`, from: { node: a, port: out }, to: { node: b, port } };
  });
  return {
    ...emptyDocument('d', 'model', 'test'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(links.map((link) => [link.id, link])),
  };
}

const told = (document: Document) =>
  buildModel(document)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`);

const small: readonly Line[] = [
  ['x', 'input', { shape: [1, 8] }],
  ['fc', 'dense', { units: 4 }],
  ['relu', 'activation'],
  ['y', 'output'],
];
const chain = ['x>fc', 'fc>relu', 'relu>y'];

describe('buildModel', () => {
  it('builds a typed graph with kinds, producers and consumers', () => {
    const { graph, problems } = buildModel(draw(small, chain));
    expect(problems).toEqual([]);
    expect(graph?.operators.map(({ name, inputs, outputs, macs }) => [name, inputs, outputs, macs])).toEqual([
      ['fc', [0], [1], 32],
      ['relu', [1], [2], 0],
    ]);
    expect(graph?.tensors.map(({ name, kind, producer, consumers }) => [name, kind, producer, consumers])).toEqual([
      ['x', 'input', null, [0]],
      ['fc', 'activation', 0, [1]],
      ['relu', 'output', 1, []],
    ]);
    expect(modelFacts(graph!)).toMatchObject({ operators: 2, tensors: 3, parameters: 36, macs: 32 });
  });

  it('orders by data flow, then by document order', () => {
    const document = draw(
      [
        ['late', 'elementwise'],
        ['b', 'activation'],
        ['a', 'activation'],
        ['x', 'input', { shape: [4] }],
      ],
      ['x>a', 'x>b', 'a>late.in0', 'b>late.in1'],
    );
    expect(buildModel(document).graph?.operators.map(({ name }) => name)).toEqual(['b', 'a', 'late']);
  });

  it('takes a result nobody reads as an output, and leaves out unread secondary results', () => {
    const { graph, problems } = buildModel(
      draw(
        [
          ['x', 'input', { shape: [1, 3, 8, 8] }],
          ['p', 'pool'],
        ],
        ['x>p'],
      ),
    );
    expect(graph?.tensors.map(({ kind }) => kind)).toEqual(['input', 'output']);
    expect(problems).toMatchObject([{ code: 'model.unread-result', severity: 'warning', where: { node: 'p' } }]);
  });

  it('counts constants as parameters when they are trained', () => {
    const document = draw(
      [
        ['x', 'input', { shape: [2, 4] }],
        ['bias', 'constant', { shape: [4] }],
        ['half', 'constant', { shape: [], trained: false }],
        ['add', 'elementwise'],
        ['scale', 'elementwise', { operation: 'mul' }],
      ],
      ['x>add.in0', 'bias>add.in1', 'add>scale.in0', 'half>scale.in1'],
    );
    expect(modelFacts(buildModel(document).graph!).parameters).toBe(4);
  });

  it('names both shapes of a mismatch, on the node, once', () => {
    const document = draw(
      [
        ['x', 'input', { shape: [2, 3] }],
        ['z', 'input', { shape: [4] }],
        ['add', 'elementwise'],
        ['relu', 'activation'],
      ],
      ['x>add.in0', 'z>add.in1', 'add>relu'],
    );
    const { problems, graph, types } = buildModel(document);
    expect(told(document)).toEqual(['model.shape: add: Shapes 2×3 and 4 do not broadcast']);
    expect(problems[0]?.where).toEqual({ document: 'd', node: 'add' });
    expect(graph).toBeNull();
    expect(types.get(portKey('x', 'out'))?.shape).toEqual([2, 3]);
    expect(types.has(portKey('relu', 'out'))).toBe(false);
  });

  it('names a cycle and offers to open it', () => {
    const document = draw(
      [
        ['x', 'input', { shape: [4] }],
        ['a', 'elementwise'],
        ['b', 'activation'],
        ['c', 'activation'],
      ],
      ['x>a.in0', 'a>b', 'b>c', 'c>a.in1'],
    );
    const [cycle] = buildModel(document).problems;
    expect(cycle?.message).toMatch(/in a circle: (a → b → c → a|b → c → a → b|c → a → b → c)\./);
    const [edit] = cycle?.fixes[0]?.edits ?? [];
    if (edit?.type !== 'remove-link') throw new Error('no fix');
    const opened = apply(document, { type: 'links.remove', links: [edit.link] });
    expect(opened.ok && told(opened.value.document)).toSatisfy(
      (left: unknown) => Array.isArray(left) && !left.some((line) => String(line).startsWith('model.cycle')),
    );
  });

  it('tells missing operands, unknown types, wrong parameters and wrong ports', () => {
    expect(told(draw([['fc', 'dense']]))).toEqual(["model.missing-input: fc has nothing on its input 'input'"]);
    expect(told(draw([['add', 'elementwise']]))).toEqual([
      'model.missing-input: add has no operand: link at least one',
    ]);
    expect(told(draw([['q', 'quantum']]))).toEqual([
      "model.unknown-type: q is of the type 'quantum', which this version does not know",
    ]);
    expect(told(draw([small[0]!, ['fc', 'dense', { units: 0 }]], ['x>fc']))).toEqual([
      'model.parameter: fc: Units must be at least 1 element, not 0',
    ]);
    expect(told(draw(small, ['x>fc.side', 'x>fc', 'fc>relu', 'relu>y']))).toEqual([
      "link.no-such-port: fc has no input 'side'",
    ]);
    expect(told(draw(small, [...chain, 'x>relu']))).toEqual([
      "link.port-taken: Two links enter the port 'in' of relu; it takes one",
    ]);
  });

  it('offers the nearest value inside the range', () => {
    const [fault] = buildModel(draw([small[0]!, ['fc', 'dense', { units: -3 }]], ['x>fc'])).problems;
    expect(fault?.where.parameter).toBe('units');
    expect(fault?.fixes[0]?.edits).toEqual([{ type: 'set-parameter', node: 'fc', parameter: 'units', value: 1 }]);
  });

  it('an empty model is no error', () => {
    expect(buildModel(draw([])).problems).toMatchObject([{ code: 'model.empty', severity: 'info' }]);
    expect(buildModel(draw([])).graph).toEqual({ operators: [], tensors: [] });
  });

  it('is not fooled by variadic ports that were skipped', () => {
    const document = draw(
      [
        ['x', 'input', { shape: [1, 2] }],
        ['cat', 'concat'],
      ],
      ['x>cat.in0', 'x>cat.in2'],
    );
    const { graph } = buildModel(document);
    expect(graph?.operators[0]?.inputs).toEqual([0, null, 0, null]);
    expect(graph?.tensors[1]?.type.shape).toEqual([1, 4]);
  });
});

describe('canConnect', () => {
  const document = draw(small, ['x>fc', 'fc>relu']);
  const end = (node: string, port: string) => ({ node, port });

  it('takes what fits', () => {
    expect(canConnect(document, end('relu', 'out'), end('y', 'in'))).toEqual({ ok: true, value: true });
  });

  it.each([
    [end('x', 'out'), end('relu', 'in'), 'This input has a link already; an input takes one'],
    [end('fc', 'out'), end('relu', 'in'), 'These two are joined already'],
    [end('relu', 'out'), end('relu', 'in'), 'An operator cannot read its own result'],
    [end('relu', 'in'), end('y', 'in'), 'Draw from a result (right) to an operand (left)'],
    [end('ghost', 'out'), end('y', 'in'), 'There is no such operator'],
  ])('refuses %j to %j', (from, to, why) => {
    expect(canConnect(document, from, to)).toEqual({ ok: false, error: why });
  });

  it('refuses circles and shapes that do not fit', () => {
    const wide = draw(
      [
        ['x', 'input', { shape: [2, 3] }],
        ['z', 'input', { shape: [4] }],
        ['add', 'elementwise'],
        ['relu', 'activation'],
      ],
      ['x>add.in0', 'add>relu'],
    );
    expect(canConnect(wide, end('relu', 'out'), end('add', 'in1'))).toEqual({
      ok: false,
      error: 'That would make the model go in a circle',
    });
    expect(canConnect(wide, end('z', 'out'), end('add', 'in1'))).toEqual({
      ok: false,
      error: 'Shapes 2×3 and 4 do not broadcast',
    });
  });
});

describe('attention template', () => {
  it('is multi-head self-attention: 4·d² + 4·d parameters, 4·s·d² + 2·s²·d MACs', () => {
    const [sequence, model] = [16, 64];
    const { nodes, links, entry, exit } = attentionBlock({ x: 0, y: 0, idPrefix: 'a', model, heads: 4 });
    const document = draw([
      ['x', 'input', { shape: [1, sequence, model] }],
      ['y', 'output'],
    ]);
    const drawn = apply(document, {
      type: 'nodes.insert',
      nodes,
      links: [
        ...links,
        { id: 'i', from: { node: 'x', port: 'out' }, to: entry },
        { id: 'o', from: exit, to: { node: 'y', port: 'in' } },
      ],
    });
    if (!drawn.ok) throw new Error(drawn.error.message);
    const { graph, problems } = buildModel(drawn.value.document);
    expect(problems).toEqual([]);
    expect(modelFacts(graph!)).toMatchObject({
      parameters: 4 * model * model + 4 * model,
      macs: 4 * sequence * model * model + 2 * sequence * sequence * model,
      outputs: [{ shape: [1, sequence, model] }],
    });
  });
});

describe('a memo of earlier revisions', () => {
  const chain: readonly Line[] = [
    ['x', 'input', { shape: [1, 8] }],
    ['fc1', 'dense', { units: 4 }],
    ['relu1', 'activation'],
    ['fc2', 'dense', { units: 4 }],
    ['relu2', 'activation'],
    ['y', 'output'],
  ];
  const wires = ['x>fc1', 'fc1>relu1', 'relu1>fc2', 'fc2>relu2', 'relu2>y'];
  const edited = (document: Document, node: string, parameter: string, value: number | string): Document => {
    const made = apply(document, { type: 'node.set-parameter', node, parameter, value });
    if (!made.ok) throw new Error(made.error.message);
    return made.value.document;
  };

  it('infers nothing again where nothing changed, and only what an edit reaches', () => {
    const memo = new ModelMemo();
    const document = draw(chain, wires);
    const inferences = (of: Document): number => {
      const before = memo.inferences;
      // With a memo or without, the same is found.
      expect(buildModel(of, memo)).toEqual(buildModel(of));
      return memo.inferences - before;
    };
    expect(inferences(document)).toBe(6);
    expect(inferences(document)).toBe(0);
    // fc1 and what follows it until the types are the old ones again: relu1, fc2 (4 units whatever it reads).
    const wider = edited(document, 'fc1', 'units', 5);
    expect(inferences(wider)).toBe(3);
    // A type that comes out as before stops the change at its node.
    expect(inferences(edited(wider, 'relu1', 'function', 'sigmoid'))).toBe(1);
    expect(inferences(wider)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { type Document, GROUP_TYPE } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import { modelAdapter } from './adapter-model.ts';
import { connectable } from './connectable.ts';

const withoutLinks = (document: Document, gone: (at: number) => boolean): Document => ({
  ...document,
  links: new Map([...document.links].filter((_, at) => !gone(at))),
});

describe('what a node may be joined to', () => {
  it('is what asking for every pair of ports gives, both ways', () => {
    const block = attentionBlock({ x: 0, y: 0, idPrefix: 'a', model: 64, heads: 4 });
    const document = withoutLinks(
      {
        id: 'd',
        kind: 'model',
        title: 'D',
        nodes: new Map(block.nodes.map((node) => [node.id, node])),
        links: new Map(block.links.map((link) => [link.id, link])),
      },
      (at) => at % 3 === 1,
    );
    const operators = [...document.nodes.values()].filter(({ type }) => type !== GROUP_TYPE);
    const portsOf = (id: string) => {
      const linked = [...document.links.values()];
      return modelAdapter.ports(document.nodes.get(id)!, {
        inputs: linked.flatMap(({ to }) => (to.node === id ? [to.port] : [])),
        outputs: linked.flatMap(({ from }) => (from.node === id ? [from.port] : [])),
      });
    };
    for (const node of operators.slice(0, 4)) {
      const expected = new Set<string>();
      for (const other of operators)
        for (const [source, target] of [[node, other] as const, [other, node] as const])
          for (const output of portsOf(source.id).outputs)
            for (const input of portsOf(target.id).inputs) {
              const [from, to] = [
                { node: source.id, port: output.id },
                { node: target.id, port: input.id },
              ];
              if (modelAdapter.canConnect(document, from, to).ok)
                expected.add(`${from.node}/${from.port}>${to.node}/${to.port}`);
            }
      const found = connectable(document, modelAdapter, node).map(
        ({ from, to }) => `${from.node}/${from.port}>${to.node}/${to.port}`,
      );
      expect(new Set(found)).toEqual(expected);
      expect(found).toHaveLength(expected.size);
    }
  });

  it('of 10,000 operators: rules are asked for free ports only, types are not inferred again', () => {
    const document = withoutLinks(largeModel(10_000), (at) => at === 7000);
    const { types } = buildModel(document);
    let asked = 0;
    let untyped = 0;
    const counted: typeof modelAdapter = {
      ...modelAdapter,
      canConnect: (...given) => {
        asked++;
        if (given[3] !== types) untyped++;
        return modelAdapter.canConnect(...given);
      },
    };
    const read = new Set([...document.links.values()].map(({ to }) => to.node));
    const loose = [...document.nodes.values()].find(({ id, type }) => type !== 'input' && !read.has(id))!;
    const found = connectable(document, counted, loose, types);
    expect(found.some(({ way }) => way === 'from')).toBe(true);
    expect(untyped).toBe(0);
    // Its one input with each result, its result with each free input: not pair by pair.
    const variadic = [...document.nodes.values()].filter(({ type }) => type === 'elementwise').length;
    expect(asked).toBeLessThanOrEqual(document.nodes.size + variadic + 10);
  });
});

/**
 * Ready-made groups for the palette. Multi-head self-attention after Vaswani et al., arXiv 1706.03762,
 * section 3.2.2: softmax(Q·Kᵀ ÷ √d)·V in `heads` heads, between four dense projections.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';

export interface Template {
  /** The group first. */
  readonly nodes: readonly DocumentNode[];
  readonly links: readonly DocumentLink[];
  /** Where the sequence [batch, sequence, model] goes in and comes out. */
  readonly entry: { readonly node: string; readonly port: string };
  readonly exit: { readonly node: string; readonly port: string };
}

export interface AttentionOptions {
  /** Top-left corner of the group, px. */
  readonly x: number;
  readonly y: number;
  /** Ids are `<idPrefix>-<role>`. */
  readonly idPrefix: string;
  /** Features of a token; a multiple of `heads`. */
  readonly model: number;
  readonly heads: number;
  /** Tokens; given, the shapes are fixed instead of taken from what comes in. */
  readonly sequence?: number;
}

const STEP = { x: 252, y: 104 } as const;
const INSET = { x: 24, y: 48 } as const;

export function attentionBlock(options: AttentionOptions): Template {
  const { x, y, idPrefix, model, heads, sequence = 0 } = options;
  const group = `${idPrefix}-group`;
  const nodes: DocumentNode[] = [
    { id: group, type: GROUP_TYPE, name: 'Attention', x, y, parent: null, parameters: { collapsed: true, block: '' } },
  ];
  const links: DocumentLink[] = [];
  const add = (role: string, type: string, name: string, column: number, row: number, parameters: ParameterValues) => {
    const id = `${idPrefix}-${role}`;
    nodes.push({
      id,
      type,
      name,
      x: x + INSET.x + column * STEP.x,
      y: y + INSET.y + row * STEP.y,
      parent: group,
      parameters,
    });
    return id;
  };
  const join = (from: string, to: string, port = 'in') =>
    links.push({ id: `${from}.${to}.${port}`, from: { node: from, port: 'out' }, to: { node: to, port } });

  const depth = Math.max(1, Math.floor(model / heads));
  const entry = add('in', 'identity', 'Tokens', 0, 1, {});
  const head = (role: string, name: string, row: number, permutation: readonly number[]) => {
    const projected = add(role, 'dense', name, 1, row, { units: model, bias: true });
    const split = add(`${role}-heads`, 'reshape', `${name} heads`, 2, row, { shape: [0, sequence, heads, depth] });
    const turned = add(`${role}-turn`, 'transpose', `${name} by head`, 3, row, { permutation });
    join(entry, projected);
    join(projected, split);
    join(split, turned);
    return turned;
  };
  const query = head('query', 'Query', 0, [0, 2, 1, 3]);
  const key = head('key', 'Key', 1, [0, 2, 3, 1]);
  const value = head('value', 'Value', 2, [0, 2, 1, 3]);
  const scores = add('scores', 'batched-matmul', 'Scores', 4, 0, {});
  join(query, scores, 'a');
  join(key, scores, 'b');
  const root = add('root', 'constant', `1 ÷ √${depth}`, 4, 1, { shape: [], elementType: 'fp32', trained: false });
  const scaled = add('scale', 'elementwise', 'Scale', 5, 0, { operation: 'mul' });
  join(scores, scaled, 'in0');
  join(root, scaled, 'in1');
  const weights = add('softmax', 'softmax', 'Weights', 6, 0, { axis: -1 });
  join(scaled, weights);
  const mixed = add('context', 'batched-matmul', 'Context', 7, 1, {});
  join(weights, mixed, 'a');
  join(value, mixed, 'b');
  const turned = add('context-turn', 'transpose', 'Context by token', 8, 1, { permutation: [0, 2, 1, 3] });
  const merged = add('context-merge', 'reshape', 'Heads joined', 9, 1, { shape: [0, sequence, heads * depth] });
  const exit = add('out', 'dense', 'Projection', 10, 1, { units: model, bias: true });
  join(mixed, turned);
  join(turned, merged);
  join(merged, exit);
  return { nodes, links, entry: { node: entry, port: 'in' }, exit: { node: exit, port: 'out' } };
}

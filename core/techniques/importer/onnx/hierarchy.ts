/**
 * Groups for an imported graph: the name scopes exporters write (`/layer1/layer1.0/conv1/Conv`) where most
 * nodes have them, else the repeated blocks found in the structure. Groups are collapsed; identical ones carry
 * the same `block`. Ids are g1, g2 … in order of first member.
 */

import type { TensorType } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { DocumentLink } from '#core/document/document.ts';
import { type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import { type Block, type BlockNode, blockHash, findBlocks } from '#core/model/blocks.ts';
import { portKey } from '#core/model/ports.ts';
import type { Sketch } from './sketch.ts';

const SMALLEST = 3;

/** All nodes with their parents set, each group just before the first node inside it. `types`: of every result, by `portKey`. */
export function grouped(sketch: Sketch, types: ReadonlyMap<string, TensorType>): ReadonlyMap<string, DocumentNode> {
  const links = [...sketch.links.values()];
  const compute = [...sketch.nodes.values()].filter((node) => operatorType(node.type)?.category !== 'interface');
  const records = blockNodes(compute, links, types);
  const scoped = compute.filter(({ id }) => (sketch.scopes.get(id)?.length ?? 0) > 0);
  const groups =
    scoped.length * 2 >= compute.length && compute.length > 0
      ? fromScopes(compute, sketch.scopes, records)
      : fromBlocks(findBlocks(records));
  return attach(sketch, groups, links);
}

interface Group {
  readonly name: string;
  /** Index of the group around it, or −1. */
  readonly parent: number;
  readonly members: readonly string[];
  readonly hash: string;
}

function blockNodes(
  compute: readonly DocumentNode[],
  links: readonly DocumentLink[],
  types: ReadonlyMap<string, TensorType>,
): readonly BlockNode[] {
  const sources = new Map<string, string[]>(compute.map(({ id }) => [id, []]));
  const shapes = new Map<string, string>();
  for (const { from, to } of links) {
    sources.get(to.node)?.push(from.node);
    const type = types.get(portKey(from.node, from.port));
    if (type && from.port.startsWith('out')) shapes.set(from.node, `${type.shape.join('x')}:${type.elementType}`);
  }
  return compute.map(({ id, type, parameters }) => ({
    id,
    type,
    category: operatorType(type)?.category ?? '',
    parameters,
    sources: sources.get(id) ?? [],
    shapes: shapes.get(id) ?? '',
  }));
}

function fromBlocks(blocks: readonly Block[]): readonly Group[] {
  return blocks.map(({ members, hash }, i) => ({ name: `Block ${i + 1}`, parent: -1, members, hash }));
}

function fromScopes(
  compute: readonly DocumentNode[],
  scopes: ReadonlyMap<string, readonly string[]>,
  records: readonly BlockNode[],
): readonly Group[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const members = new Map<string, string[]>();
  for (const { id } of compute) {
    let path = '';
    for (const part of scopes.get(id) ?? []) {
      path += `/${part}`;
      const list = members.get(path);
      if (list) list.push(id);
      else members.set(path, [id]);
    }
  }
  const groups: Group[] = [];
  const indexOf = new Map<string, number>();
  const enclosing = (path: string) => path.slice(0, path.lastIndexOf('/'));
  for (const [path, list] of [...members].sort(([a], [b]) => a.length - b.length)) {
    if (list.length < SMALLEST || list.length === compute.length) continue;
    let above = enclosing(path);
    while (above !== '' && !indexOf.has(above)) above = enclosing(above);
    const parent = above === '' ? -1 : indexOf.get(above)!;
    // A scope that only wraps another says nothing more.
    if (parent !== -1 && groups[parent]!.members.length === list.length) {
      indexOf.set(path, parent);
      continue;
    }
    const hash = blockHash(list.flatMap((id) => byId.get(id) ?? []));
    indexOf.set(path, groups.push({ name: path.slice(path.lastIndexOf('/') + 1), parent, members: list, hash }) - 1);
  }
  return groups;
}

function attach(
  sketch: Sketch,
  groups: readonly Group[],
  links: readonly DocumentLink[],
): ReadonlyMap<string, DocumentNode> {
  const repeated = new Map<string, number>();
  for (const { hash } of groups) repeated.set(hash, (repeated.get(hash) ?? 0) + 1);
  // Outer groups come before inner ones, so that the innermost is set last.
  const innermost = new Map<string, number>();
  for (const [index, { members }] of groups.entries()) for (const id of members) innermost.set(id, index);
  const parents = new Map<string, string>();
  for (const [id, index] of innermost) parents.set(id, `g${index + 1}`);

  const readers = new Map<string, Set<string | null>>();
  for (const { from, to } of links) {
    if (sketch.nodes.get(from.node)?.type !== 'constant') continue;
    const around = readers.get(from.node) ?? new Set();
    around.add(parents.get(to.node) ?? null);
    readers.set(from.node, around);
  }
  const nodes = new Map<string, DocumentNode>();
  const putGroup = (index: number): void => {
    const id = `g${index + 1}`;
    const group = groups[index];
    if (!group || nodes.has(id)) return;
    if (group.parent !== -1) putGroup(group.parent);
    nodes.set(id, {
      id,
      type: GROUP_TYPE,
      name: group.name,
      x: 0,
      y: 0,
      parent: group.parent === -1 ? null : `g${group.parent + 1}`,
      parameters: { collapsed: true, block: (repeated.get(group.hash) ?? 0) > 1 ? group.hash : '' },
    });
  };
  for (const [id, node] of sketch.nodes) {
    const around = readers.get(id);
    const [only = null] = around?.size === 1 ? around : [];
    const parent = parents.get(id) ?? only;
    if (parent !== null) putGroup(Number(parent.slice(1)) - 1);
    nodes.set(id, { ...node, parent });
  }
  return nodes;
}

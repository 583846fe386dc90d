/**
 * The one reducer: apply(document, command) → document, patch, label. Pure; runs in the renderer and again
 * in the host. It keeps structure whole (ids unique, ends of links exist, one link into a port unless the
 * port says otherwise); whether types, shapes and values make sense is validation's business.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result, unreachable } from '#core/base/result.ts';
import { withOtherUses } from './block-sync.ts';
import { groupsAround } from './block-uses.ts';
import type { Command } from './command.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE } from './document.ts';
import { withOwn } from './own-values.ts';
import { applyPatch, type Change, Draft, type Patch, Squashed } from './patch.ts';
import { restoration } from './restore.ts';

export interface Applied {
  readonly document: Document;
  readonly patch: Patch;
  /** What the history shows, e.g. 'Move 3 nodes'. */
  readonly label: string;
}

export function apply(document: Document, command: Command): Result<Applied, Problem> {
  const applied = applyAlone(document, command);
  // Another state of the document is taken as it is.
  if (!applied.ok || command.type === 'document.restore') return applied;
  const { document: after, patch, label } = applied.value;
  const whole = withOtherUses(document, after, patch);
  if (!whole.ok) return whole;
  return whole.value === patch
    ? applied
    : ok({ document: applyPatch(document, whole.value), patch: whole.value, label });
}

/** Without what it means for other uses of a block. */
function applyAlone(document: Document, command: Command): Result<Applied, Problem> {
  const draft = new Draft(document);
  const patch = command.type === 'batch' ? perform(draft, command) : changesBy(draft, command);
  if (!patch.ok) return patch;
  const label = command.type === 'batch' ? command.label : labelOf(document, command);
  return ok({ document: draft.document, patch: patch.value, label });
}

/** One after the other, each on what those before it made. */
function perform(draft: Draft, { commands }: Extract<Command, { type: 'batch' }>): Result<Patch, Problem> {
  const squashed = new Squashed();
  for (const command of commands) {
    const patch = command.type === 'batch' ? perform(draft, command) : changesBy(draft, command);
    if (!patch.ok) return patch;
    squashed.add(patch.value);
  }
  return ok(squashed.patch());
}

function changesBy(draft: Draft, command: Exclude<Command, { type: 'batch' }>): Result<Patch, Problem> {
  const made = changes(draft.document, command);
  if (!made.ok) return made;
  const patch = made.value.filter((change) => change.before !== change.after);
  draft.apply(patch);
  return ok(patch);
}

const fault = (code: string, message: string, where: Problem['where'] = {}) =>
  err(problem(`command.${code}`, message, { where }));
const count = (n: number, noun: string) => (n === 1 ? noun : `${n} ${noun}s`);

function changes(document: Document, command: Exclude<Command, { type: 'batch' }>): Result<Patch, Problem> {
  switch (command.type) {
    case 'nodes.insert':
      return insertion(document, command.nodes, command.links);
    case 'links.insert':
      return insertion(document, [], command.links);
    case 'nodes.remove':
      return removal(document, command.nodes);
    case 'nodes.move': {
      const patch: Change[] = [];
      for (const { node: id, x, y } of command.positions) {
        const node = document.nodes.get(id);
        if (!node) return fault('no-such-node', `There is no node ${id}`, { node: id });
        if (node.x !== x || node.y !== y) patch.push(nodeChange(node, { ...node, x, y }));
      }
      return ok(patch);
    }
    case 'node.rename':
      return edit(document, command.node, (node) =>
        node.name === command.name ? node : { ...node, name: command.name },
      );
    case 'node.set-parameter':
      return edit(document, command.node, (node) =>
        node.parameters[command.parameter] === command.value
          ? node
          : { ...node, parameters: { ...node.parameters, [command.parameter]: command.value } },
      );
    case 'node.set-own':
      return edit(document, command.node, (node) => withOwn(node, command.parameter, command.own));
    case 'nodes.group':
      return grouping(document, command.group, command.members);
    case 'nodes.ungroup': {
      const group = document.nodes.get(command.group);
      if (!group || group.type !== GROUP_TYPE)
        return fault('no-such-group', `There is no group ${command.group}`, { node: command.group });
      const patch: Change[] = [...linkRemovals(document, new Set([group.id]))];
      for (const node of document.nodes.values())
        if (node.parent === group.id) patch.push(nodeChange(node, { ...node, parent: group.parent }));
      patch.push({ table: 'nodes', id: group.id, before: group, after: null, at: placeOf(document.nodes, group.id) });
      return ok(patch);
    }
    case 'nodes.reparent':
      return reparenting(document, command.nodes, command.parent);
    case 'links.remove': {
      const patch: Change[] = [];
      for (const id of command.links) {
        const link = document.links.get(id);
        if (!link) return fault('no-such-link', `There is no link ${id}`, { link: id });
        patch.push({ table: 'links', id, before: link, after: null, at: placeOf(document.links, id) });
      }
      return ok(patch);
    }
    case 'document.restore': {
      const { title, nodes, links } = command;
      const whole = insertion({ ...document, nodes: new Map(), links: new Map() }, nodes, links);
      if (!whole.ok) return whole;
      const byId = <T extends { readonly id: string }>(records: readonly T[]) =>
        new Map(records.map((record) => [record.id, record]));
      return ok(restoration(document, { title, nodes: byId(nodes), links: byId(links) }));
    }
    case 'document.rename':
      return ok([{ table: 'title', id: 'title', before: document.title, after: command.title }]);
    default:
      return unreachable(command);
  }
}

function placeOf(records: ReadonlyMap<string, unknown>, id: string): number {
  let at = 0;
  for (const key of records.keys()) {
    if (key === id) break;
    at++;
  }
  return at;
}

function nodeChange(before: DocumentNode, after: DocumentNode): Change {
  return { table: 'nodes', id: before.id, before, after };
}

function edit(document: Document, id: string, change: (node: DocumentNode) => DocumentNode): Result<Patch, Problem> {
  const node = document.nodes.get(id);
  return node ? ok([nodeChange(node, change(node))]) : fault('no-such-node', `There is no node ${id}`, { node: id });
}

function insertion(
  document: Document,
  nodes: readonly DocumentNode[],
  links: readonly DocumentLink[],
): Result<Patch, Problem> {
  const patch: Change[] = [];
  const added = new Map<string, DocumentNode>();
  for (const node of nodes) {
    if (document.nodes.has(node.id) || added.has(node.id))
      return fault('duplicate-id', `Node ${node.id} is there already`, { node: node.id });
    added.set(node.id, node);
    patch.push({ table: 'nodes', id: node.id, before: null, after: node });
  }
  for (const node of nodes) {
    if (node.parent === null) continue;
    const parent = added.get(node.parent) ?? document.nodes.get(node.parent);
    if (parent?.type !== GROUP_TYPE)
      return fault('no-such-group', `Node ${node.id} names the group ${node.parent}, which is not there`, {
        node: node.id,
      });
  }
  const inRing = nodes.find((node) => node.type === GROUP_TYPE && groupsAround(added, node).includes(node.id));
  if (inRing) return fault('groups-in-a-ring', `The group ${inRing.id} holds a group it is in`, { node: inRing.id });
  const addedLinks = new Set<string>();
  for (const link of links) {
    if (document.links.has(link.id) || addedLinks.has(link.id))
      return fault('duplicate-id', `Link ${link.id} is there already`, { link: link.id });
    addedLinks.add(link.id);
    for (const end of [link.from, link.to]) {
      if (!added.has(end.node) && !document.nodes.has(end.node))
        return fault('no-such-node', `Link ${link.id} ends at node ${end.node}, which is not there`, { link: link.id });
    }
    patch.push({ table: 'links', id: link.id, before: null, after: link });
  }
  return ok(patch);
}

function removal(document: Document, ids: readonly string[]): Result<Patch, Problem> {
  const gone = new Set<string>();
  for (const id of ids) {
    if (!document.nodes.has(id)) return fault('no-such-node', `There is no node ${id}`, { node: id });
    gone.add(id);
  }
  // Children of removed groups go too; groups nest, so repeat until nothing is added.
  for (let grew = true; grew; ) {
    grew = false;
    for (const node of document.nodes.values()) {
      if (node.parent !== null && gone.has(node.parent) && !gone.has(node.id)) {
        gone.add(node.id);
        grew = true;
      }
    }
  }
  const patch: Change[] = [...linkRemovals(document, gone)];
  let at = 0;
  for (const node of document.nodes.values()) {
    if (gone.has(node.id)) patch.push({ table: 'nodes', id: node.id, before: node, after: null, at });
    at++;
  }
  return ok(patch);
}

/** Of every link that touches one of the nodes. */
function linkRemovals({ links }: Document, gone: ReadonlySet<string>): readonly Change[] {
  const patch: Change[] = [];
  let at = 0;
  for (const link of links.values()) {
    if (gone.has(link.from.node) || gone.has(link.to.node))
      patch.push({ table: 'links', id: link.id, before: link, after: null, at });
    at++;
  }
  return patch;
}

function grouping(document: Document, group: DocumentNode, members: readonly string[]): Result<Patch, Problem> {
  if (document.nodes.has(group.id))
    return fault('duplicate-id', `Node ${group.id} is there already`, { node: group.id });
  if (group.type !== GROUP_TYPE)
    return fault('not-a-group', `Node ${group.id} is of type ${group.type}, not a group`, { node: group.id });
  const patch: Change[] = [{ table: 'nodes', id: group.id, before: null, after: group }];
  for (const id of members) {
    const node = document.nodes.get(id);
    if (!node) return fault('no-such-node', `There is no node ${id}`, { node: id });
    if (node.parent !== group.parent)
      return fault('not-siblings', 'Only nodes of the same level can be grouped', { node: id });
    patch.push(nodeChange(node, { ...node, parent: group.id }));
  }
  return ok(patch);
}

function reparenting(document: Document, ids: readonly string[], parent: string | null): Result<Patch, Problem> {
  if (parent !== null && document.nodes.get(parent)?.type !== GROUP_TYPE)
    return fault('no-such-group', `There is no group ${parent}`, { node: parent });
  // The group and all around it: none of them can go into it.
  const around = new Set<string>();
  for (let at = parent; at !== null && !around.has(at); at = document.nodes.get(at)?.parent ?? null) around.add(at);
  const patch: Change[] = [];
  for (const id of ids) {
    const node = document.nodes.get(id);
    if (!node) return fault('no-such-node', `There is no node ${id}`, { node: id });
    if (around.has(id)) return fault('inside-itself', `${node.name || id} cannot be put inside itself`, { node: id });
    if (node.parent !== parent) patch.push(nodeChange(node, { ...node, parent }));
  }
  return ok(patch);
}

function labelOf(document: Document, command: Exclude<Command, { type: 'batch' }>): string {
  const nameOf = (id: string) => document.nodes.get(id)?.name || id;
  switch (command.type) {
    case 'nodes.insert':
      return command.nodes.length === 1
        ? `Add ${command.nodes[0]!.name}`
        : `Add ${count(command.nodes.length, 'node')}`;
    case 'nodes.remove':
      return command.nodes.length === 1
        ? `Delete ${nameOf(command.nodes[0]!)}`
        : `Delete ${count(command.nodes.length, 'node')}`;
    case 'nodes.move':
      return `Move ${count(command.positions.length, 'node')}`;
    case 'node.rename':
      return `Rename ${nameOf(command.node)}`;
    case 'node.set-parameter':
      return `Set ${command.parameter} of ${nameOf(command.node)}`;
    case 'node.set-own':
      return command.own
        ? `Keep ${command.parameter} of ${nameOf(command.node)} to its use`
        : `Reset ${command.parameter} of ${nameOf(command.node)} to the block's`;
    case 'nodes.group':
      return `Group ${count(command.members.length, 'node')}`;
    case 'nodes.ungroup':
      return `Ungroup ${nameOf(command.group)}`;
    case 'nodes.reparent': {
      const what = command.nodes.length === 1 ? nameOf(command.nodes[0]!) : count(command.nodes.length, 'node');
      return command.parent === null ? `Take ${what} out of its group` : `Put ${what} into ${nameOf(command.parent)}`;
    }
    case 'links.insert':
      return command.links.length === 1 ? 'Connect' : `Connect ${count(command.links.length, 'link')}`;
    case 'links.remove':
      return command.links.length === 1 ? 'Disconnect' : `Disconnect ${count(command.links.length, 'link')}`;
    case 'document.rename':
      return 'Rename document';
    case 'document.restore':
      return command.label;
    default:
      return unreachable(command);
  }
}

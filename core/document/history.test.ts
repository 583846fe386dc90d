import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { cases } from '../../tests/support/cases.ts';
import { aNode, randomEdit } from '../../tests/support/random-document.ts';
import { apply } from './apply.ts';
import type { Command } from './command.ts';
import { type Document, emptyDocument, fromFile, GROUP_TYPE, toFile } from './document.ts';
import { type DocumentState, documentAt, initialState, type LoggedOperation, replay, step } from './history.ts';
import { applyPatch, invert } from './patch.ts';

/** Of 30 steps each. */
const SEQUENCES = cases(300, 10_000);

/** What every drawing takes, and what makes several changes at once. */
function randomCommand(document: Document, rng: Rng, fresh: () => string): Command {
  const nodes = [...document.nodes.values()];
  switch (rng.below(12)) {
    case 0: {
      const group = nodes.find(({ type }) => type === GROUP_TYPE);
      const moved = nodes.filter(({ type }) => type !== GROUP_TYPE).slice(0, 2);
      if (!group) return { type: 'document.rename', title: fresh() };
      const parent = rng.below(2) === 0 ? null : group.id;
      return { type: 'nodes.reparent', nodes: moved.map(({ id }) => id), parent };
    }
    case 1: {
      const restored = nodes.slice(0, 2).map((one) => ({ ...one, parent: null, name: fresh() }));
      return { type: 'document.restore', label: 'Restore', title: fresh(), nodes: restored, links: [] };
    }
    case 2:
      return {
        type: 'batch',
        label: 'Batch',
        commands: [
          { type: 'nodes.insert', nodes: [aNode(fresh())], links: [] },
          { type: 'document.rename', title: fresh() },
        ],
      };
    default:
      return randomEdit(document, rng, fresh);
  }
}

/** Order of records included. */
const plain = (document: Document) => toFile(document);

function walk(
  seed: number,
  steps: number,
): { readonly states: readonly DocumentState[]; readonly log: readonly LoggedOperation[] } {
  const rng = createRng(seed);
  let counter = 0;
  const fresh = () => `id${counter++}`;
  let state = initialState(emptyDocument('d', 'model', 'Start'));
  const states = [state];
  const log: LoggedOperation[] = [];
  for (let i = 0; i < steps; i++) {
    const choice = rng.below(8);
    const operation =
      choice === 0 && state.cursor > 0
        ? ({ type: 'undo' } as const)
        : choice === 1 && state.cursor < state.entries.length
          ? ({ type: 'redo' } as const)
          : {
              type: 'do' as const,
              command: randomCommand(state.document, rng, fresh),
              ...(rng.below(3) === 0 ? { gesture: 'drag' } : {}),
            };
    const stepped = step(state, operation);
    if (!stepped.ok) throw new Error(stepped.error.message);
    log.push({
      type: operation.type,
      label: stepped.value.label,
      patch: stepped.value.patch,
      ...('gesture' in operation ? { gesture: operation.gesture } : {}),
    });
    state = stepped.value.state;
    states.push(state);
  }
  return { states, log };
}

describe('history', () => {
  it(`P-08 undo is exact: undo-all gives the start, redo-all the end, over ${SEQUENCES} seeded random command sequences`, () => {
    for (let seed = 0; seed < SEQUENCES; seed++) {
      const { states } = walk(seed, 30);
      const end = states[states.length - 1]!;
      let state = end;
      while (state.cursor > 0) {
        const undone = step(state, { type: 'undo' });
        if (!undone.ok) throw new Error(undone.error.message);
        state = undone.value.state;
      }
      expect(plain(state.document)).toEqual(plain(states[0]!.document));
      while (state.cursor < end.cursor) {
        const redone = step(state, { type: 'redo' });
        if (!redone.ok) throw new Error(redone.error.message);
        state = redone.value.state;
      }
      expect(plain(state.document)).toEqual(plain(end.document));
    }
  });

  it('the log alone rebuilds document, cursor and undo stack', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { states, log } = walk(seed, 30);
      const end = states[states.length - 1]!;
      const rebuilt = log.reduce((state, row) => replay(state, row, true), states[0]!);
      expect(plain(rebuilt.document)).toEqual(plain(end.document));
      expect(rebuilt.revision).toBe(end.revision);
      expect(rebuilt.cursor).toBe(end.cursor);
      expect(rebuilt.entries.map((entry) => entry.label)).toEqual(end.entries.map((entry) => entry.label));
    }
  });

  it('every patch has an exact inverse', () => {
    const { states, log } = walk(11, 60);
    log.forEach((row, index) => {
      const after = applyPatch(states[index]!.document, row.patch);
      expect(plain(after)).toEqual(plain(states[index + 1]!.document));
      expect(plain(applyPatch(after, invert(row.patch)))).toEqual(plain(states[index]!.document));
    });
  });

  it('every earlier state can be looked at, and restored by one command that can be undone', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { states } = walk(seed, 30);
      const end = states[states.length - 1]!;
      let state = end;
      while (state.cursor > 0) {
        const undone = step(state, { type: 'undo' });
        if (!undone.ok) throw new Error(undone.error.message);
        state = undone.value.state;
        expect(plain(documentAt(end, state.cursor))).toEqual(plain(state.document));
        const { title, nodes, links } = plain(state.document);
        const restored = step(end, {
          type: 'do',
          command: { type: 'document.restore', label: 'R', title, nodes, links },
        });
        if (!restored.ok) throw new Error(restored.error.message);
        expect(plain(restored.value.state.document)).toEqual(plain(state.document));
        const back = step(restored.value.state, { type: 'undo' });
        expect(back.ok && plain(back.value.state.document)).toEqual(plain(end.document));
      }
      while (state.cursor < end.entries.length) {
        expect(plain(documentAt(state, end.cursor))).toEqual(plain(end.document));
        const redone = step(state, { type: 'redo' });
        if (!redone.ok) throw new Error(redone.error.message);
        state = redone.value.state;
      }
    }
  });

  it('remembers when an entry was done, a gesture by its last step', () => {
    const insert = (id: string): Command => ({ type: 'nodes.insert', nodes: [aNode(id)], links: [] });
    let state = initialState(emptyDocument('d', 'model', 'D'));
    for (const [id, at] of [
      ['a', '2026-01-01T00:00:00Z'],
      ['b', '2026-01-02T00:00:00Z'],
    ] as const) {
      const stepped = step(state, { type: 'do', command: insert(id), gesture: 'g' }, at);
      if (!stepped.ok) throw new Error(stepped.error.message);
      state = stepped.value.state;
    }
    expect(state.entries.map(({ at }) => at)).toEqual(['2026-01-02T00:00:00Z']);
  });

  it('a gesture is one entry', () => {
    let state = initialState(fromFile({ ...toFile(emptyDocument('d', 'model', 'D')), nodes: [aNode('a')] }));
    for (const x of [1, 2, 3]) {
      const moved = step(state, {
        type: 'do',
        gesture: 'drag-1',
        command: { type: 'nodes.move', positions: [{ node: 'a', x, y: 0 }] },
      });
      if (!moved.ok) throw new Error(moved.error.message);
      state = moved.value.state;
    }
    expect(state.entries).toHaveLength(1);
    expect(state.revision).toBe(3);
    const undone = step(state, { type: 'undo' });
    expect(undone.ok && undone.value.state.document.nodes.get('a')?.x).toBe(0);
  });
});

describe('apply refuses what would break structure', () => {
  const document = fromFile({
    ...toFile(emptyDocument('d', 'model', 'D')),
    nodes: [aNode('a'), aNode('g', { type: GROUP_TYPE }), aNode('b', { parent: 'g' })],
  });
  it.each<[string, Command]>([
    ['command.duplicate-id', { type: 'nodes.insert', nodes: [aNode('a')], links: [] }],
    ['command.no-such-group', { type: 'nodes.insert', nodes: [aNode('c', { parent: 'a' })], links: [] }],
    [
      'command.no-such-node',
      { type: 'links.insert', links: [{ id: 'l', from: { node: 'a', port: 'out' }, to: { node: 'z', port: 'in' } }] },
    ],
    ['command.no-such-node', { type: 'nodes.remove', nodes: ['z'] }],
    ['command.not-siblings', { type: 'nodes.group', group: aNode('h', { type: GROUP_TYPE }), members: ['a', 'b'] }],
    [
      'command.groups-in-a-ring',
      {
        type: 'nodes.insert',
        nodes: [aNode('r', { type: 'group', parent: 's' }), aNode('s', { type: 'group', parent: 'r' })],
        links: [],
      },
    ],
    ['command.no-such-group', { type: 'nodes.ungroup', group: 'a' }],
    ['command.inside-itself', { type: 'nodes.reparent', nodes: ['g'], parent: 'g' }],
    ['command.no-such-group', { type: 'nodes.reparent', nodes: ['a'], parent: 'a' }],
    ['command.no-such-node', { type: 'nodes.reparent', nodes: ['z'], parent: null }],
    ['command.no-such-link', { type: 'links.remove', links: ['l'] }],
  ])('%s', (code, command) => {
    const applied = apply(document, command);
    expect(applied.ok ? 'applied' : applied.error.code).toBe(code);
  });

  it('removing a group removes what is inside and every link that touches it', () => {
    const linked = fromFile({
      ...toFile(document),
      links: [{ id: 'l', from: { node: 'a', port: 'out' }, to: { node: 'b', port: 'in' } }],
    });
    const applied = apply(linked, { type: 'nodes.remove', nodes: ['g'] });
    expect(applied.ok && [...applied.value.document.nodes.keys()]).toEqual(['a']);
    expect(applied.ok && applied.value.document.links.size).toBe(0);
  });
});

/** Accelergy's energy reference tables (ERT, ERT_summary): pJ of every action of every component, laid over a tree. */
import type { MemoryTree } from '#core/mapping/memory-tree.ts';
import { isRecord, listOf, numberAt, type Record_, textOf, Unreadable } from './read.ts';

/** Throws Unreadable. A component without a table keeps its energies. */
export function withEnergies(tree: MemoryTree, root: Record_, notes: string[]): MemoryTree {
  const found = [root.ERT, root.ERT_summary].find(isRecord);
  if (found === undefined) return tree;
  const tables = new Map<string, ReadonlyMap<string, number>>();
  for (const table of listOf(found.tables ?? found.table_summary)) {
    if (!isRecord(table)) throw new Unreadable('energy', 'A table of the ERT is not a map');
    // `PE_top_level.Buffer[1..1]` is Buffer.
    const name = (textOf(table.name) ?? '')
      .replace(/\[\d+\.\.\d+\]/g, '')
      .split('.')
      .at(-1)!;
    const actions = new Map<string, number>();
    for (const action of listOf(table.actions)) {
      if (!isRecord(action)) throw new Unreadable('energy', 'An action of the ERT is not a map');
      const energy = numberAt(name, action, 'energy');
      const title = textOf(action.name);
      // Of an action that depends on arguments the dearest counts.
      if (title !== null && energy !== null) actions.set(title, Math.max(energy, actions.get(title) ?? 0));
    }
    tables.set(name, actions);
  }
  const energyOf = (component: string, fallback: number, ...actions: readonly string[]): number => {
    const table = tables.get(component);
    for (const action of actions) {
      const energy = table?.get(action);
      if (energy !== undefined) return energy;
    }
    return fallback;
  };
  for (const { name, isDummy } of [...tree.levels, { ...tree.compute, isDummy: false }])
    if (!tables.has(name) && !isDummy) notes.push(`${name} is not in the ERT; its energies are Timeloop's own`);
  const { compute } = tree;
  return {
    compute: {
      ...compute,
      energy: energyOf(compute.name, compute.energy, 'compute', 'mac_random', 'multiply', 'mac', 'mult_random'),
    },
    levels: tree.levels.map((level) => ({
      ...level,
      energy: {
        read: energyOf(level.name, level.energy.read, 'read', 'random_read'),
        fill: energyOf(level.name, level.energy.fill, 'write', 'fill', 'random_fill'),
        update: energyOf(level.name, level.energy.update, 'update', 'write', 'random_update'),
      },
    })),
  };
}

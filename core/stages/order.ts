/**
 * Who must not come before whom: dependences of tasks by streams. A stream that begins with all the tokens its reader will
 * ever take is none. Tasks on a cycle belong together: strongly connected components (Tarjan 1972).
 */
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { totalTokens } from './rates.ts';

/** By task: the tasks it writes to, each once, ascending. */
export function followers(graph: TaskGraph): readonly (readonly number[])[] {
  const after = graph.tasks.map(() => new Set<number>());
  for (const { from, to, initial } of graph.streams)
    if (from.task !== to.task && initial < totalTokens(to, graph.tasks)) after[from.task]!.add(to.task);
  return after.map((set) => [...set].sort((a, b) => a - b));
}

/** Components in topological order; among those that could come next, the one drawn first. */
export function components(graph: TaskGraph): readonly (readonly number[])[] {
  const after = followers(graph);
  const index = graph.tasks.map(() => -1);
  const low = graph.tasks.map(() => 0);
  const onStack = new Set<number>();
  const stack: number[] = [];
  const componentOf = graph.tasks.map(() => -1);
  const found: number[][] = [];
  let count = 0;
  const visit = (root: number): void => {
    // Explicit stack: chains of tasks may be long.
    const path: { task: number; next: number }[] = [{ task: root, next: 0 }];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const { task } = frame;
      if (frame.next === 0) {
        index[task] = low[task] = count++;
        stack.push(task);
        onStack.add(task);
      }
      const successor = after[task]![frame.next++];
      if (successor !== undefined) {
        if (index[successor] === -1) path.push({ task: successor, next: 0 });
        else if (onStack.has(successor)) low[task] = Math.min(low[task]!, index[successor]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) low[parent.task] = Math.min(low[parent.task]!, low[task]!);
      if (low[task] !== index[task]) continue;
      const members: number[] = [];
      for (;;) {
        const member = stack.pop()!;
        onStack.delete(member);
        componentOf[member] = found.length;
        members.push(member);
        if (member === task) break;
      }
      found.push(members.sort((a, b) => a - b));
    }
  };
  for (let task = 0; task < graph.tasks.length; task++) if (index[task] === -1) visit(task);

  const waitsFor = found.map(() => 0);
  const links = found.map(() => new Set<number>());
  after.forEach((successors, task) => {
    for (const successor of successors) {
      const [from, to] = [componentOf[task]!, componentOf[successor]!];
      if (from === to || links[from]!.has(to)) continue;
      links[from]!.add(to);
      waitsFor[to]!++;
    }
  });
  const ready = found.flatMap((_, component) => (waitsFor[component] === 0 ? [component] : []));
  const ordered: (readonly number[])[] = [];
  while (ready.length > 0) {
    let at = 0;
    for (let other = 1; other < ready.length; other++)
      if (found[ready[other]!]![0]! < found[ready[at]!]![0]!) at = other;
    const component = ready.splice(at, 1)[0]!;
    ordered.push(found[component]!);
    for (const successor of links[component]!) if (--waitsFor[successor]! === 0) ready.push(successor);
  }
  return ordered;
}

/** Whether no path leaves `tasks` and comes back. */
export function isConvex(graph: TaskGraph, tasks: readonly number[]): boolean {
  const after = followers(graph);
  const inside = new Set(tasks);
  const seen = new Set<number>();
  const left = tasks.flatMap((task) => after[task]!.filter((successor) => !inside.has(successor)));
  while (left.length > 0) {
    const task = left.pop()!;
    if (seen.has(task)) continue;
    seen.add(task);
    for (const successor of after[task]!) {
      if (inside.has(successor)) return false;
      left.push(successor);
    }
  }
  return true;
}

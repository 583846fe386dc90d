/** Names and what they stand for, in a graph, a branch or a function's body. */
import type { ValueRecord } from './proto.ts';
import type { Value } from './values.ts';

/** Names visible in a graph; a branch sees those of the graph around it. */
export interface Scope {
  readonly values: Map<string, Value>;
  readonly declared: ReadonlyMap<string, ValueRecord>;
  readonly outer: Scope | null;
}

export function lookup(scope: Scope, name: string): Value | null {
  for (let at: Scope | null = scope; at; at = at.outer) {
    const value = at.values.get(name);
    if (value) return value;
  }
  return null;
}

/** Without a name nothing is bound. */
export function bind(scope: Scope, name: string | undefined, value: Value): void {
  if (name) scope.values.set(name, value);
}

/**
 * What is explained: a network of processes, and which drawn thing each of its parts stands for. Words and node
 * references come from here, figures from playing the network.
 */
import { gcd } from '#core/base/gcd.ts';
import { checkedEnds, codeOf, type Ends } from '#core/simulate/network/code.ts';
import type { Network, Statement } from '#core/simulate/network/network.ts';

/** A drawn thing: its document node, null where nothing is drawn for it. */
export interface Label {
  readonly node: string | null;
  readonly name: string;
}

export interface FifoLabel extends Label {
  /** Bits of a token. */
  readonly bits: number;
}

export interface Subject {
  readonly network: Network;
  /** Beside network.processes, fifos and channels. */
  readonly processes: readonly Label[];
  readonly fifos: readonly FifoLabel[];
  readonly channels: readonly Label[];
}

/** A network nothing is drawn for: parts go by their own names, tokens have `bits` bits. */
export function subjectOf(network: Network, bits = 1): Subject {
  const label = ({ name }: { readonly name: string }): Label => ({ node: null, name });
  return {
    network,
    processes: network.processes.map(label),
    fifos: network.fifos.map((fifo) => ({ ...label(fifo), bits })),
    channels: network.channels.map(label),
  };
}

/** The same network with other depths; `depths` beside fifos, Infinity is without bound. */
export function withDepths(network: Network, depths: readonly number[]): Network {
  return { ...network, fifos: network.fifos.map((fifo, index) => ({ ...fifo, capacity: depths[index]! })) };
}

/** How a network depends on depths, where more than the capacity of its FIFOs does. */
export interface Sizing {
  /** The network with these depths, by FIFO. Same processes and FIFOs; no slower where depths are larger. */
  at(depths: readonly number[]): Network;
  /**
   * By FIFO, ascending: depths from which on more of its transfers pass at once instead of token by token. Between two of
   * them the network differs in capacities alone; below the last one more depth may help by itself.
   */
  readonly gates: readonly (readonly number[])[];
}

export function plainSizing(network: Network): Sizing {
  return { at: (depths) => withDepths(network, depths), gates: network.fifos.map(() => []) };
}

/** Reader and writer of every FIFO, −1 where there is none. Throws RangeError where `network` is not a network. */
export function endsOf(network: Network): Ends {
  return checkedEnds(network, network.processes.map(codeOf));
}

/** Calls `visit` for every operation of a process, with how often it is done in a run. */
export function eachOperation(
  body: readonly Statement[],
  visit: (operation: Exclude<Statement, { kind: 'loop' }>, times: number) => void,
  times = 1,
): void {
  for (const statement of body) {
    if (statement.kind === 'loop') eachOperation(statement.body, visit, times * statement.repeat);
    else visit(statement, times);
  }
}

export interface FifoFacts {
  /** Tokens put in by a whole run, and taken out. */
  readonly put: number;
  readonly got: number;
  /**
   * Depths between two multiples of it behave as the lower one: the greatest number that divides every transfer at once
   * and the initial tokens; 1 where tokens move one after the other. Below it all depths are alike.
   */
  readonly quantum: number;
  /** Least depth that can hold its initial tokens, ≥ 1. */
  readonly least: number;
}

export function fifoFacts(network: Network): readonly FifoFacts[] {
  const facts = network.fifos.map(({ initial }) => ({ put: 0, got: 0, quantum: initial, least: Math.max(1, initial) }));
  for (const { body } of network.processes)
    eachOperation(body, (operation, times) => {
      if (operation.kind !== 'get' && operation.kind !== 'put') return;
      const fact = facts[operation.fifo]!;
      fact[operation.kind === 'get' ? 'got' : 'put'] += times * operation.tokens;
      if (times * operation.tokens === 0) return;
      fact.quantum = operation.interval > 0 && operation.tokens > 1 ? 1 : gcd(fact.quantum, operation.tokens);
    });
  return facts.map((fact) => ({ ...fact, quantum: Math.max(1, fact.quantum) }));
}

/**
 * Whether more room never makes it slower: every resource is used in an order that does not depend on time, so that
 * times are maxima of sums (max-plus linear). Not so where processes share a channel or a lock: who comes first
 * may change with a depth, as in Graham's anomalies (SIAM J. Appl. Math. 17(2), 1969).
 */
export function isMonotone(network: Network): boolean {
  const users = usersOf(network);
  return (
    users.channels.every((set) => set.size <= 1) &&
    users.locks.every((set) => set.size <= 1) &&
    network.barriers.every(({ parties }, index) => users.barriers[index]!.size === parties)
  );
}

/** Processes that name each channel, lock and barrier. */
export function usersOf({ processes, channels, locks, barriers }: Network): {
  readonly channels: readonly ReadonlySet<number>[];
  readonly locks: readonly ReadonlySet<number>[];
  readonly barriers: readonly ReadonlySet<number>[];
} {
  const sets = (list: readonly unknown[]) => list.map(() => new Set<number>());
  const users = { channels: sets(channels), locks: sets(locks), barriers: sets(barriers) };
  processes.forEach(({ body }, index) => {
    eachOperation(body, (operation) => {
      if (operation.kind === 'load' || operation.kind === 'store') users.channels[operation.channel]!.add(index);
      else if (operation.kind === 'acquire' || operation.kind === 'release') users.locks[operation.lock]!.add(index);
      else if (operation.kind === 'barrier') users.barriers[operation.barrier]!.add(index);
    });
  });
  return users;
}

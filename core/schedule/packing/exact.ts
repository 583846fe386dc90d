/**
 * Restarts: the exact search in short runs (Luby's sequence) under changing strategies, with the failures proven and
 * the weights of sections kept from run to run. Heavy tails are what makes packing slow: most runs that succeed do so
 * almost without backtracking.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { preorders } from './orderings.ts';
import type { Part } from './parts.ts';
import { createSearch, IMPOSSIBLE, PACKED } from './search.ts';

/** Nodes of the shortest run, at least; two a piece where that is more. */
const RUN = 1_000;
/** Of the failures counted in a section before, the share that counts in the next run of the same order. */
const RETAINED = 0.7;

export interface Searched {
  readonly status: 'packed' | 'impossible' | 'exhausted';
  /** Units, one a block of the part; only when packed. */
  readonly addresses: Float64Array;
  readonly nodes: number;
}

export interface SearchBudget {
  readonly nodeLimit: number;
  readonly control?: Control;
  readonly phase?: string;
  /** Nodes of the shortest run, for tests of many restarts. */
  readonly shortestRun?: number;
}

/** @param capacity units. */
export function searchPart(
  part: Part,
  capacity: number,
  { nodeLimit, control, phase, shortestRun }: SearchBudget,
): Searched {
  const { report, cancelled } = control ?? uncontrolled;
  let polls = 0;
  const poll = (nodes: number): boolean => {
    if (phase !== undefined && (++polls & 127) === 0)
      report({ phase, fraction: Math.min(1, nodes / nodeLimit), message: 'Packing addresses', figures: { nodes } });
    return cancelled();
  };
  const search = createSearch(part, capacity, poll);
  if (!search) return { status: 'impossible', addresses: new Float64Array(), nodes: 0 };
  const orders = preorders(part).map((rank) => ({ rank, weight: new Float64Array(part.sections).fill(1) }));
  const shortest = shortestRun ?? Math.max(RUN, 2 * part.count);
  for (let run = 0; search.nodes() < nodeLimit && !cancelled(); run++) {
    const { rank, weight } = orders[run % orders.length]!;
    for (let s = 0; s < weight.length; s++) weight[s] = 1 + (weight[s]! - 1) * RETAINED;
    const outcome = search.run({
      rank,
      weight,
      slackScale: slackScaleOf(Math.floor(run / orders.length), capacity),
      nodeLimit: Math.min(shortest * luby(run + 1), nodeLimit - search.nodes()),
    });
    if (outcome === PACKED) return { status: 'packed', addresses: search.addresses, nodes: search.nodes() };
    if (outcome === IMPOSSIBLE) return { status: 'impossible', addresses: search.addresses, nodes: search.nodes() };
  }
  return { status: 'exhausted', addresses: search.addresses, nodes: search.nodes() };
}

/** 1 1 2 1 1 2 4 … (Luby, Sinclair and Zuckerman 1993). */
function luby(index: number): number {
  let size = 1;
  while (size < index) size = 2 * size + 1;
  return size === index ? (size + 1) / 2 : luby(index - (size - 1) / 2);
}

/** One for every order in turn: capacity / 128 first, then between capacity / 256 and capacity / 32, spread by the golden ratio. */
function slackScaleOf(round: number, capacity: number): number {
  const share = (1 / 3 + round * 0.6180339887498949) % 1;
  return capacity * 2 ** (-8 + 3 * share);
}

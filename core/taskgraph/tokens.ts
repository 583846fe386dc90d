/** How many tokens cross an end of a stream. */
import type { Granularity, StreamEnd } from './task-graph.ts';

/** How often an end moves tokens in a run of `blocks` × `firings`. */
export function movesOf(per: Granularity, blocks: number, firings: number): number {
  return per === 'firing' ? blocks * firings : per === 'block' ? blocks : 1;
}

/** Tokens an end moves in a run: its rates in turn, as often as it moves. */
export function tokensOf(
  { per, rates }: Pick<StreamEnd, 'per' | 'rates'>,
  { blocks, firings }: { readonly blocks: number; readonly firings: number },
): number {
  const moves = movesOf(per, blocks, firings);
  if (rates.length === 0) return 0;
  const cycle = rates.reduce((sum, rate) => sum + rate, 0);
  const rest = rates.slice(0, moves % rates.length).reduce((sum, rate) => sum + rate, 0);
  return Math.floor(moves / rates.length) * cycle + rest;
}

/**
 * A candidate: an operator's lowering written by somebody else than the compiler, as its text says it. Names are the text's
 * own; what they stand for is found by resolve.ts. Every part knows its place in the text.
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import type { Axis } from '#core/compile/unit-model.ts';

export const CANDIDATE_HEADER = 'weft-candidate/1';

/** Longest text that is read, and most commands in it. */
export const LONGEST_CANDIDATE = 2 ** 21;
export const MOST_COMMANDS = 20_000;
/** Most candidates of one run. */
export const MOST_CANDIDATES = 64;

/** From 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A name of the text for something drawn: `unit u0 "Array"`. */
export interface Alias {
  readonly alias: string;
  readonly name: string;
  readonly at: TextPlace;
}

export const OPERAND_PLACES = ['off-chip', 'scratchpad'] as const;
export type OperandPlaceName = (typeof OPERAND_PLACES)[number];
/** `both`: in the scratchpad for those who read it next, and stored. */
export const RESULT_PLACES = ['off-chip', 'scratchpad', 'both'] as const;
export type ResultPlaceName = (typeof RESULT_PLACES)[number];

export interface OperandLine extends Alias {
  readonly place: OperandPlaceName;
}

export interface ResultLine extends Alias {
  readonly place: ResultPlaceName;
}

export type TilingLine = { readonly at: TextPlace } & (
  | { readonly kind: 'tile'; readonly extents: Readonly<Record<Axis, number>>; readonly dataflow: Dataflow }
  | { readonly kind: 'chunks'; readonly chunks: number }
);

export interface Reference {
  readonly name: string;
  readonly at: TextPlace;
}

/** Blocks by axis; axes that are left out are 0. */
export type Blocks = Readonly<Partial<Record<Axis, number>>>;

/** From … to, half-open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

interface Line {
  readonly label: string | null;
  readonly after: readonly Reference[];
  readonly at: TextPlace;
}

interface TransferLine extends Line {
  readonly dma: Reference | null;
  readonly channel: Reference | null;
}

export interface FetchLine extends TransferLine {
  readonly kind: 'fetch';
  readonly operand: Reference;
  readonly elements: Span;
  readonly into: Reference;
  readonly offset: number;
}

export interface LoadLine extends TransferLine {
  readonly kind: 'load';
  readonly operand: Reference;
  readonly blocks: Blocks;
  /** Null: all the piece needs. */
  readonly positions: Span | null;
  readonly unit: Reference;
  readonly into: Reference;
  readonly half: 0 | 1;
}

export interface ExecuteLine extends Line {
  readonly kind: 'execute';
  readonly blocks: Blocks;
  readonly unit: Reference;
  readonly half: 0 | 1;
}

export interface StoreLine extends TransferLine {
  readonly kind: 'store';
  readonly result: Reference;
  readonly blocks: Blocks;
  readonly unit: Reference;
  readonly half: 0 | 1;
}

export type CommandLine = FetchLine | LoadLine | ExecuteLine | StoreLine;

export interface Candidate {
  readonly kernel: Reference;
  readonly units: readonly Alias[];
  readonly dmas: readonly Alias[];
  readonly channels: readonly Alias[];
  readonly tiling: TilingLine;
  readonly operands: readonly OperandLine[];
  readonly weights: Reference | null;
  readonly results: readonly ResultLine[];
  readonly commands: readonly CommandLine[];
}

/**
 * The interface of techniques of kind `rewrite`: an edit of the drawn model that suits it to the drawn architecture and
 * changes what the model computes, so the user decides. The edit is one command, and so one step of undo.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { EmptyBecause } from '#core/compile/array-use.ts';
import type { CompilerTechniques } from '#core/compile/compile.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { Manifest } from './technique.ts';

export interface RewriteRequest {
  readonly model: Document;
  readonly machine: Machine;
  readonly compiler: CompilerTechniques;
  readonly settings: Pick<RunSettings, 'format' | 'objective'>;
  /** Of the manifest; missing ones read as their defaults. */
  readonly parameters: ParameterValues;
}

/** As `estimateModel` predicts. */
export interface Predicted {
  /** Layers one after the other, cycles. */
  readonly cycles: number;
  readonly macs: number;
  /** Mean over layers with multiply-accumulates of the share of an array's cell-cycles spent on them; 0 on other units. */
  readonly meanUtilisation: number;
  /** MACs on arrays ÷ (cells × cycles), 0…1. */
  readonly utilisation: number;
}

export interface LayerFigures {
  readonly cycles: number;
  readonly macs: number;
  /** Architecture node of its unit; null where none can do it. */
  readonly unit: string | null;
  /** Share of an array's cell-cycles spent on multiply-accumulates, 0…1; 0 on other units. */
  readonly utilisation: number;
  /** Why cells are empty while operands stream; null on other units. */
  readonly because: EmptyBecause | null;
}

export interface ProposedLayer {
  readonly node: string;
  /** With the groups it lies in: `block 7 · depthwise`. */
  readonly name: string;
  /** What is done to it, for people: `96 groups of 1 → 12 of 8`; null where it stays as it is. */
  readonly change: string | null;
  readonly before: LayerFigures;
  readonly after: LayerFigures;
}

export interface Proposal {
  /** Null where nothing is to be changed. */
  readonly command: Command | null;
  /** What was found, in a sentence: why nothing is to be changed, where that is so. */
  readonly finding: string;
  /** Layers with multiply-accumulates, in the order of the program. */
  readonly layers: readonly ProposedLayer[];
  readonly before: Predicted;
  readonly after: Predicted;
}

export interface Rewrite {
  readonly manifest: Manifest<'rewrite'>;
  /** Problems: those of a model that is not complete. */
  propose(request: RewriteRequest): Result<Proposal, Problem>;
}

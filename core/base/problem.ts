/**
 * A problem says what is wrong, where, why (facts: demand, bound, unit) and how to mend it (fixes).
 * One shape for importers, validation, compilation, scheduling and hosts, so that every list, CLI and
 * report shows them alike. `code` is stable and dotted (`onnx.truncated`, `link.shape-mismatch`).
 */
import type { ParameterValue, ParameterValues } from './value.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Where a problem is: in a document (node, parameter, link), in a file at a byte offset, or in a text. */
export interface Place {
  readonly document?: string;
  readonly node?: string;
  readonly link?: string;
  readonly parameter?: string;
  readonly file?: string;
  readonly byteOffset?: number;
  /** From 1. */
  readonly line?: number;
}

/** A mend the user can apply as one undoable command. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly FixEdit[];
}

export type FixEdit =
  | {
      readonly type: 'set-parameter';
      readonly node: string;
      readonly parameter: string;
      readonly value: ParameterValue;
    }
  | { readonly type: 'remove-node'; readonly node: string }
  | { readonly type: 'remove-link'; readonly link: string };

/** Settings under which a run that failed would not; each has been tried before it is offered. */
export interface RunLever {
  readonly title: string;
  readonly scratchpadBytes?: number;
  /** A number format's id. */
  readonly format?: string;
  /** Of the scheduler. */
  readonly parameters?: ParameterValues;
}

export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly where: Place;
  /** Named quantities with their unit, e.g. demand 2,408,448 B, bound 1,048,576 B. */
  readonly facts: Readonly<Record<string, number | string>>;
  readonly fixes: readonly Fix[];
  /** Of a run's failure: other settings that would do. */
  readonly levers?: readonly RunLever[];
}

export function problem(
  code: string,
  message: string,
  rest: Partial<Pick<Problem, 'severity' | 'where' | 'facts' | 'fixes'>> = {},
): Problem {
  return { code, severity: 'error', message, where: {}, facts: {}, fixes: [], ...rest };
}

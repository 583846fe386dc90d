/**
 * The interface of techniques of kind `exporter`: drawn documents → a file of another tool. Pure: bytes in memory, no
 * paths. What the other tool cannot hold is told as problems, never dropped silently.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Document } from '#core/document/document.ts';
import type { Manifest } from './technique.ts';

/** A further text file an exporter reads beside the drawing. */
export interface ExportInput {
  /** The name by which the other tool knows it, e.g. `gemmini_params.h`. */
  readonly role: string;
  readonly title: string;
  /** What is read from it, and what holds without it. */
  readonly note: string;
  readonly isRequired: boolean;
}

export interface ExportRequest {
  readonly model: Document;
  /** Null where none was given; an exporter that needs one says so. */
  readonly architecture: Document | null;
  /** Values of the manifest's parameters; missing ones read as their defaults. */
  readonly parameters: ParameterValues;
  /** Texts of the inputs the user gave, by their role: `{ 'gemmini_params.h': '#define DIM 16 …' }`. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Exported {
  /** Proposed file name, without a folder. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** What the format cannot say, and what was assumed; never errors. */
  readonly problems: readonly Problem[];
}

export interface Exporter {
  readonly manifest: Manifest<'exporter'>;
  /** File name ending, e.g. `.onnx`. */
  readonly extension: string;
  readonly inputs: readonly ExportInput[];
  export(request: ExportRequest): Result<Exported, Problem>;
}

/** Exports, unless an input is missing that is required. */
export function exportWith(exporter: Exporter, request: ExportRequest): Result<Exported, Problem> {
  const missing = exporter.inputs.find(({ role, isRequired }) => isRequired && request.files[role] === undefined);
  if (!missing) return exporter.export(request);
  return err(
    problem('export.input', `${exporter.manifest.title} needs ${missing.role}: ${missing.note}`, {
      where: { file: missing.role },
    }),
  );
}

/** `My model` → `my-model`: a file name every system takes. */
export function fileStem(title: string): string {
  const stem = title
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .toLowerCase();
  return stem === '' ? 'model' : stem.slice(0, 80);
}

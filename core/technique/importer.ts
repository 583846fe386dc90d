/** The interface of techniques of kind `importer`: a model file → a document. Reads only the bytes it needs, never throws. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import type { StoredWeights } from '#core/reference/stored.ts';
import type { Manifest } from './technique.ts';

/** A file the user picked, read at will. `read` returns fewer bytes than asked only at the end of the file. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface ImportOptions {
  /** Id of the document to make. */
  readonly document: string;
  /** The file's name, for its title and for problems. */
  readonly file: string;
  /** Shapes of inputs by name; override what the file says, e.g. where a dimension is free. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Values of inputs by name, e.g. `{ sr: [16000] }`: such an input becomes a constant, so that what it decides is decided. */
  readonly values?: Readonly<Record<string, readonly number[]>>;
}

export interface ImportedModel {
  readonly document: Document;
  /** Where the numbers of weights and constants lie, for formats that have them. */
  readonly weights?: StoredWeights;
  /** What was assumed, ignored or not understood. */
  readonly problems: readonly Problem[];
  /** Null where a problem keeps the model from being typed throughout. */
  readonly facts: ModelFacts | null;
  readonly source: {
    readonly format: string;
    readonly producer: string;
    /** Operator set versions by domain; '' is the standard one. */
    readonly opsets: Readonly<Record<string, number>>;
  };
}

export interface Importer {
  readonly manifest: Manifest<'importer'>;
  /** File name endings, e.g. `.onnx`. */
  readonly extensions: readonly string[];
  /** Whether this looks like its format; `head` is the first 64 bytes or more. */
  match(name: string, head: Uint8Array): boolean;
  open(source: ByteSource, options: ImportOptions): Result<ImportedModel, Problem>;
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

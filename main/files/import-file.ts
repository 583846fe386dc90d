/** A picked file as a document: Weft's own JSON, or whatever an importer technique recognises. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type Document, fromFile } from '#core/document/document.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import type { Importer } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { readDocumentFile } from '#projects/text.ts';
import { type FileSource, openFileSource } from './byte-source.ts';

/** Shapes of graph inputs, by name, whose dimensions the file leaves open. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

export interface ImportedFile {
  readonly document: Document;
  readonly problems: readonly Problem[];
  /** Counts, where the importer made them. */
  readonly facts: ModelFacts | null;
  /** Whether its weights can be read from the file. */
  readonly hasWeights: boolean;
}

const importers: readonly Importer[] = techniques.importer;

/** Importers recognise their files by this many first bytes, or by name. */
const HEAD_BYTES = 4096;

/**
 * Reads the file at `path` and nothing else, whatever the file says.
 * @param name the name the user knows it by; it decides nothing but messages and which importer is asked first.
 * @param values of graph inputs, by name: such an input becomes a constant.
 */
export function importFile(
  path: string,
  name: string,
  shapes: Shapes = {},
  values: Shapes = {},
): Result<ImportedFile, Problem> {
  let source: FileSource;
  try {
    source = openFileSource(path);
  } catch (error) {
    return err(fileProblem('file.unreadable', `${name} could not be read`, name, error));
  }
  try {
    const head = source.read(0, HEAD_BYTES);
    const importer = importers.find((candidate) => candidate.match(name, head));
    // JSON of ours begins with a brace, after white space at most.
    if (!importer && new TextDecoder().decode(head.subarray(0, 64)).trimStart().startsWith('{')) {
      const file = readDocumentFile(path);
      return file.ok ? ok({ document: fromFile(file.value), problems: [], facts: null, hasWeights: false }) : file;
    }
    if (!importer) return err(unknownFormat(name));
    const opened = importer.open(source, { document: 'model', file: name, shapes, values });
    if (!opened.ok) return err(inFile(opened.error, name));
    const { document, problems, facts, weights } = opened.value;
    const hasWeights = weights !== undefined;
    return ok({ document, problems: problems.map((one) => inFile(one, name)), facts, hasWeights });
  } finally {
    source.close();
  }
}

function inFile(found: Problem, name: string): Problem {
  return { ...found, where: { ...found.where, file: found.where.file ?? name } };
}

function unknownFormat(name: string): Problem {
  const known = [...importers.map(({ manifest }) => manifest.title), 'a Weft document (JSON)'].join(', ');
  return problem('file.unknown-format', `${name} is in no format Weft knows; it reads: ${known}`, {
    where: { file: name },
    facts: { known },
  });
}

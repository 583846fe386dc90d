/** Where a command takes weights from: a file that was named, the model file itself, or the copy a project keeps. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { KEEP_UNASKED_BYTES } from '#core/contract/contract.ts';
import type { WeightsIdentity } from '#core/run/result.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { openFileSource } from '../files/byte-source.ts';
import { importFile } from '../files/import-file.ts';
import type { ImportChoices } from './inputs.ts';

export interface WeightsSource {
  readonly identity: WeightsIdentity;
  readonly source: ByteSource;
  close(): void;
}

export const WEIGHTS_OPTION = {
  type: 'string',
  value: 'FILE',
  help: 'Model file that weights are read from to verify values; unless given, MODEL itself up to 64 MiB, or the copy its project keeps.',
} as const;

/** A model file that was named. Problems: those of the importer, and `file.no-weights`. */
export function weightsFile(path: string, choices: Partial<ImportChoices> = {}): Result<WeightsSource, Problem> {
  const name = basename(path);
  const { shapes = {}, values = {} } = choices;
  const imported = importFile(path, name, shapes, values);
  if (!imported.ok) return imported;
  if (!imported.value.hasWeights)
    return err(problem('file.no-weights', `${name} has no weights`, { where: { file: path } }));
  const source = openFileSource(path);
  const given = {
    ...(Object.keys(shapes).length > 0 && { shapes }),
    ...(Object.keys(values).length > 0 && { values }),
  };
  const identity = { name, bytes: source.size, sha256: digestOf(source), ...given };
  return ok({ identity, source, close: source.close });
}

/** What `model` itself has: null where that is nothing, or more than is read unasked. */
export function weightsOfModel(model: string, choices: ImportChoices): WeightsSource | null {
  if (!existsSync(model) || statSync(model).isDirectory()) return null;
  const ending = extname(model).toLowerCase();
  if (ending === PROJECT_EXTENSION) return weightsOfProject(model);
  if (ending === '.json' || statSync(model).size > KEEP_UNASKED_BYTES) return null;
  const made = weightsFile(model, choices);
  return made.ok ? made.value : null;
}

/** The copy kept for the first model. */
function weightsOfProject(path: string): WeightsSource | null {
  const opened = openProject(path);
  if (!opened.ok) return null;
  const { files, view, close } = opened.value;
  const model = view().documents.find(({ kind }) => kind === 'model');
  const identity = model ? files.identity(model.id) : null;
  const source = identity && files.source(identity.sha256);
  if (identity && source) return { identity, source, close };
  close();
  return null;
}

function digestOf({ size, read }: ByteSource): string {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += 2 ** 20) hash.update(read(at, 2 ** 20));
  return hash.digest('hex');
}

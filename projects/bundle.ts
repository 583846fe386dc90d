/**
 * A project as one file to hand on, `.weftbundle`: a ZIP of a manifest, documents with their undo histories and
 * checkpoints, runs as they re-import, candidates, studies, crossover maps, and copies of model files byte for byte.
 * Runs that never finished stay behind. Written piece by piece; read whole and checked before anything is made of it.
 */
import { gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { shapeFault } from '#core/base/shape-fault.ts';
import { documentFileSchema } from '#core/contract/schemas.ts';
import { type DocumentFile, fromFile, toFile } from '#core/document/document.ts';
import type { DocumentState } from '#core/document/history.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import { isChoice } from '#core/study/space.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { fileProblem } from './atomic-file.ts';
import { type DocumentHistory, historyFault } from './bundle-history.ts';
import {
  type BundleManifest,
  candidateSchema,
  crossoverFileSchema,
  curveSchema,
  historySchema,
  manifestSchema,
  studyFileSchema,
} from './bundle-schema.ts';
import { CHUNK_BYTES } from './file-store.ts';
import type { Project } from './project.ts';
import type { FinishedRun, NewRun, RunSort } from './run-store.ts';
import { formatDocument } from './text.ts';
import { readZip, unzip, type ZipEntry, type ZipLimits } from './zip/read.ts';
import type { ZipSource } from './zip/write.ts';

export const BUNDLE_EXTENSION = '.weftbundle';

const MIB = 2 ** 20;
/** Texts are bounded in all; copies of model files are not packed, so that the file's own size bounds them. */
export const BUNDLE_LIMITS: ZipLimits = {
  entries: 20_000,
  entryBytes: 256 * MIB,
  totalBytes: 2048 * MIB,
  ratio: 200,
  ratioFrom: MIB,
};
/** Characters of one document's undo history: a thousand steps of a few nodes, checked in a second; older ones are left. */
const HISTORY_LENGTH = 8 * MIB;
const MANIFEST = 'manifest.json';
const MOST_POINTS = 5000;

/** Of a project, in pieces; nothing is in memory but the entry that is written. */
export function* bundleOf(project: Project, madeWith: string): Generator<ZipSource> {
  const documents = project.documents.list();
  // As they are now, whatever is done while pieces are written.
  const states = documents.flatMap(({ id }) => project.documents.state(id) ?? []);
  const runs = project.runs.list().filter(({ id }) => project.runs.result(id) !== null);
  const checkpoints = documents.flatMap(({ id }) => project.checkpoints.list(id));
  const kept = documents.flatMap(({ id }) => {
    const identity = project.files.identity(id);
    const source = identity && project.files.source(identity.sha256);
    return identity && source
      ? [{ document: id, name: identity.name, source, choices: project.files.choices(id) }]
      : [];
  });
  const candidates = documents.flatMap(({ id }) => project.candidates.list(id));
  const studies = project.studies.list();
  const curves = runs.map(({ id }) => project.runs.curve(id));
  const histories = states.flatMap((state) => {
    const text = historyText(state);
    return text === null ? [] : [{ document: state.document.id, text }];
  });
  // A map can be made again: one that a reader would refuse is left out.
  const crossovers = project.crossovers.list().filter((kept) => crossoverFileSchema.safeParse(kept).success);
  const named = (folder: string, index: number, ending = '.json') => `${folder}/${index + 1}${ending}`;
  const manifest: BundleManifest = {
    format: 'weft-bundle/1',
    title: project.title(),
    madeWith,
    documents: states.map(({ revision }, at) => ({ file: named('documents', at), revision })),
    checkpoints: checkpoints.map(({ document, revision, title }, at) => ({
      file: named('checkpoints', at),
      document,
      revision,
      title,
    })),
    runs: runs.map(({ title, model, architecture }, at) => ({
      file: named('runs', at),
      title,
      model,
      architecture,
      curve: curves[at] ? named('curves', at) : null,
    })),
    files: kept.map(({ document, name, choices: { shapes, values } }, at) => ({
      file: named('files', at, ''),
      document,
      name,
      ...(shapes && { shapes: mutable(shapes) }),
      ...(values && { values: mutable(values) }),
    })),
    candidates: candidates.map((_, at) => ({ file: named('candidates', at) })),
    studies: studies.map((_, at) => ({ file: named('studies', at) })),
    histories: histories.map(({ document }, at) => ({ file: named('histories', at), document })),
    crossovers: crossovers.map((_, at) => ({ file: named('crossovers', at) })),
  };
  yield { name: MANIFEST, bytes: `${JSON.stringify(manifest, null, 1)}\n` };
  for (const [at, { document }] of states.entries())
    yield { name: named('documents', at), bytes: formatDocument(toFile(document)) };
  for (const [at, { id }] of checkpoints.entries()) {
    const file = project.checkpoints.file(id);
    if (!file.ok) throw new BundleError(file.error);
    yield { name: named('checkpoints', at), bytes: formatDocument(file.value) };
  }
  for (const [at, { id }] of runs.entries()) {
    yield packedJson(named('runs', at), project.runs.result(id)!);
    if (curves[at]) yield { name: named('curves', at), bytes: JSON.stringify(curves[at]) };
  }
  for (const [at, { id }] of candidates.entries()) {
    const found = project.candidates.get(id);
    if (!found.ok) throw new BundleError(found.error);
    const { node, title, text, model, architecture, settings, report } = found.value;
    const problems = report.problems.map(({ code, severity, message, where, facts }) => {
      const { node: of, parameter, link, file, line } = where;
      return { code, severity, message, where: { node: of, parameter, link, file, line }, facts, fixes: [] };
    });
    const bytes = JSON.stringify({ node, title, text, model, architecture, settings, report: { ...report, problems } });
    yield { name: named('candidates', at), bytes };
  }
  for (const [at, { id, spec, planned, reused, done }] of studies.entries()) {
    const inputs = project.studies.inputs(id);
    if (!inputs) throw new BundleError(problem('study.missing', 'A study of the project cannot be read'));
    const points = Array.from({ length: Math.ceil(done / MOST_POINTS) }, (_, page) =>
      project.studies.points(id, page * MOST_POINTS, MOST_POINTS),
    ).flat();
    const { model, architecture, revisions } = inputs;
    // Runs have other ids there; points keep their figures.
    const apart = points.map((point) => ({ ...point, run: null }));
    const bytes = JSON.stringify({ spec, revisions, model, architecture, planned, reused, points: apart });
    yield { name: named('studies', at), bytes };
  }
  for (const [at, { text }] of histories.entries()) yield { name: named('histories', at), bytes: text };
  for (const [at, crossover] of crossovers.entries())
    yield { name: named('crossovers', at), bytes: JSON.stringify(crossover) };
  for (const [at, { source }] of kept.entries())
    yield { name: named('files', at, ''), size: source.size, read: () => piecesOf(source) };
}

/**
 * The newest steps of a document's undo history, as many as a bundle takes; null where nothing was done, and where a
 * reader would refuse them: the document goes without rather than not at all.
 */
function historyText(state: DocumentState): string | null {
  const texts = state.entries.map((entry) => JSON.stringify(entry));
  let first = texts.length;
  for (let length = 0; first > 0; first--) {
    length += texts[first - 1]!.length;
    if (length > HISTORY_LENGTH) break;
  }
  const cursor = state.cursor - first;
  if (cursor < 0 || first === texts.length) return null;
  const text = `{"cursor":${cursor},"entries":[\n${texts.slice(first).join(',\n')}\n]}\n`;
  const read = historySchema.safeParse(JSON.parse(text));
  const file = JSON.parse(formatDocument(toFile(state.document))) as DocumentFile;
  return read.success && historyFault(file, read.data) === null ? text : null;
}

/** Thrown out of `bundleOf` and `writeZip` where a part of the project cannot be read. */
export class BundleError extends Error {
  readonly problem: Problem;
  constructor(cause: Problem) {
    super(cause.message);
    this.problem = cause;
  }
}

/** A failure while a bundle was written, as a problem. */
export function bundleProblem(name: string, error: unknown): Problem {
  return error instanceof BundleError
    ? error.problem
    : fileProblem('bundle.not-written', `${name} could not be written`, name, error);
}

function mutable(lists: Readonly<Record<string, readonly number[]>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));
}

function* piecesOf(source: ByteSource): Generator<Uint8Array> {
  for (let at = 0; at < source.size; ) {
    const piece = source.read(at, Math.min(CHUNK_BYTES, source.size - at));
    if (piece.length === 0)
      throw new BundleError(problem('file.damaged', 'A copy of a model file in the project is damaged'));
    at += piece.length;
    yield piece;
  }
}

const GZIP_HEAD = 10;
const GZIP_TAIL = 8;

/** What gzip packed goes in as it is: both are deflate. What is packed too tightly for a bundle goes in unpacked. */
function packedJson(name: string, gzip: Uint8Array): ZipSource {
  const { ratio, ratioFrom } = BUNDLE_LIMITS;
  const view = new DataView(gzip.buffer, gzip.byteOffset, gzip.byteLength);
  const size = view.getUint32(gzip.length - 4, true);
  const deflated = gzip.subarray(GZIP_HEAD, gzip.length - GZIP_TAIL);
  const hasBareHead = view.getUint16(0) === 0x1f8b && view.getUint8(3) === 0;
  if (hasBareHead && (size <= ratioFrom || size <= deflated.length * ratio))
    return { name, deflated, size, crc: view.getUint32(gzip.length - GZIP_TAIL, true) };
  const bytes = gunzipSync(gzip);
  return { name, size: bytes.length, read: () => [bytes] };
}

export type BundledCandidate = z.infer<typeof candidateSchema>;
export type BundledStudy = z.infer<typeof studyFileSchema>;
export type BundledCrossover = z.infer<typeof crossoverFileSchema>;

/** A document as it came, with what can be undone and redone of it. */
export interface BundledDocument {
  readonly file: DocumentFile;
  readonly revision: number;
  readonly history: DocumentHistory | null;
}

/** A bundle read and checked, but for its runs, whose texts are as they came. */
export interface Bundle {
  readonly title: string;
  readonly documents: readonly BundledDocument[];
  readonly checkpoints: readonly { readonly file: DocumentFile; readonly revision: number; readonly title: string }[];
  readonly runs: readonly (Omit<BundleManifest['runs'][number], 'file' | 'curve'> & {
    readonly json: string;
    readonly curve: ScheduleCurve | null;
  })[];
  readonly candidates: readonly BundledCandidate[];
  readonly studies: readonly BundledStudy[];
  readonly crossovers: readonly BundledCrossover[];
  readonly files: readonly (Omit<BundleManifest['files'][number], 'file'> & {
    readonly offset: number;
    readonly size: number;
  })[];
}

/** Whether a file begins as a bundle does. */
export function isBundle(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** Codes `bundle.*`. Reads the source; makes nothing. */
export function readBundle(source: ByteSource): Result<Bundle, Problem> {
  const entries = readZip(source, BUNDLE_LIMITS);
  if (!entries.ok) return entries;
  const parts = new Parts(source, entries.value);
  try {
    const manifest = parts.read(MANIFEST, manifestSchema);
    const histories = new Map(manifest.histories.map(({ file, document }) => [document, file]));
    if (histories.size !== manifest.histories.length) refuse('The bundle has two histories of one document');
    const documents = manifest.documents.map(({ file, revision }): BundledDocument => {
      const read = parts.read(file, documentFileSchema);
      const kept = histories.get(read.id);
      const history = kept === undefined ? null : parts.read(kept, historySchema);
      const fault = history && historyFault(read, history);
      if (fault !== null) refuse(`The undo history of ${read.title} in the bundle does not hold together: ${fault}`);
      return { file: read, revision, history };
    });
    const kinds = new Map(documents.map(({ file }) => [file.id, file.kind]));
    if (kinds.size !== documents.length) refuse('Two documents of the bundle have the same id');
    const known = (id: string) => kinds.get(id) ?? refuse('The bundle refers to a document it does not contain');
    const bundle: Bundle = {
      title: manifest.title,
      documents,
      checkpoints: manifest.checkpoints.map(({ file, document, revision, title }) => {
        const read = parts.read(file, documentFileSchema);
        if (read.id !== document) refuse('A checkpoint of the bundle is of another document');
        known(document);
        return { file: read, revision, title };
      }),
      runs: manifest.runs.map(({ file, curve, ...run }) => ({
        ...run,
        json: parts.text(file),
        curve: curve === null ? null : parts.read(curve, curveSchema),
      })),
      candidates: manifest.candidates.map(({ file }) => {
        const candidate = parts.read(file, candidateSchema);
        known(candidate.model.document);
        return candidate;
      }),
      studies: manifest.studies.map(({ file }) => {
        const study = parts.read(file, studyFileSchema);
        if (!study.points.every((point, at) => point.index === at && isChoice(study.spec, point.choice)))
          refuse('A study of the bundle has points outside the values it sweeps');
        return study;
      }),
      crossovers: manifest.crossovers.map(({ file }) => {
        const kept = parts.read(file, crossoverFileSchema);
        if (known(kept.tasks) !== 'tasks' || known(kept.fabric) !== 'fabric' || kept.study.variant !== kept.variant)
          refuse('A crossover map of the bundle does not match its documents');
        return kept;
      }),
      files: manifest.files.map(({ file, ...kept }) => {
        known(kept.document);
        const entry = parts.take(file);
        if (!entry.isStored) refuse('A copy of a model file in the bundle is packed');
        return { ...kept, offset: entry.offset, size: entry.size };
      }),
    };
    parts.finish();
    return ok(bundle);
  } catch (error) {
    if (error instanceof BundleError) return err(error.problem);
    throw error;
  }
}

function refuse(message: string, code = 'shape'): never {
  throw new BundleError(problem(`bundle.${code}`, message));
}

/** Entries taken one by one, each once. */
class Parts {
  readonly #source: ByteSource;
  readonly #left: Map<string, ZipEntry>;

  constructor(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>) {
    this.#source = source;
    this.#left = new Map(entries);
  }

  take(name: string): ZipEntry {
    const entry = this.#left.get(name);
    if (!entry) return refuse(`The bundle has no ${name}, or uses it twice`);
    this.#left.delete(name);
    return entry;
  }

  text(name: string): string {
    const entry = this.take(name);
    if (entry.size > BUNDLE_LIMITS.entryBytes) refuse(`${name} of the bundle is too large`, 'size');
    const bytes = unzip(this.#source, entry);
    if (!bytes.ok) throw new BundleError(bytes.error);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.value);
    } catch {
      return refuse(`${name} of the bundle is not UTF-8`, 'damaged');
    }
  }

  read<T>(name: string, schema: z.ZodType<T>): T {
    const text = this.text(name);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return refuse(`${name} of the bundle is not JSON`, 'damaged');
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    return refuse(`${name} of the bundle does not hold what it should ${shapeFault(parsed.error).said}`);
  }

  finish(): void {
    const [first] = this.#left.keys();
    if (first !== undefined) refuse(`The bundle holds ${first}, which its manifest does not list`);
  }
}

/** A run of a bundle, checked or simulated again by whoever may. */
export interface CheckedRun {
  readonly run: Omit<NewRun, 'inputs'>;
  readonly sort: RunSort;
  readonly finished: FinishedRun;
  readonly curve: ScheduleCurve | null;
}

/** All but the runs' texts. */
export type BundleContents = Omit<Bundle, 'runs'> & { readonly runs: readonly CheckedRun[] };

/** Fills a new, empty project. @param source the bundle, for the copies of model files. */
export async function fillProject(
  project: Project,
  contents: BundleContents,
  source: ByteSource,
): Promise<Result<null, Problem>> {
  for (const { file, revision, history } of contents.documents) {
    const made = project.documents.create(file, revision, history ?? undefined);
    if (!made.ok) return made;
  }
  for (const { file, revision, title } of contents.checkpoints) {
    const made = project.checkpoints.insert(fromFile(file), revision, title);
    if (!made.ok) return made;
  }
  for (const { run, sort, finished, curve } of contents.runs) {
    const { id } = project.runs.import(run, sort, finished);
    if (curve) project.runs.saveCurve(id, curve);
  }
  for (const candidate of contents.candidates) {
    const made = project.candidates.insert(candidate);
    if (!made.ok) return made;
  }
  for (const { spec, planned, reused, points, ...inputs } of contents.studies) {
    const metrics = studyMetrics(spec.kind, spec.fidelity);
    const { id } = project.studies.insert({ spec, metrics, planned, inputs });
    project.studies.advance(id, { points, done: points.length, state: null, reused });
    project.studies.setState(id, 'done', null);
  }
  for (const { tasks, fabric, variant, ...kept } of contents.crossovers)
    project.crossovers.save({ tasks, fabric, variant }, kept);
  for (const { document, name, offset, size, shapes, values } of contents.files) {
    const part: ByteSource = { size, read: (at, length) => source.read(offset + at, Math.min(length, size - at)) };
    const kept = await project.files.keep(document, name, part, {
      ...(shapes && { shapes }),
      ...(values && { values }),
    });
    if (!kept.ok) return kept;
  }
  return ok(null);
}

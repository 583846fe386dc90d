/** `weft diff`: what differs between documents in what they are, not in how their files are written. */
import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { presetById } from '#core/architecture/presets.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type Change, changesOf, diffWords } from '#core/diff/changes.ts';
import { countChanges, diffDocuments } from '#core/diff/diff.ts';
import { type Document, fromFile, KIND_WORDS } from '#core/document/document.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { type Command, printProblems } from './command.ts';
import { choicesOf, loadDocument, loadFiles, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';

/** As `diff` of the shell has them. */
const EQUAL = 0;
const DIFFERS = 1;
const TROUBLE = 2;

export const diffCommand: Command = {
  name: 'diff',
  positionals: ['A', 'B'],
  summary: 'Compares two documents or projects by structure: what was added, removed, changed.',
  details: `A and B are projects (.weft or a folder), document files, model files or presets. PROJECT#DOCUMENT is one document of a
project, by id or title, PROJECT#DOCUMENT@CHECKPOINT its state at a checkpoint. Revisions of one document are matched by
node, others by name and by structure. Where a side is one document, the other's of the same id is taken, or its only one
of the same kind; projects are compared document by document. Places on the drawing are no difference.
With --json: {equal, documents: [{kind, title, state, summary, changes: [{kind, subject, title, detail}]}]};
state is equal, changed, added or removed.`,
  exitCodes: '0 equal, 1 different, 2 wrong usage or a side that cannot be read',
  options: {
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([first = '', second = ''], options, io) {
    const choices = choicesOf(options);
    const [a, b] = [sideOf(first, choices), sideOf(second, choices)];
    if (!a.ok || !b.ok) return trouble([a, b].flatMap((side) => (side.ok ? [] : [side.error])));
    const pairs = paired(a.value, b.value);
    if (!pairs.ok) return trouble([pairs.error]);
    const documents = pairs.value.map(compared);
    const isEqual = documents.every(({ state }) => state === 'equal');
    if (options.json) io.out(JSON.stringify({ equal: isEqual, documents }));
    else for (const document of documents) io.out(readable(document));
    return isEqual ? EQUAL : DIFFERS;

    function trouble(problems: readonly Problem[]): number {
      printProblems(problems, io);
      return TROUBLE;
    }
  },
};

interface Side {
  /** As it was given. */
  readonly source: string;
  /** Never empty. */
  readonly documents: readonly Document[];
  /** Named or the only one a file can hold, not all of a project. */
  readonly isOne: boolean;
}

type Pair = readonly [Document, Document] | readonly [Document, null] | readonly [null, Document];

interface Compared {
  readonly kind: Document['kind'];
  readonly title: string;
  readonly state: 'equal' | 'changed' | 'added' | 'removed';
  readonly summary: string;
  readonly changes: readonly Pick<Change, 'kind' | 'subject' | 'title' | 'detail'>[];
}

function sideOf(source: string, choices: ReturnType<typeof choicesOf>): Result<Side, Problem> {
  const one = (document: Document): Result<Side, Problem> => ok({ source, documents: [document], isOne: true });
  const at = source.lastIndexOf('#');
  if (!existsSync(source)) {
    if (at > 0 && existsSync(source.slice(0, at))) {
      const found = documentIn(source.slice(0, at), source.slice(at + 1));
      return found.ok ? one(found.value) : found;
    }
    const preset = presetById(source);
    if (preset) return one(preset.build(preset.id));
  } else if (isProject(source)) {
    const files = loadFiles(source);
    if (!files.ok) return files;
    if (files.value.length === 0)
      return err(problem('project.empty', `${source} holds no document`, { where: { file: source } }));
    return ok({ source, documents: files.value.map(fromFile), isOne: false });
  }
  const loaded = loadDocument(source, choices);
  return loaded.ok ? one(loaded.value.model) : loaded;
}

const isProject = (path: string) => statSync(path).isDirectory() || extname(path).toLowerCase() === PROJECT_EXTENSION;

/** `DOCUMENT` or `DOCUMENT@CHECKPOINT` of a project; a title may have an @ of its own. */
function documentIn(path: string, name: string): Result<Document, Problem> {
  const files = loadFiles(path);
  if (!files.ok) return files;
  const whole = named(files.value, name);
  if (whole) return ok(fromFile(whole));
  const at = name.lastIndexOf('@');
  const document = at > 0 ? named(files.value, name.slice(0, at)) : undefined;
  if (document) return checkpointIn(path, document.id, name.slice(at + 1));
  const titles = files.value.map(({ title }) => title).join(', ');
  return err(
    problem('document.missing', `${path} has no document '${name}', but: ${titles || 'none'}`, {
      where: { file: path },
    }),
  );
}

function checkpointIn(path: string, document: string, name: string): Result<Document, Problem> {
  if (extname(path).toLowerCase() !== PROJECT_EXTENSION)
    return err(
      problem('checkpoint.missing', `Checkpoints are in ${PROJECT_EXTENSION} files only`, { where: { file: path } }),
    );
  const project = openProject(path);
  if (!project.ok) return project;
  try {
    const known = project.value.checkpoints.list(document);
    // Of several with the same title the last.
    const found = named(known.toReversed(), name);
    if (found) {
      const file = project.value.checkpoints.file(found.id);
      return file.ok ? ok(fromFile(file.value)) : file;
    }
    const titles = known.map(({ title }) => title).join(', ');
    return err(
      problem('checkpoint.missing', `There is no checkpoint '${name}', but: ${titles || 'none'}`, {
        where: { file: path, document },
      }),
    );
  } finally {
    project.value.close();
  }
}

function named<T extends { readonly id: string; readonly title: string }>(
  all: readonly T[],
  name: string,
): T | undefined {
  return all.find(({ id }) => id === name) ?? all.find(({ title }) => title === name);
}

/** Which document is compared with which, in the order of the second side, what is only in the first at the end. */
function paired(a: Side, b: Side): Result<readonly Pair[], Problem> {
  if (a.isOne && b.isOne) return sameKind(a.documents[0]!, b.documents[0]!);
  if (a.isOne) {
    const other = counterpart(a.documents[0]!, b);
    return other.ok ? ok([[a.documents[0]!, other.value]]) : other;
  }
  if (b.isOne) {
    const other = counterpart(b.documents[0]!, a);
    return other.ok ? ok([[other.value, b.documents[0]!]]) : other;
  }
  const left = new Set(a.documents);
  const partners = new Map<Document, Document>();
  const rules: readonly ((from: Document, to: Document) => boolean)[] = [
    (from, to) => from.id === to.id,
    (from, to) => from.title === to.title,
    (from, to) => isOnlyOfItsKind(from, a) && isOnlyOfItsKind(to, b),
  ];
  for (const isSame of rules) {
    for (const to of b.documents) {
      if (partners.has(to)) continue;
      const from = [...left].find((one) => one.kind === to.kind && isSame(one, to));
      if (!from) continue;
      partners.set(to, from);
      left.delete(from);
    }
  }
  return ok([
    ...b.documents.map((to): Pair => {
      const from = partners.get(to);
      return from ? [from, to] : [null, to];
    }),
    ...[...left].map((from): Pair => [from, null]),
  ]);
}

const isOnlyOfItsKind = ({ kind }: Document, { documents }: Side) =>
  documents.filter((other) => other.kind === kind).length === 1;

function sameKind(a: Document, b: Document): Result<readonly Pair[], Problem> {
  if (a.kind === b.kind) return ok([[a, b]]);
  return err(
    problem(
      'diff.kinds',
      `${a.title} is ${KIND_WORDS[a.kind]} and ${b.title} ${KIND_WORDS[b.kind]}: nothing to compare`,
    ),
  );
}

function counterpart(document: Document, { source, documents }: Side): Result<Document, Problem> {
  const ofKind = documents.filter(({ kind }) => kind === document.kind);
  const found = ofKind.find(({ id }) => id === document.id) ?? (ofKind.length === 1 ? ofKind[0] : undefined);
  if (found) return ok(found);
  const titles = ofKind.map(({ title }) => title).join(', ');
  const message =
    ofKind.length === 0
      ? `${source} holds no document of the kind of ${document.title}`
      : `${source} holds several documents to compare with ${document.title}: say which with #, one of ${titles}`;
  return err(problem('diff.which', message, { where: { file: source } }));
}

function compared([a, b]: Pair): Compared {
  if (a === null) return lone(b, 'added');
  if (b === null) return lone(a, 'removed');
  const diff = diffDocuments(a, b);
  const changes = changesOf(diff, a, b)
    .filter(({ kind }) => kind !== 'moved')
    .map(({ kind, subject, title, detail }) => ({ kind, subject, title, detail }));
  const state = countChanges(diff) === 0 ? 'equal' : 'changed';
  return { kind: b.kind, title: b.title, state, summary: diffWords(diff), changes };
}

function lone({ kind, title }: Document, state: 'added' | 'removed'): Compared {
  return { kind, title, state, summary: `Document ${state}`, changes: [] };
}

const MARKS = { added: '+', removed: '−', changed: '~', moved: ' ' } as const;

function readable({ title, summary, changes }: Compared): string {
  const lines = changes.map((one) => `  ${MARKS[one.kind]} ${one.title}${one.detail === '' ? '' : `: ${one.detail}`}`);
  return [`${title}: ${summary}`, ...lines].join('\n');
}

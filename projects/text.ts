/**
 * The text form of a project for version control: a folder with project.json and one file per document, one record
 * a line, members sorted, so that a small change is a small diff. The shipped examples are such folders.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '#core/base/canonical.ts';
import { notJson } from '#core/base/json-fault.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { shapeFault } from '#core/base/shape-fault.ts';
import { documentFileSchema } from '#core/contract/schemas.ts';
import type { DocumentFile } from '#core/document/document.ts';
import { fileProblem, writeFileAtomic } from './atomic-file.ts';
import { readGranted } from './granted-file.ts';
import { fileSlug } from './id.ts';

export interface TextProject {
  readonly title: string;
  readonly summary: string;
  readonly documents: readonly DocumentFile[];
}

const projectFile = 'project.json';
const projectSchema = z.strictObject({
  format: z.literal('weft-project/1'),
  title: z.string().min(1).max(200),
  summary: z.string().max(4096),
  // Names, never paths: what a project reads lies in its own folder.
  documents: z.array(z.string().regex(/^[\p{Letter}\p{Number}][\p{Letter}\p{Number}._-]*\.json$/u)).max(1000),
});

/** True when `path` is a folder in the text form. */
export function isTextProject(path: string): boolean {
  return existsSync(join(path, projectFile));
}

/** Reads files that lie in the folder itself, and no other: links are refused. */
export function loadTextProject(folder: string): Result<TextProject, Problem> {
  const head = readPart(folder, projectFile, projectSchema);
  if (!head.ok) return head;
  const documents: DocumentFile[] = [];
  for (const name of head.value.documents) {
    const file = readPart(folder, name, documentFileSchema);
    if (!file.ok) return file;
    documents.push(file.value);
  }
  return ok({ title: head.value.title, summary: head.value.summary, documents });
}

/** A document in a file of its own; the problem names file and member when it is not one. */
export function readDocumentFile(path: string): Result<DocumentFile, Problem> {
  return readJson(path, documentFileSchema);
}

/** Writes project.json last, so that a folder that can be loaded is whole. */
export function saveTextProject(folder: string, project: TextProject): Result<null, Problem> {
  const names = new Set<string>();
  for (const document of project.documents) {
    const slug = fileSlug(document.title).toLowerCase();
    let name = `${slug}.json`;
    for (let i = 2; names.has(name) || name === projectFile; i++) name = `${slug}-${i}.json`;
    names.add(name);
    const written = writeFileAtomic(join(folder, name), formatDocument(document));
    if (!written.ok) return written;
  }
  const { title, summary } = project;
  const head = { format: 'weft-project/1', title, summary, documents: [...names] };
  return writeFileAtomic(join(folder, projectFile), `${JSON.stringify(head, null, 2)}\n`);
}

export function formatDocument({ nodes, links, ...head }: DocumentFile): string {
  const members = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const list = (name: string, records: readonly unknown[]) =>
    `  "${name}": [${records.map((record) => `\n    ${canonicalJson(record)}`).join(',')}${records.length > 0 ? '\n  ' : ''}]`;
  return `{\n${[...members, list('nodes', nodes), list('links', links)].join(',\n')}\n}\n`;
}

export interface TextProjectEntry {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
}

/** The text projects directly inside `folder`, by slug; what does not parse is left out. */
export function listTextProjects(folder: string): readonly TextProjectEntry[] {
  if (!existsSync(folder)) return [];
  const entries: TextProjectEntry[] = [];
  for (const slug of readdirSync(folder).sort()) {
    if (!isTextProject(join(folder, slug))) continue;
    const head = readPart(join(folder, slug), projectFile, projectSchema);
    if (head.ok) entries.push({ slug, title: head.value.title, summary: head.value.summary });
  }
  return entries;
}

const TEXT_LIMIT = 256 * 1024 * 1024;

function readPart<T>(folder: string, name: string, schema: z.ZodType<T>): Result<T, Problem> {
  const text = readGranted(folder, name, TEXT_LIMIT);
  return text.ok ? parsed(join(folder, name), text.value, schema) : text;
}

/** Of a file that was picked itself, wherever it leads. */
function readJson<T>(path: string, schema: z.ZodType<T>): Result<T, Problem> {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > TEXT_LIMIT)
      return err(
        problem('file.too-large', `${path} is too large to be a document`, { facts: { size, limit: TEXT_LIMIT } }),
      );
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return err(fileProblem('file.unreadable', `${path} could not be read`, path, error));
  }
  return parsed(path, text, schema);
}

function parsed<T>(path: string, text: string, schema: z.ZodType<T>): Result<T, Problem> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    const found = notJson('file.not-json', text, path);
    return err({ ...found, where: { ...found.where, file: path } });
  }
  const checked = schema.safeParse(content);
  if (checked.success) return ok(checked.data);
  const { at, said } = shapeFault(checked.error);
  return err(
    problem('file.wrong-shape', `${path} does not hold what it should ${said}`, {
      where: { file: path },
      facts: { at, issues: checked.error.issues.length },
    }),
  );
}

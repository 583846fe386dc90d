/**
 * Timeloop's input files as plain values: YAML (or JSON, which is YAML) whose top-level keys are put together over all
 * files, the later file's where two have one. A tag such as !Component is kept under the key `!`; hyphens in keys become underscores.
 */
import { parseDocument, visit } from 'yaml';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

export type Record_ = Readonly<Record<string, unknown>>;

export const LARGEST_FILE = 16 * 2 ** 20;

export function readFiles(files: readonly TextFile[]): Result<Record_, Problem> {
  const root: Record<string, unknown> = {};
  for (const { name, text } of files) {
    const fault = (code: string, message: string): Result<never, Problem> =>
      err(problem(`timeloop.${code}`, `${name}: ${message}`, { where: { file: name } }));
    if (text.length > LARGEST_FILE) return fault('too-large', `larger than ${LARGEST_FILE / 2 ** 20} MiB`);
    if (/\{\{|\{%/.test(text)) return fault('template', 'a Jinja template; let the Timeloop front-end expand it first');
    const value = parseYaml(text);
    if (typeof value === 'string') return fault('syntax', value);
    const parts = partsOf(value.value);
    if (parts === null) return fault('syntax', 'neither a map of architecture, problem, mapping … nor one of them');
    Object.assign(root, parts);
  }
  return ok(root);
}

/** A file may be one part by itself, or hold the parts under `input`. */
function partsOf(value: unknown): Record_ | null {
  if (Array.isArray(value)) return { mapping: value };
  if (!isRecord(value)) return null;
  if (isRecord(value.input)) return { ...value, ...value.input };
  const has = (...keys: readonly string[]): boolean => keys.some((key) => value[key] !== undefined);
  if (has('architecture', 'arch', 'problem', 'mapping', 'ERT', 'ERT_summary')) return value;
  if (has('subtree', 'nodes', 'storage')) return { architecture: value };
  return has('shape') ? { problem: value } : value;
}

function parseYaml(text: string): { readonly value: unknown } | string {
  try {
    const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
    const [first] = document.errors;
    if (first) return first.message;
    visit(document, {
      Map(_key, node) {
        const { tag } = node;
        if (tag?.startsWith('!') && !tag.startsWith('!!')) node.add({ key: '!', value: tag.slice(1) });
      },
    });
    return { value: normalised(document.toJS({ maxAliasCount: 1000 }), 0) };
  } catch (cause) {
    // Aliases without end, or nesting deeper than the stack.
    return cause instanceof Error ? cause.message : 'not YAML';
  }
}

function normalised(value: unknown, depth: number): unknown {
  if (depth > 100) throw new Error('nested more than 100 deep');
  if (Array.isArray(value)) return value.map((item) => normalised(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replaceAll('-', '_'), normalised(item, depth + 1)]),
  );
}

export function isRecord(value: unknown): value is Record_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of a list; one thing is a list of one, nothing is an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

/** The first of the keys that is there. */
export function pick(record: Record_, ...keys: readonly string[]): unknown {
  for (const key of keys) if (record[key] !== undefined && record[key] !== null) return record[key];
  return undefined;
}

/** Thrown inside the importer with what is wrong with a file; its entry points turn it into a value. */
export class Unreadable extends Error {
  readonly problem: Problem;
  constructor(code: string, message: string, facts: Readonly<Record<string, number | string>> = {}) {
    super(message);
    this.problem = problem(`timeloop.${code}`, message, { facts });
  }
}

/** A number under one of the keys, null when none is there. Expressions are refused, not guessed. */
export function numberAt(owner: string, record: Record_, ...keys: readonly string[]): number | null {
  const value = pick(record, ...keys);
  if (value === undefined || value === '' || value === 'null') return null;
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) {
    if (typeof value === 'string' && /^\.?inf(inity)?$/i.test(value)) return Infinity;
    throw new Unreadable('number', `${owner}: ${keys[0]} is ${JSON.stringify(value)}, not a number`, {
      owner,
      key: keys[0]!,
    });
  }
  return number;
}

export function countAt(owner: string, record: Record_, ...keys: readonly string[]): number | null {
  const value = numberAt(owner, record, ...keys);
  if (value !== null && !(Number.isSafeInteger(value) && value >= 0))
    throw new Unreadable('number', `${owner}: ${keys[0]} is ${value}, not a whole number`, { owner, key: keys[0]! });
  return value;
}

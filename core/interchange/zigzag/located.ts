/**
 * YAML as values that know their line, so that an error can say where. Keys given twice keep the last value, as PyYAML
 * does, and are listed. Bounded in size, depth and count: a hostile file gives an error, never an exception.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { err, ok, type Result } from '#core/base/result.ts';

export type Located =
  | { readonly kind: 'scalar'; readonly line: number; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Located[] }
  | { readonly kind: 'map'; readonly line: number; readonly entries: ReadonlyMap<string, Located> };

export interface Fault {
  /** From 1; null where the fault is of the whole file. */
  readonly line: number | null;
  readonly message: string;
}

export interface Read {
  readonly root: Located;
  /** Keys given more than once in one map, with the line of the repetition. */
  readonly repeated: readonly { readonly key: string; readonly line: number }[];
}

export const LARGEST_FILE = 2 ** 20;
const DEEPEST = 32;
const MOST_NODES = 100_000;

export function readYaml(text: string): Result<Read, Fault> {
  if (text.length > LARGEST_FILE)
    return err({ line: null, message: `the file has more than ${LARGEST_FILE} characters` });
  try {
    const lines = new LineCounter();
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [first] = document.errors;
    if (first) return err({ line: lines.linePos(first.pos[0]).line || 1, message: `not YAML: ${first.message}` });
    const repeated: Read['repeated'][number][] = [];
    let nodes = 0;
    const walk = (node: unknown, depth: number, above: number): Result<Located, Fault> => {
      const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
      const line = Array.isArray(range) && typeof range[0] === 'number' ? lines.linePos(range[0]).line : above;
      if (depth > DEEPEST) return err({ line, message: `nested more than ${DEEPEST} deep` });
      if (++nodes > MOST_NODES) return err({ line, message: `more than ${MOST_NODES} values` });
      if (isAlias(node)) {
        const target = node.resolve(document);
        return target ? walk(target, depth + 1, line) : err({ line, message: 'an alias to nothing' });
      }
      if (isMap(node)) {
        const entries = new Map<string, Located>();
        for (const { key, value } of node.items) {
          if (!isScalar(key)) return err({ line, message: 'a key that is not plain text' });
          const at = key.range ? lines.linePos(key.range[0]).line : line;
          const name = String(key.value);
          if (entries.has(name)) repeated.push({ key: name, line: at });
          const made = walk(value, depth + 1, at);
          if (!made.ok) return made;
          // What is wrong with a value is looked for at its key.
          entries.set(name, { ...made.value, line: at });
        }
        return ok({ kind: 'map', line, entries });
      }
      if (isSeq(node)) {
        const items: Located[] = [];
        for (const item of node.items) {
          const made = walk(item, depth + 1, line);
          if (!made.ok) return made;
          items.push(made.value);
        }
        return ok({ kind: 'list', line, items });
      }
      const value: unknown = isScalar(node) ? node.value : null;
      const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return ok({ kind: 'scalar', line, value: isPlain ? value : value === null ? null : String(value) });
    };
    const root = walk(document.contents, 0, 1);
    return root.ok ? ok({ root: root.value, repeated }) : root;
  } catch (cause) {
    // The parser recurses: nesting deeper than the stack ends here.
    return err({ line: null, message: `not YAML: ${cause instanceof Error ? cause.message : 'unreadable'}` });
  }
}

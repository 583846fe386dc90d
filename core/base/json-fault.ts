/** Where a text stops being JSON (RFC 8259), in one pass and without recursion, whatever its depth: parsers do not say. */
import { type Problem, problem } from './problem.ts';

export interface JsonFault {
  /** Into the text, its length where it ends too early. */
  readonly at: number;
  /** What would have to be there. */
  readonly due: string;
}

type Due = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | 'more' | 'nothing';

const SAID: Readonly<Record<Exclude<Due, 'more'>, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  name: 'a name in quotes',
  'name or }': 'a name in quotes or }',
  ':': 'a colon',
  nothing: 'nothing more',
};
const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * The problem of a text that is not JSON; `where` has byte (of its UTF-8) and line.
 * @param subject what is read, where the message is to say it: `model.json`.
 */
export function notJson(code: string, text: string, subject = ''): Problem {
  const { at, due } = jsonFault(text) ?? { at: text.length, due: 'less' };
  const before = text.slice(0, at);
  const byteOffset = new TextEncoder().encode(before).length;
  const line = before.split('\n').length;
  const there = at < text.length ? JSON.stringify(text[at]) : 'the end';
  const what = subject === '' ? 'Not JSON' : `${subject} is not JSON`;
  return problem(code, `${what} at byte ${byteOffset}, line ${line}: ${there} where ${due} should be`, {
    where: { byteOffset, line },
  });
}

/** Null where the text is JSON. */
export function jsonFault(text: string): JsonFault | null {
  /** What closes each object and list that is open. */
  const open: ('}' | ']')[] = [];
  let due: Due = 'value';
  let at = 0;
  for (;;) {
    at = endOf(SPACE, text, at);
    const next = text[at];
    const closing = open[open.length - 1];
    if (next === undefined && due === 'nothing') return null;
    if (next !== undefined && next === closing && (due === 'more' || due.endsWith(closing))) {
      open.pop();
      at++;
      due = open.length === 0 ? 'nothing' : 'more';
      continue;
    }
    if (due === 'more' && next === ',') {
      at++;
      due = closing === '}' ? 'name' : 'value';
    } else if (due === ':' && next === ':') {
      at++;
      due = 'value';
    } else if (due.startsWith('name') && next === '"') {
      const end = endOfText(text, at);
      if (typeof end !== 'number') return end;
      at = end;
      due = ':';
    } else if (due.startsWith('value') && (next === '{' || next === '[')) {
      open.push(next === '{' ? '}' : ']');
      at++;
      due = next === '{' ? 'name or }' : 'value or ]';
    } else if (due.startsWith('value')) {
      const end = next === '"' ? endOfText(text, at) : endOf(WORD, text, at);
      if (typeof end !== 'number') return end;
      if (end === at) return { at, due: SAID[due as 'value'] };
      at = end;
      due = open.length === 0 ? 'nothing' : 'more';
    } else return { at, due: due === 'more' ? `a comma or ${closing}` : SAID[due] };
  }
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** After the closing quote of the text in quotes that begins here. */
function endOfText(text: string, from: number): number | JsonFault {
  let at = from + 1;
  for (;;) {
    const next = text[at];
    if (next === '"') return at + 1;
    if (next === undefined) return { at, due: 'a closing quote' };
    if (next < ' ') return { at, due: 'an escape for this control character' };
    if (next !== '\\') {
      at++;
      continue;
    }
    const end = endOf(ESCAPE, text, at);
    if (end === at) return { at, due: 'one of the escapes of JSON' };
    at = end;
  }
}

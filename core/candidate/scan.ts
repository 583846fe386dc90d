/** One line of a candidate as tokens with their columns. */

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign' | 'unknown' | 'end';
  /** A word, digits, the text inside quotes, or a sign. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const SPACE = /[ \t\r]*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/y;
const NUMBER = /[0-9]+/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const SIGN = /[:.@+/]/y;

/** Ends with a token of kind 'end'; `#` outside of quotes begins a comment. What is no token is 'unknown' and ends the line. */
export function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  for (;;) {
    take(SPACE);
    const column = at + 1;
    if (at >= line.length || line[at] === '#') {
      tokens.push({ kind: 'end', text: '', column });
      return tokens;
    }
    const token = next(take);
    tokens.push(token ? { ...token, column } : { kind: 'unknown', text: line[at]!, column });
    if (!token) {
      tokens.push({ kind: 'end', text: '', column: column + 1 });
      return tokens;
    }
  }
}

function next(take: (pattern: RegExp) => string | null): Omit<Token, 'column'> | null {
  const word = take(WORD);
  if (word !== null) return { kind: 'word', text: word };
  const number = take(NUMBER);
  if (number !== null) return { kind: 'number', text: number };
  const sign = take(SIGN);
  if (sign !== null) return { kind: 'sign', text: sign };
  const quoted = take(TEXT);
  if (quoted === null) return null;
  const text = unquoted(quoted);
  return text === null ? { kind: 'unknown', text: quoted } : { kind: 'text', text };
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

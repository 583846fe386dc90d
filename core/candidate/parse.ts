/**
 * Reads a candidate. Grammar in the README. A fault is one problem, `candidate.text` or `candidate.budget`, with line and
 * column and what was expected there; time is linear in the text, whose length is bounded.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Axis } from '#core/compile/unit-model.ts';
import {
  type Alias,
  type Blocks,
  CANDIDATE_HEADER,
  type Candidate,
  type CommandLine,
  LONGEST_CANDIDATE,
  MOST_COMMANDS,
  OPERAND_PLACES,
  type OperandLine,
  RESULT_PLACES,
  type Reference,
  type ResultLine,
  type Span,
  type TextPlace,
  type TilingLine,
} from './candidate.ts';
import { type Token, tokensOf } from './scan.ts';

const AXES = ['g', 'm', 'n', 'k'] as const;
const DATAFLOWS = ['os', 'ws', 'is'] as const;
const HEADS = ['kernel', 'unit', 'dma', 'channel', 'tile', 'chunks', 'operand', 'weights', 'result'] as const;
const COMMANDS = ['load', 'execute', 'store'] as const;
/** Dependencies of one command. */
const MOST_AFTER = 256;

/** Thrown inside of this file alone. */
class Fault extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.message);
    this.problem = found;
  }
}

export function textProblem(code: string, { line, column }: TextPlace, message: string): Problem {
  return problem(`candidate.${code}`, `Line ${line}, column ${column}: ${message}`, { facts: { line, column } });
}

export function parseCandidate(text: string): Result<Candidate, Problem> {
  if (text.length > LONGEST_CANDIDATE)
    return err(
      problem('candidate.budget', `The text has ${text.length} characters; ${LONGEST_CANDIDATE} are read`, {
        facts: { length: text.length, bound: LONGEST_CANDIDATE },
      }),
    );
  try {
    return ok(new Parser(text).candidate());
  } catch (cause) {
    if (cause instanceof Fault) return err(cause.problem);
    throw cause;
  }
}

class Parser {
  readonly #text: string;
  #line = 0;
  #tokens: readonly Token[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  candidate(): Candidate {
    const units: Alias[] = [];
    const dmas: Alias[] = [];
    const channels: Alias[] = [];
    const operands: OperandLine[] = [];
    const results: ResultLine[] = [];
    const commands: CommandLine[] = [];
    let kernel: Reference | null = null;
    let tiling: TilingLine | null = null;
    let weights: Reference | null = null;
    let isBegun = false;
    for (const line of this.#lines()) {
      this.#tokens = tokensOf(line);
      this.#at = 0;
      const { kind, text: word } = this.#next;
      if (kind === 'end') continue;
      if (!isBegun) {
        this.#header();
        isBegun = true;
        continue;
      }
      const head = HEADS.find((each) => each === word);
      // A label may be called as a line of the head is.
      const isCommand = head === undefined || this.#isLabel();
      const at = this.#place;
      if (!isCommand) {
        if (commands.length > 0) this.#fail(`one of ${COMMANDS.join(', ')} (names come before the first command)`);
        this.#at++;
      }
      switch (isCommand ? 'command' : head) {
        case 'kernel':
          if (kernel) this.#refuse('text', at, 'the kernel is named twice');
          kernel = { name: this.#quoted('the name of the kernel in quotes'), at };
          break;
        case 'unit':
          units.push(this.#alias('unit'));
          break;
        case 'dma':
          dmas.push(this.#alias('DMA engine'));
          break;
        case 'channel':
          channels.push(this.#alias('channel'));
          break;
        case 'tile':
        case 'chunks':
          if (tiling) this.#refuse('text', at, 'the tiling is given twice');
          tiling =
            head === 'tile' ? this.#tile(at) : { kind: 'chunks', chunks: this.#count('a number of chunks', 1), at };
          break;
        case 'operand':
          operands.push({ ...this.#alias('operand'), place: this.#choice(OPERAND_PLACES) });
          break;
        case 'weights':
          if (weights) this.#refuse('text', at, 'the weights are named twice');
          weights = this.#name('a name for the weights');
          break;
        case 'result':
          results.push({ ...this.#alias('result'), place: this.#choice(RESULT_PLACES) });
          break;
        default:
          if (commands.length === MOST_COMMANDS)
            this.#refuse('budget', at, `more than ${MOST_COMMANDS} commands are not read`);
          commands.push(this.#command());
      }
      if (this.#next.kind !== 'end') this.#fail('the end of the line');
    }
    if (!isBegun) this.#header();
    if (!kernel) return this.#missing('kernel "name"');
    if (!tiling) return this.#missing('tile m 64 n 16 k 32 dataflow ws, or chunks 4');
    if (units.length === 0) return this.#missing('unit u0 "name"');
    if (results.length === 0) return this.#missing('result y "name" off-chip');
    return { kernel, units, dmas, channels, tiling, operands, weights, results, commands };
  }

  *#lines(): Generator<string> {
    let from = 0;
    while (from <= this.#text.length) {
      const end = this.#text.indexOf('\n', from);
      this.#line++;
      yield this.#text.slice(from, end === -1 ? undefined : end);
      if (end === -1) return;
      from = end + 1;
    }
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? this.#tokens.at(-1) ?? { kind: 'end', text: '', column: 1 };
  }

  get #place(): TextPlace {
    return { line: Math.max(1, this.#line), column: this.#next.column };
  }

  #refuse(code: string, at: TextPlace, message: string): never {
    throw new Fault(textProblem(code, at, message));
  }

  #fail(expected: string): never {
    const { kind, text } = this.#next;
    const found = kind === 'end' ? 'the end of the line' : kind === 'text' ? `"${text}"` : `'${text}'`;
    const refused = textProblem('text', this.#place, `expected ${expected}, found ${found}`);
    throw new Fault({ ...refused, facts: { ...refused.facts, expected } });
  }

  #missing(line: string): never {
    this.#refuse('text', this.#place, `the text ends without a line: ${line}`);
  }

  #header(): void {
    const [name, number] = CANDIDATE_HEADER.split('/');
    const [first, slash, version] = this.#tokens;
    const isHeader = first?.text === name && slash?.text === '/' && version?.text === number;
    if (!isHeader || this.#tokens[3]?.kind !== 'end') this.#fail(`the first line '${CANDIDATE_HEADER}'`);
  }

  #isLabel(): boolean {
    const after = this.#tokens[this.#at + 1];
    return after?.kind === 'sign' && after.text === ':';
  }

  #is(kind: Token['kind'], text: string): boolean {
    return this.#next.kind === kind && this.#next.text === text;
  }

  #word(text: string): void {
    if (!this.#is('word', text)) this.#fail(`'${text}'`);
    this.#at++;
  }

  #takes(text: string): boolean {
    if (!this.#is('word', text)) return false;
    this.#at++;
    return true;
  }

  #sign(text: string): void {
    if (!this.#is('sign', text)) this.#fail(`'${text}'`);
    this.#at++;
  }

  #name(expected: string): Reference {
    const { kind, text } = this.#next;
    if (kind !== 'word' || text.length > 64) this.#fail(`${expected} (letters, digits, _ and -, at most 64)`);
    const at = this.#place;
    this.#at++;
    return { name: text, at };
  }

  #quoted(expected: string): string {
    const { kind, text } = this.#next;
    if (kind !== 'text') this.#fail(expected);
    this.#at++;
    return text;
  }

  #count(expected: string, least: number): number {
    const { kind, text } = this.#next;
    const value = Number(text);
    if (kind !== 'number' || text.length > 15 || value < least) this.#fail(expected);
    this.#at++;
    return value;
  }

  #choice<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => this.#is('word', choice));
    if (found === undefined) this.#fail(`one of ${choices.join(', ')}`);
    this.#at++;
    return found;
  }

  #alias(of: string): Alias {
    const { name: alias, at } = this.#name(`a name for the ${of}`);
    return { alias, name: this.#quoted(`the name of the ${of} in quotes`), at };
  }

  #tile(at: TextPlace): TilingLine {
    const extents: Record<Axis, number> = { g: 1, m: 1, n: 1, k: 1 };
    for (const axis of AXES) {
      if (axis === 'g' && !this.#is('word', 'g')) continue;
      this.#word(axis);
      extents[axis] = this.#count(`the extent of a tile along ${axis}, at least 1`, 1);
    }
    this.#word('dataflow');
    return { kind: 'tile', extents, dataflow: this.#choice(DATAFLOWS), at };
  }

  #command(): CommandLine {
    const at = this.#place;
    const label = this.#isLabel() ? this.#name('a label').name : null;
    if (label !== null) this.#sign(':');
    switch (this.#choice(COMMANDS)) {
      case 'load':
        return this.#load(label, at);
      case 'execute': {
        const blocks = this.#blocks();
        this.#word('on');
        return { kind: 'execute', label, at, blocks, ...this.#half(), after: this.#after() };
      }
      case 'store': {
        const result = this.#name('the name of a result');
        const blocks = this.#blocks();
        this.#word('from');
        return { kind: 'store', label, at, result, blocks, ...this.#half(), ...this.#way() };
      }
    }
  }

  #load(label: string | null, at: TextPlace): CommandLine {
    const operand = this.#name('the name of an operand or of the weights');
    if (this.#takes('elements')) {
      const elements = this.#span();
      this.#word('into');
      this.#sign('@');
      const into = this.#name('the name of the operand');
      this.#sign('+');
      const offset = this.#count('an offset in bytes', 0);
      return { kind: 'fetch', label, at, operand, elements, into, offset, ...this.#way() };
    }
    const blocks = this.#blocks();
    const positions = this.#takes('positions') ? this.#span() : null;
    this.#word('into');
    const unit = this.#name('the name of a unit');
    this.#sign('.');
    const into = this.#name('the name of the operand whose buffer it is');
    return { kind: 'load', label, at, operand, blocks, positions, unit, into, half: this.#slot(), ...this.#way() };
  }

  #blocks(): Blocks {
    const blocks: Partial<Record<Axis, number>> = {};
    for (const axis of AXES) if (this.#takes(axis)) blocks[axis] = this.#count(`a block of ${axis}, from 0`, 0);
    return blocks;
  }

  #span(): Span {
    const from = this.#count('a first number', 0);
    this.#sign(':');
    return { from, to: this.#count(`a number above ${from}`, from + 1) };
  }

  #half(): { readonly unit: Reference; readonly half: 0 | 1 } {
    return { unit: this.#name('the name of a unit'), half: this.#slot() };
  }

  #slot(): 0 | 1 {
    this.#sign('.');
    const { kind, text } = this.#next;
    if (kind !== 'number' || (text !== '0' && text !== '1')) this.#fail('the half of the buffer, 0 or 1');
    this.#at++;
    return text === '0' ? 0 : 1;
  }

  #way(): {
    readonly dma: Reference | null;
    readonly channel: Reference | null;
    readonly after: readonly Reference[];
  } {
    const dma = this.#takes('by') ? this.#name('the name of a DMA engine') : null;
    const channel = dma && this.#takes('over') ? this.#name('the name of a channel') : null;
    return { dma, channel, after: this.#after() };
  }

  #after(): readonly Reference[] {
    const after: Reference[] = [];
    if (!this.#takes('after')) return after;
    do {
      if (after.length === MOST_AFTER) this.#refuse('budget', this.#place, `a command waits for at most ${MOST_AFTER}`);
      after.push(this.#name('the label of an earlier command'));
    } while (this.#next.kind === 'word');
    return after;
  }
}

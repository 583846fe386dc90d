/** The compiler's own lowering of an operator as a candidate: where to begin from, and an example of the format. */
import type { Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Compiled } from '#core/compile/compile.ts';
import { type KernelPieces, type Pieces, tileNumbers } from '#core/compile/pieces.ts';
import { programNames } from '#core/compile/program-names.ts';
import { placesOf } from '#core/compile/residency-plan.ts';
import type { TileCounts } from '#core/compile/unit-model.ts';
import { dependenciesOf, EXECUTE, IN_BUFFER, type Program, STORE } from '#core/program/program.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import {
  type Alias,
  type Blocks,
  type Candidate,
  type CommandLine,
  LONGEST_CANDIDATE,
  MOST_COMMANDS,
  type OperandLine,
  type Reference,
  type ResultLine,
  type TilingLine,
} from './candidate.ts';
import { candidateText } from './text.ts';
import { noOperator, operatorOf } from './use.ts';

export interface TemplateRun {
  readonly compiled: Compiled;
  readonly machine: Machine;
  readonly pieces: readonly KernelPieces[];
  readonly problem: ScheduleProblem;
  readonly answer: ScheduleAnswer;
  readonly program: Program;
}

const NOWHERE = { line: 1, column: 1 } as const;
const AXES = ['g', 'm', 'n', 'k'] as const;

/** The text, with comments. Problems: `candidate.no-operator`, `candidate.budget` where it is longer than is read. */
export function candidateTemplate(run: TemplateRun, node: string): Result<string, Problem> {
  const operator = operatorOf(run.compiled.graph, node);
  if (operator === -1) return err(noOperator(node));
  const rows: number[] = [];
  for (let row = 0; row < run.program.length; row++) if (run.program.operator[row] === operator) rows.push(row);
  if (rows.length > MOST_COMMANDS) return err(tooLong('commands', rows.length, MOST_COMMANDS));
  const { graph, mapped } = run.compiled;
  const kernel = graph.operators[operator]!;
  const candidate = new Template(run, operator, rows).candidate();
  const names = programNames(run.program, graph, run.pieces, mapped);
  const tensors = new Map(
    [...kernel.inputs, ...kernel.outputs].map((id) => [graph.tensors[id]!.name, graph.tensors[id]!] as const),
  );
  const text = candidateText(candidate, {
    kernel: `${kernel.types.join(' + ')}; ${mapped[operator]!.mapping.description}`,
    alias: (alias) => {
      const line = [...candidate.operands, ...candidate.results].find((each) => each.alias === alias);
      const tensor = line && tensors.get(line.name);
      return tensor ? `${tensor.shape.join(' × ')} ${tensor.elementType}` : null;
    },
    command: (index) => names.region?.(rows[index]!) ?? null,
  });
  return text.length > LONGEST_CANDIDATE ? err(tooLong('characters', text.length, LONGEST_CANDIDATE)) : ok(text);
}

function tooLong(what: string, length: number, bound: number): Problem {
  return problem(
    'candidate.budget',
    `The compiler's lowering has ${length} ${what}; candidates have at most ${bound}`,
    {
      facts: { length, bound },
    },
  );
}

class Template {
  readonly #run: TemplateRun;
  readonly #operator: number;
  readonly #rows: readonly number[];
  readonly #operands: readonly OperandLine[];
  readonly #results: readonly ResultLine[];
  readonly #labels = new Map<number, string>();

  constructor(run: TemplateRun, operator: number, rows: readonly number[]) {
    this.#run = run;
    this.#operator = operator;
    this.#rows = rows;
    const { tensors } = run.compiled.graph;
    const step = placesOf(run.problem, run.answer).find((each) => each.operator === operator)!;
    const numbered = (letter: string, index: number, count: number) => (count === 1 ? letter : `${letter}${index}`);
    this.#operands = step.operands.map(({ tensor, interval }, index, { length }) => ({
      alias: numbered('x', index, length),
      name: tensors[tensor]!.name,
      place: interval < 0 ? 'off-chip' : 'scratchpad',
      at: NOWHERE,
    }));
    this.#results = step.results.map(({ tensor, interval, stored }, index, { length }) => ({
      alias: numbered('y', index, length),
      name: tensors[tensor]!.name,
      place: interval < 0 ? 'off-chip' : stored === 'no' ? 'scratchpad' : 'both',
      at: NOWHERE,
    }));
  }

  candidate(): Candidate {
    const { compiled, machine, pieces } = this.#run;
    const { mapping, units } = compiled.mapped[this.#operator]!;
    const { tile, counts } = mapping.loop;
    const tiling: TilingLine =
      tile && mapping.dataflow
        ? { kind: 'tile', extents: tile, dataflow: mapping.dataflow, at: NOWHERE }
        : { kind: 'chunks', chunks: counts.m, at: NOWHERE };
    this.#name();
    return {
      kernel: reference(compiled.graph.operators[this.#operator]!.name),
      units: units.map((unit): Alias => ({ alias: this.#unit(unit), name: nameOf(machine.units, unit), at: NOWHERE })),
      dmas: [],
      channels: [],
      tiling,
      operands: this.#operands,
      weights: pieces[this.#operator]!.weights ? reference('w') : null,
      results: this.#results,
      commands: this.#rows.map((row) => this.#command(row)),
    };
  }

  #unit(unit: number): string {
    return `u${this.#run.compiled.mapped[this.#operator]!.units.indexOf(unit)}`;
  }

  #bufferName(buffer: number): string {
    return this.#operands[buffer]?.alias ?? 'w';
  }

  /** Commands that others wait for have labels. */
  #name(): void {
    const { program } = this.#run;
    const own = new Set(this.#rows);
    const awaited = new Set(
      this.#rows.flatMap((row) => [...dependenciesOf(program, row)].filter((each) => own.has(each))),
    );
    const counts = new Map<string, number>();
    for (const row of this.#rows) {
      if (!awaited.has(row)) continue;
      const opcode = program.opcode[row]!;
      const isWhole = opcode !== EXECUTE && program.address[row] !== IN_BUFFER;
      const letter =
        opcode === EXECUTE
          ? 'e'
          : opcode === STORE
            ? 's'
            : isWhole
              ? `${this.#wholeName(row)}_`
              : `${this.#bufferName(program.buffer[row]!)}_`;
      const count = counts.get(letter) ?? 0;
      counts.set(letter, count + 1);
      this.#labels.set(row, `${letter}${count}`);
    }
  }

  #wholeName(row: number): string {
    const { inputs } = this.#run.compiled.graph.operators[this.#operator]!;
    return this.#bufferName(inputs.indexOf(this.#run.program.tensor[row]!));
  }

  #command(row: number): CommandLine {
    const { program, pieces, compiled } = this.#run;
    const after = [...dependenciesOf(program, row)]
      .filter((other) => this.#labels.has(other))
      .map((other) => reference(this.#labels.get(other)!));
    const line = { label: this.#labels.get(row) ?? null, after, at: NOWHERE };
    const { counts } = compiled.mapped[this.#operator]!.mapping.loop;
    const half = program.slot[row] === 0 ? 0 : 1;
    if (program.opcode[row] === EXECUTE) {
      const tile = tileNumbers(counts).at(program.tile[row]!);
      return {
        ...line,
        kind: 'execute',
        blocks: shown(tile, counts),
        unit: reference(this.#unit(program.engine[row]!)),
        half,
      };
    }
    const transfer = { ...line, dma: null, channel: null };
    if (program.address[row] !== IN_BUFFER) return { ...transfer, ...this.#fetch(row) };
    const unit = reference(this.#unit(program.unit[row]!));
    const buffer = program.buffer[row]!;
    const own = pieces[this.#operator]!;
    const index = program.tile[row]!;
    if (program.opcode[row] === STORE) {
      const blocks = blocksOf(own.results[buffer]!, index, counts);
      return { ...transfer, kind: 'store', result: reference(this.#results[buffer]!.alias), blocks, unit, half };
    }
    const all = buffer === own.operands.length ? own.weights! : own.operands[buffer]!;
    const piece = all.piece(index);
    const from = program.offset[row]!;
    const to = from + program.bytes[row]! / piece.positionBytes;
    const name = reference(this.#bufferName(buffer));
    return {
      ...transfer,
      kind: 'load',
      operand: name,
      blocks: blocksOf(all, index, counts),
      positions: from === piece.from && to === piece.to ? null : { from, to },
      unit,
      into: name,
      half,
    };
  }

  #fetch(row: number) {
    const { program, problem: instance } = this.#run;
    const tensor = instance.tensors[program.tensor[row]!]!;
    const elements = tensor.shape.reduce((total, extent) => total * extent, 1);
    const width = tensor.bytes / elements;
    const from = program.offset[row]!;
    const name = reference(this.#wholeName(row));
    return {
      kind: 'fetch',
      operand: name,
      elements: { from, to: from + program.bytes[row]! / width },
      into: name,
      offset: from * width,
    } as const;
  }
}

const reference = (name: string): Reference => ({ name, at: NOWHERE });

/** Its name, or its id where others have that name too. */
function nameOf(list: readonly { readonly node: string; readonly name: string }[], index: number): string {
  const { node, name } = list[index]!;
  return list.filter((each) => each.name === name).length > 1 ? node : name;
}

/** Axes with more than one block. */
function shown(tile: TileCounts, counts: TileCounts): Blocks {
  return Object.fromEntries(AXES.flatMap((axis) => (counts[axis] > 1 ? [[axis, tile[axis]]] : [])));
}

/** The blocks of a piece: of the axes it depends on. */
function blocksOf(pieces: Pieces, index: number, counts: TileCounts): Blocks {
  const blocks: Record<string, number> = {};
  const first = { g: 0, m: 0, n: 0, k: 0 };
  let rest = index;
  // Numbers of pieces are mixed-radix over their axes, the first slowest; a step along an axis is its weight.
  for (const axis of AXES) {
    if (counts[axis] === 1) continue;
    const weight = pieces.indexOf({ ...first, [axis]: 1 });
    if (weight === 0) continue;
    blocks[axis] = Math.floor(rest / weight);
    rest -= blocks[axis]! * weight;
  }
  return blocks;
}

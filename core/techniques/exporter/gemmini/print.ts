/** Routines as C with the public macros of gemmini.h: loops, tests and one macro a line. */
import type { Address, Expr, Instruction, Place, Routine, Statement } from './loops.ts';

const PRECEDENCE = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2 } as const;

export function expression(expr: Expr, above = 0): string {
  if (typeof expr === 'number') return expr < 0 ? `(${expr})` : String(expr);
  if (typeof expr === 'string') return expr;
  if (expr.op === 'min' || expr.op === 'max') return `weft_${expr.op}(${expression(expr.a)}, ${expression(expr.b)})`;
  const own = PRECEDENCE[expr.op];
  // The right side of −, ÷ and remainder, and of × after them, needs its own parentheses at equal rank.
  const text = `${expression(expr.a, own)} ${expr.op} ${expression(expr.b, own + 1)}`;
  return own < above ? `(${text})` : text;
}

function address(made: Address): string {
  if (made.space === 'garbage') return 'GARBAGE_ADDR';
  if (made.space === 'scratchpad') return `(uint32_t)(${expression(made.row)})`;
  const macro = made.accumulate ? 'WEFT_ACC_ADD' : made.full ? 'WEFT_ACC_FULL' : 'WEFT_ACC';
  return `${macro}(${expression(made.row)})`;
}

function place(made: Place): string {
  if (made === 'zeros') return 'NULL';
  const offset = expression(made.offset, 2);
  return offset === '0' ? made.buffer : `(${made.buffer} + ${offset})`;
}

const MVIN = ['gemmini_extended_mvin', 'gemmini_extended_mvin2', 'gemmini_extended_mvin3'] as const;

function instruction(made: Instruction): string {
  switch (made.kind) {
    case 'config-ex':
      return 'gemmini_config_ex(WEIGHT_STATIONARY, NO_ACTIVATION, 0);';
    case 'config-ld':
      return `gemmini_extended3_config_ld(${made.stride} * sizeof(${made.type}_t), MVIN_SCALE_IDENTITY, ${made.shrunk}, ${made.slot});`;
    case 'config-st':
      return `gemmini_extended_config_st(${made.stride} * sizeof(${made.type}_t), ${made.relu ? 'RELU' : 'NO_ACTIVATION'}, ${made.scale});`;
    case 'mvin':
      return `${MVIN[made.slot]}(${place(made.from)}, ${address(made.to)}, ${expression(made.cols)}, ${expression(made.rows)});`;
    case 'preload': {
      const { weightExtent: w, resultExtent: r } = made;
      const weights = made.weights.space === 'garbage' ? ['DIM', 'DIM'] : [expression(w.cols), expression(w.rows)];
      return `gemmini_extended_preload(${address(made.weights)}, ${address(made.result)}, ${weights.join(', ')}, ${expression(r.cols)}, ${expression(r.rows)});`;
    }
    case 'compute':
      return `gemmini_extended_compute_${made.fresh ? 'preloaded' : 'accumulated'}(${address(made.a)}, GARBAGE_ADDR, ${expression(made.cols)}, ${expression(made.rows)}, DIM, DIM);`;
    case 'mvout':
      return `gemmini_extended_mvout(${place(made.to)}, ${address(made.from)}, ${expression(made.cols)}, ${expression(made.rows)});`;
    case 'fence':
      return 'gemmini_fence();';
  }
}

function lines(statements: readonly Statement[], depth: number): string[] {
  const pad = '  '.repeat(depth);
  return statements.flatMap((made): string[] => {
    switch (made.kind) {
      case 'for': {
        // One turn needs no loop, only its variable.
        const head =
          made.count === 1
            ? [`${pad}{`, `${pad}  const long ${made.name} = 0;`]
            : [`${pad}for (long ${made.name} = 0; ${made.name} < ${expression(made.count)}; ${made.name}++) {`];
        return made.count === 0 ? [] : [...head, ...lines(made.body, depth + 1), `${pad}}`];
      }
      case 'let':
        return [`${pad}const long ${made.name} = ${expression(made.value)};`];
      case 'if': {
        const head = `${pad}if (${expression(made.a)} < ${expression(made.b)}) {`;
        const otherwise = made.otherwise.length > 0 ? [`${pad}} else {`, ...lines(made.otherwise, depth + 1)] : [];
        return [head, ...lines(made.then, depth + 1), ...otherwise, `${pad}}`];
      }
      default:
        return [`${pad}${instruction(made)}`];
    }
  });
}

/** One static function; its parameters are the routine's buffers in order, then the factor from sums to elements. */
export function routineText(routine: Routine): string {
  const parameters = [
    ...routine.buffers.map(({ name, type, isWritten }) => `${isWritten ? '' : 'const '}${type}_t *${name}`),
    'acc_scale_t scale',
  ];
  return [
    `/* ${routine.comment.replaceAll('*/', '* /')} */`,
    `static void ${routine.name}(${parameters.join(', ')}) {`,
    ...lines(routine.body, 1),
    '}',
  ].join('\n');
}

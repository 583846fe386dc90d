/**
 * Gemmini's hardware parameters: the default 16 × 16 configuration, overridden by a generated gemmini_params.h. Only plain
 * `#define NAME number` and `typedef type name;` lines count; the rest of the header is passed over.
 */
import { err, ok, type Result } from '#core/base/result.ts';

export type ScalarType = 'int8_t' | 'int16_t' | 'int32_t' | 'float';

export interface GemminiParameters {
  /** Rows and columns of the mesh; also elements of a row of either memory. */
  readonly dim: number;
  readonly bankNum: number;
  readonly bankRows: number;
  readonly accRows: number;
  readonly elem: ScalarType;
  readonly acc: ScalarType;
}

/** Genc et al., DAC 2021: 16 × 16, 256 KiB scratchpad in 4 banks, 64 KiB accumulator, int8 with int32 sums. */
export const DEFAULT_PARAMETERS: GemminiParameters = {
  dim: 16,
  bankNum: 4,
  bankRows: 4096,
  accRows: 1024,
  elem: 'int8_t',
  acc: 'int32_t',
};

const DEFINES = { DIM: 'dim', BANK_NUM: 'bankNum', BANK_ROWS: 'bankRows', ACC_ROWS: 'accRows' } as const;
const TYPES: readonly string[] = ['int8_t', 'int16_t', 'int32_t', 'float'] satisfies readonly ScalarType[];
const isScalar = (text: string): text is ScalarType => TYPES.includes(text);
const LARGEST_HEADER = 2 ** 20;

export interface Fault {
  readonly line: number | null;
  readonly message: string;
}

/** Faults: a number that is none or out of range, a type Gemmini has no form for, a header without DIM. */
export function readParameters(header: string): Result<GemminiParameters, Fault> {
  if (header.length > LARGEST_HEADER) return err({ line: null, message: `more than ${LARGEST_HEADER} characters` });
  const made: { -readonly [Key in keyof GemminiParameters]: GemminiParameters[Key] } = { ...DEFAULT_PARAMETERS };
  let hasDim = false;
  for (const [index, raw] of header.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const content = raw.replace(/\/\/.*$|\/\*.*?\*\//g, '').trim();
    const [, name, value] = /^#\s*define\s+(DIM|BANK_NUM|BANK_ROWS|ACC_ROWS|ADDR_LEN)\s+(.*)$/.exec(content) ?? [];
    if (name !== undefined && value !== undefined) {
      const number = /^\(?\s*(\d{1,9})[uUlL]*\s*\)?$/.exec(value)?.[1];
      if (number === undefined || Number(number) < 1 || Number(number) > 2 ** 24)
        return err({ line, message: `${name} must be a whole number, not '${value.slice(0, 32)}'` });
      if (name === 'ADDR_LEN') {
        if (number !== '32') return err({ line, message: `ADDR_LEN must be 32, not ${number}` });
        continue;
      }
      if (name in DEFINES) made[DEFINES[name as keyof typeof DEFINES]] = Number(number);
      hasDim ||= name === 'DIM';
      continue;
    }
    const [, type, alias] = /^typedef\s+(\w+)\s+(elem_t|acc_t)\s*;$/.exec(content) ?? [];
    if (type === undefined || alias === undefined) continue;
    if (!isScalar(type)) return err({ line, message: `${alias} is ${type}; it must be one of ${TYPES.join(', ')}` });
    made[alias === 'elem_t' ? 'elem' : 'acc'] = type;
  }
  if (!hasDim) return err({ line: null, message: 'there is no #define DIM; is it a gemmini_params.h?' });
  if (made.accRows < 2 * made.dim || made.bankNum * made.bankRows < 4 * made.dim)
    return err({ line: null, message: `the memories hold less than two tiles of ${made.dim} rows` });
  return ok(made);
}

/**
 * MAESTRO's hardware file: one `name: number` a line, `//` comments. Processing elements, L1 of each, shared L2, network and
 * off-chip bandwidth; sizes and bandwidths in elements of one byte. Source: maestro-project/maestro, data/hw.
 */
import { err, ok, type Result } from '#core/base/result.ts';

export interface Hardware {
  readonly elements: number;
  /** Bytes of one element's L1. */
  readonly l1Bytes: number;
  readonly l2Bytes: number;
  /** Elements a cycle. */
  readonly networkPerCycle: number;
  readonly offChipPerCycle: number;
  /** Names the file leaves out, with the value taken. */
  readonly assumed: readonly { readonly key: string; readonly value: number }[];
  /** Names nobody knows. */
  readonly unknown: readonly { readonly key: string; readonly line: number }[];
}

export interface Fault {
  readonly line: number | null;
  readonly message: string;
}

export const LARGEST_FILE = 2 ** 16;

/** Key, smallest and largest value, and what is taken where it is missing (null: it must be there). */
const KEYS = {
  num_pes: [1, 2 ** 24, null],
  l1_size_cstr: [1, 2 ** 34, 2048],
  l2_size_cstr: [64, 2 ** 40, 2 ** 20],
  noc_bw_cstr: [1, 2 ** 20, 64],
  offchip_bw_cstr: [1, 2 ** 16, 16],
} as const satisfies Readonly<Record<string, readonly [number, number, number | null]>>;
type Key = keyof typeof KEYS;

const isKey = (text: string): text is Key => Object.hasOwn(KEYS, text);

export function readHardware(text: string): Result<Hardware, Fault> {
  if (text.length > LARGEST_FILE)
    return err({ line: null, message: `the file has more than ${LARGEST_FILE} characters` });
  const found = new Map<Key, number>();
  const unknown: { key: string; line: number }[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = raw.replace(/(\/\/|#).*$/, '').trim();
    if (content === '') continue;
    if (/^(Network|Layer|Dimensions|Dataflow|Constant)\b/.test(content))
      return err({
        line,
        message: 'this is a MAESTRO mapping or model; import the hardware file (num_pes: …) instead',
      });
    const [, key, number] = /^([A-Za-z]\w{0,63})\s*:\s*([^\s,;]{1,32})\s*[,;]?$/.exec(content) ?? [];
    if (key === undefined || number === undefined)
      return err({ line, message: `'${content.slice(0, 64)}' is not 'name: number'` });
    if (!isKey(key)) {
      if (unknown.length < 32) unknown.push({ key, line });
      continue;
    }
    if (found.has(key)) return err({ line, message: `${key} is given twice` });
    const value = /^\d+(\.\d*)?(e\+?\d+)?$/i.test(number) ? Number(number) : Number.NaN;
    const [minimum, maximum] = KEYS[key];
    if (!Number.isSafeInteger(value) || value < minimum || value > maximum)
      return err({ line, message: `${key} must be a whole number from ${minimum} to ${maximum}, not ${number}` });
    found.set(key, value);
  }
  const assumed: { key: string; value: number }[] = [];
  const take = (key: Exclude<Key, 'num_pes'>): number => {
    const given = found.get(key);
    if (given !== undefined) return given;
    assumed.push({ key, value: KEYS[key][2] });
    return KEYS[key][2];
  };
  const elements = found.get('num_pes');
  if (elements === undefined) return err({ line: null, message: 'num_pes is missing' });
  return ok({
    elements,
    l1Bytes: take('l1_size_cstr'),
    l2Bytes: take('l2_size_cstr'),
    networkPerCycle: take('noc_bw_cstr'),
    offChipPerCycle: take('offchip_bw_cstr'),
    assumed,
    unknown,
  });
}

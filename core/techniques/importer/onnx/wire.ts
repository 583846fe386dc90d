/**
 * Protocol Buffers wire format over a ByteSource: a 64 KiB window, so that skipped fields (weights) are never
 * read. The first fault sticks with its byte offset and every later read yields zero; callers look once.
 * Source: protobuf.dev, Encoding.
 */
import type { ByteSource } from '#core/technique/importer.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

export interface WireFault {
  /** `truncated`: the file ends too early · `malformed`: the bytes make no sense · `limit`: larger than is sane. */
  readonly code: 'truncated' | 'malformed' | 'limit';
  readonly message: string;
  readonly byteOffset: number;
}

const WINDOW = 65_536;
const LONGEST_TEXT = 65_536;
const NOTHING = new Uint8Array(0);

export class Wire {
  readonly #source: ByteSource;
  readonly #decoder = new TextDecoder();
  #window: Uint8Array = NOTHING;
  #windowStart = 0;
  #fault: WireFault | null = null;
  position = 0;
  /** End of the message at hand; nothing inside it may reach beyond. */
  limit: number;

  constructor(source: ByteSource) {
    this.#source = source;
    this.limit = source.size;
  }

  get fault(): WireFault | null {
    return this.#fault;
  }

  fail(code: WireFault['code'], message: string, byteOffset = this.position): void {
    this.#fault ??= { code, message, byteOffset };
  }

  byte(): number {
    if (this.position >= this.limit) {
      this.fail('truncated', `The data end in the middle of a value at byte ${this.position}`);
      return 0;
    }
    if (this.position < this.#windowStart || this.position >= this.#windowStart + this.#window.length) {
      this.#windowStart = this.position;
      this.#window = this.#source.read(this.position, Math.min(WINDOW, this.#source.size - this.position));
    }
    const value = this.#window[this.position - this.#windowStart];
    if (value === undefined) {
      this.fail('truncated', `The file ends at byte ${this.position}, inside a message`);
      return 0;
    }
    this.position++;
    return value;
  }

  /** A 64-bit two's complement integer, as a number: exact to 2^53, nearest beyond. */
  varint(): number {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) return high * 4_294_967_296 + (low >>> 0);
      if (this.#fault) return 0;
    }
    this.fail('malformed', `A number at byte ${start} is longer than 10 bytes`, start);
    return 0;
  }

  /** The length of a length-delimited field, checked against the message around it. */
  length(): number {
    const start = this.position;
    const length = this.varint();
    if (length >= 0 && length <= this.limit - this.position) return length;
    const room = this.limit - this.position;
    this.fail('truncated', `A field at byte ${start} is ${length} bytes long where ${room} are left`, start);
    return 0;
  }

  skip(type: number): null {
    if (type === VARINT) this.varint();
    else if (type === FIXED64) this.#advance(8);
    else if (type === FIXED32) this.#advance(4);
    else if (type === LENGTH) this.#advance(this.length());
    else this.fail('malformed', `Wire type ${type} before byte ${this.position} is not used by ONNX`);
    return null;
  }

  integer(type: number): number {
    return this.#expect(type, VARINT) ? this.varint() : 0;
  }

  float(type: number): number {
    return this.#expect(type, FIXED32) ? this.#view(4).getFloat32(0, true) : 0;
  }

  text(type: number): string {
    if (!this.#expect(type, LENGTH)) return '';
    const length = this.length();
    if (length > LONGEST_TEXT) {
      this.fail('limit', `A name at byte ${this.position} is ${length} bytes long; ${LONGEST_TEXT} are allowed`);
      return '';
    }
    return this.bytesAsText(length);
  }

  bytesAsText(length: number): string {
    return this.#decoder.decode(this.#take(length));
  }

  /** Where a length-delimited field lies; its bytes are passed over. */
  extent(type: number): { readonly offset: number; readonly length: number } {
    if (!this.#expect(type, LENGTH)) return { offset: this.position, length: 0 };
    const length = this.length();
    const offset = this.position;
    this.#advance(length);
    return { offset, length };
  }

  /** A repeated number, packed or not, appended to `into`; false when it would hold more than `most`: the rest is skipped. */
  numbers(type: number, element: 'varint' | 'float' | 'double', into: number[], most: number): boolean {
    const single = element === 'varint' ? VARINT : element === 'float' ? FIXED32 : FIXED64;
    if (type !== LENGTH) {
      if (!this.#expect(type, single)) return true;
      if (into.length >= most) {
        this.skip(type);
        return false;
      }
      into.push(this.#number(element));
      return true;
    }
    const end = this.length() + this.position;
    const fewest = element === 'double' ? 8 : element === 'float' ? 4 : 10;
    if (end - this.position > fewest * most) {
      this.position = end;
      return false;
    }
    const outer = this.limit;
    this.limit = end;
    while (this.position < end && !this.#fault && into.length < most) into.push(this.#number(element));
    this.limit = outer;
    if (this.#fault || this.position === end) return true;
    this.position = end;
    return false;
  }

  #number(element: 'varint' | 'float' | 'double'): number {
    if (element === 'varint') return this.varint();
    return element === 'float' ? this.#view(4).getFloat32(0, true) : this.#view(8).getFloat64(0, true);
  }

  #expect(type: number, wanted: number): boolean {
    if (type === wanted) return true;
    this.fail('malformed', `A field before byte ${this.position} has wire type ${type} where ${wanted} belongs`);
    return false;
  }

  #advance(length: number): void {
    if (length > this.limit - this.position)
      this.fail(
        'truncated',
        `The data end at byte ${this.limit}, ${length} bytes are wanted from byte ${this.position}`,
      );
    else this.position += length;
  }

  #take(length: number): Uint8Array {
    const start = this.position - this.#windowStart;
    if (length > 0 && (start < 0 || start + length > this.#window.length)) {
      this.#windowStart = this.position;
      this.#window = this.#source.read(
        this.position,
        Math.min(Math.max(WINDOW, length), this.#source.size - this.position),
      );
    }
    const from = this.position - this.#windowStart;
    this.#advance(length);
    return this.#window.subarray(from, from + length);
  }

  #view(length: number): DataView {
    const bytes = this.#take(length);
    if (bytes.length === length) return new DataView(bytes.buffer, bytes.byteOffset, length);
    this.fail('truncated', `The file ends inside a number at byte ${this.position}`);
    return new DataView(new ArrayBuffer(length));
  }
}

/** Handles one field of a message: reads or skips it, or returns the handler of the message that it is. */
export type Fields = (field: number, type: number, wire: Wire) => Fields | null;

const DEEPEST = 64;
const MOST_MESSAGES = 8_000_000;

/** Decodes the whole source. No recursion: messages within messages are a stack. */
export function decode(wire: Wire, root: Fields): void {
  const open: { readonly fields: Fields; readonly end: number }[] = [{ fields: root, end: wire.limit }];
  let messages = 0;
  for (let top = open.at(-1); top && !wire.fault; top = open.at(-1)) {
    if (wire.position >= top.end) {
      open.pop();
      wire.limit = open.at(-1)?.end ?? top.end;
      continue;
    }
    wire.limit = top.end;
    const start = wire.position;
    const key = wire.varint();
    const field = Math.floor(key / 8);
    if (key < 8 || field > 536_870_911) {
      wire.fail('malformed', `Byte ${start} does not start a field`, start);
      return;
    }
    const type = key % 8;
    const child = top.fields(field, type, wire);
    if (!child || wire.fault) continue;
    if (type !== LENGTH) wire.fail('malformed', `A message is expected at byte ${start}`, start);
    if (open.length >= DEEPEST)
      wire.fail('limit', `Messages are nested deeper than ${DEEPEST} at byte ${start}`, start);
    if (++messages > MOST_MESSAGES) wire.fail('limit', `The file holds more than ${MOST_MESSAGES} messages`, start);
    open.push({ fields: child, end: wire.length() + wire.position });
  }
}

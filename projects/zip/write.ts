/**
 * Files → ZIP in pieces: one at a time in memory at most, and of a large one not even that. Equal files give equal bytes.
 * Without ZIP64: what is larger than 4 GiB in all is refused.
 */
import { crc32, deflateRawSync } from 'node:zlib';
import {
  CENTRAL_BYTES,
  CENTRAL_HEADER,
  DEFLATED,
  DOS_DATE,
  END_BYTES,
  END_OF_CENTRAL,
  LOCAL_BYTES,
  LOCAL_HEADER,
  MOST_BYTES,
  MOST_ENTRIES,
  STORED,
  UTF8_NAMES,
} from './format.ts';

/** A name with forward slashes, and what is in it. */
export type ZipSource =
  | { readonly name: string; readonly bytes: Uint8Array | string }
  /** Compressed already, as raw deflate. */
  | { readonly name: string; readonly deflated: Uint8Array; readonly size: number; readonly crc: number }
  /** Written as it is, read twice: for its checksum and for its bytes. */
  | { readonly name: string; readonly size: number; readonly read: () => Iterable<Uint8Array> };

/** Thrown where the archive would need ZIP64. */
export class ZipTooLargeError extends Error {}

interface Entry {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly stored: number;
  readonly size: number;
  readonly offset: number;
}

/** Shorter than this, or hardly any smaller, and an entry is stored as it is. */
const WORTH_BYTES = 64;

export function* writeZip(sources: Iterable<ZipSource>): Generator<Uint8Array> {
  const entries: Entry[] = [];
  let offset = 0;
  for (const source of sources) {
    const { method, crc, size, stored, body } = packed(source);
    const entry: Entry = { name: Buffer.from(source.name), method, crc, stored, size, offset };
    const head = Buffer.alloc(LOCAL_BYTES);
    head.writeUInt32LE(LOCAL_HEADER, 0);
    writeCommon(head, 4, entry);
    offset += LOCAL_BYTES + entry.name.length + stored;
    if (offset > MOST_BYTES || size > MOST_BYTES) throw new ZipTooLargeError('larger than 4 GiB');
    yield head;
    yield entry.name;
    let written = 0;
    for (const piece of body) {
      written += piece.length;
      yield piece;
    }
    if (written !== stored) throw new Error(`${source.name} changed its size while it was written`);
    if (entries.push(entry) > MOST_ENTRIES) throw new ZipTooLargeError('more than 65,534 entries');
  }
  const central = offset;
  for (const entry of entries) {
    const head = Buffer.alloc(CENTRAL_BYTES);
    head.writeUInt32LE(CENTRAL_HEADER, 0);
    head.writeUInt16LE(20, 4);
    writeCommon(head, 6, entry);
    head.writeUInt32LE(entry.offset, 42);
    yield head;
    yield entry.name;
    offset += CENTRAL_BYTES + entry.name.length;
  }
  if (offset > MOST_BYTES) throw new ZipTooLargeError('larger than 4 GiB');
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_OF_CENTRAL, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset - central, 12);
  end.writeUInt32LE(central, 16);
  yield end;
}

/** What local and central header have in common: version needed, flags, method, date, checksum, sizes, name. */
function writeCommon(head: Buffer, at: number, { method, crc, stored, size, name }: Entry): void {
  head.writeUInt16LE(20, at);
  head.writeUInt16LE(UTF8_NAMES, at + 2);
  head.writeUInt16LE(method, at + 4);
  head.writeUInt16LE(DOS_DATE, at + 8);
  head.writeUInt32LE(crc, at + 10);
  head.writeUInt32LE(stored, at + 14);
  head.writeUInt32LE(size, at + 18);
  head.writeUInt16LE(name.length, at + 22);
}

function packed(source: ZipSource): Omit<Entry, 'name' | 'offset'> & { readonly body: Iterable<Uint8Array> } {
  if ('deflated' in source) {
    const { deflated, size, crc } = source;
    return { method: DEFLATED, crc, size, stored: deflated.length, body: [deflated] };
  }
  if ('read' in source) {
    let crc = 0;
    for (const piece of source.read()) crc = crc32(piece, crc);
    return { method: STORED, crc, size: source.size, stored: source.size, body: source.read() };
  }
  const bytes = typeof source.bytes === 'string' ? Buffer.from(source.bytes) : source.bytes;
  const crc = crc32(bytes);
  const small = bytes.length > WORTH_BYTES ? deflateRawSync(bytes, { level: 6 }) : bytes;
  return small.length < bytes.length
    ? { method: DEFLATED, crc, size: bytes.length, stored: small.length, body: [small] }
    : { method: STORED, crc, size: bytes.length, stored: bytes.length, body: [bytes] };
}

/**
 * A ZIP from a stranger, checked whole before a byte of it is unpacked: entries lie one behind another without gap or
 * overlap, local and central headers agree, names are of a few letters, nothing but plain files, bounded in number, size
 * and ratio. No ZIP64, comments, encryption or streamed entries: Weft writes none of them.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import {
  CENTRAL_BYTES,
  CENTRAL_HEADER,
  DEFLATED,
  END_BYTES,
  END_OF_CENTRAL,
  LOCAL_BYTES,
  LOCAL_HEADER,
  STORED,
  UTF8_NAMES,
} from './format.ts';

export interface ZipLimits {
  readonly entries: number;
  /** Bytes of one compressed entry once unpacked, and of all of them. */
  readonly entryBytes: number;
  readonly totalBytes: number;
  /** Unpacked ÷ packed of an entry of more than `ratioFrom` bytes. */
  readonly ratio: number;
  readonly ratioFrom: number;
}

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** Where its bytes begin in the file; as they are when `isStored`. */
  readonly offset: number;
  readonly stored: number;
  readonly isStored: boolean;
  readonly crc: number;
}

/** Lower-case names and numbers in folders: no room for `..`, a drive, a back slash, or a name two systems read apart. */
const NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[.-][a-z0-9]+)*){0,3}$/;
const LONGEST_NAME = 200;
/** Bits 1 and 2 tell how hard the writer tried. */
const KNOWN_FLAGS = UTF8_NAMES | 0b110;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const PLAIN_FILE = 0o100000;
const DOS_FOLDER = 0x10;

interface Header extends ZipEntry {
  readonly flags: number;
  readonly method: number;
  /** Of the local header. */
  readonly at: number;
}

/** By name. Codes `bundle.*`; the source is read, nothing else. */
export function readZip(source: ByteSource, limits: ZipLimits): Result<ReadonlyMap<string, ZipEntry>, Problem> {
  const end = view(source, source.size - END_BYTES, END_BYTES);
  if (!end || end.getUint32(0, true) !== END_OF_CENTRAL || end.getUint16(20, true) !== 0)
    return refuse('not-a-bundle', 'The file is no bundle, or it is cut off');
  const count = end.getUint16(10, true);
  const length = end.getUint32(12, true);
  const start = end.getUint32(16, true);
  if (end.getUint32(4, true) !== 0 || end.getUint16(8, true) !== count)
    return refuse('shape', 'The bundle is in several parts');
  if (count > limits.entries)
    return refuse('entries', 'The bundle has more files than any of Weft', { demand: count, bound: limits.entries });
  if (start + length !== source.size - END_BYTES || length > count * (CENTRAL_BYTES + LONGEST_NAME + 256))
    return refuse('shape', 'The list of files of the bundle is not where it should be');
  const central = view(source, start, length);
  if (!central) return refuse('not-a-bundle', 'The file is cut off');

  const headers: Header[] = [];
  const names = new Set<string>();
  let at = 0;
  let total = 0;
  for (let index = 0; index < count; index++) {
    const read = centralHeader(central, at);
    if (!read.ok) return read;
    const { header, next } = read.value;
    if (names.has(header.name)) return refuse('duplicate', `The bundle has ${header.name} twice`);
    names.add(header.name);
    const fault = sizeFault(header, limits);
    if (fault) return err(fault);
    if (!header.isStored) total += header.size;
    if (total > limits.totalBytes)
      return refuse('size', 'The bundle is larger once unpacked than any of Weft', { bound: limits.totalBytes });
    headers.push(header);
    at = next;
  }
  if (at !== length) return refuse('shape', 'The list of files of the bundle does not end where it should');
  return placed(source, headers, start);
}

/** The entry's bytes: as long and of the checksum that the bundle says. */
export function unzip(source: ByteSource, entry: ZipEntry): Result<Uint8Array, Problem> {
  const packed = source.read(entry.offset, entry.stored);
  const damaged = () => refuse('damaged', `${entry.name} of the bundle is damaged`);
  if (packed.length !== entry.stored) return damaged();
  let bytes: Uint8Array = packed;
  if (!entry.isStored) {
    try {
      // One byte more than it may have is enough to tell that it has too many.
      bytes = inflateRawSync(packed, { maxOutputLength: entry.size + 1 });
    } catch {
      return damaged();
    }
  }
  return bytes.length === entry.size && crc32(bytes) === entry.crc ? ok(bytes) : damaged();
}

function centralHeader(
  central: DataView,
  at: number,
): Result<{ readonly header: Header; readonly next: number }, Problem> {
  if (at + CENTRAL_BYTES > central.byteLength || central.getUint32(at, true) !== CENTRAL_HEADER)
    return refuse('shape', 'The list of files of the bundle is damaged');
  const [nameBytes, extra, comment] = [28, 30, 32].map((of) => central.getUint16(at + of, true)) as [
    number,
    number,
    number,
  ];
  const next = at + CENTRAL_BYTES + nameBytes + extra + comment;
  if (next > central.byteLength) return refuse('shape', 'The list of files of the bundle is damaged');
  const name = nameOf(new Uint8Array(central.buffer, central.byteOffset + at + CENTRAL_BYTES, nameBytes));
  if (name === null)
    return refuse('path', 'A file of the bundle has a name that Weft gives none: it may lead elsewhere');
  const attributes = central.getUint32(at + 38, true);
  const type = (attributes >>> 16) & FILE_TYPE;
  const isUnix = central.getUint8(at + 5) === UNIX;
  if ((isUnix && type !== 0 && type !== PLAIN_FILE) || (attributes & DOS_FOLDER) !== 0)
    return refuse('link', `${name} of the bundle is a link, a folder or a device, not a file`);
  const method = central.getUint16(at + 10, true);
  const flags = central.getUint16(at + 8, true);
  if ((flags & ~KNOWN_FLAGS) !== 0 || (method !== STORED && method !== DEFLATED))
    return refuse('shape', `${name} of the bundle is packed in a way Weft does not`);
  const header: Header = {
    name,
    flags,
    method,
    isStored: method === STORED,
    crc: central.getUint32(at + 16, true),
    stored: central.getUint32(at + 20, true),
    size: central.getUint32(at + 24, true),
    at: central.getUint32(at + 42, true),
    offset: 0,
  };
  return ok({ header, next });
}

function nameOf(bytes: Uint8Array): string | null {
  if (bytes.length > LONGEST_NAME) return null;
  const name = Buffer.from(bytes).toString('latin1');
  return NAME.test(name) ? name : null;
}

function sizeFault({ name, size, stored, isStored }: Header, limits: ZipLimits): Problem | null {
  if (isStored && size !== stored) return fault('shape', `${name} of the bundle has two sizes`);
  if (isStored) return null;
  if (size > limits.entryBytes)
    return fault('size', `${name} of the bundle is too large`, { demand: size, bound: limits.entryBytes, unit: 'B' });
  if (size > limits.ratioFrom && size > stored * limits.ratio)
    return fault('ratio', `${name} of the bundle is packed tighter than any file of Weft`, {
      demand: Math.round(size / Math.max(1, stored)),
      bound: limits.ratio,
    });
  return null;
}

/** Every local header read and compared; the entries must fill the file from its beginning to the list. */
function placed(
  source: ByteSource,
  headers: readonly Header[],
  end: number,
): Result<ReadonlyMap<string, ZipEntry>, Problem> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (const header of headers.toSorted((a, b) => a.at - b.at)) {
    const { name, size, stored, isStored, crc } = header;
    if (header.at < at) return refuse('overlap', `${name} of the bundle lies over another file`);
    const local = header.at === at ? view(source, at, LOCAL_BYTES + name.length) : null;
    if (!local || local.getUint32(0, true) !== LOCAL_HEADER)
      return refuse('shape', `${name} of the bundle is not where it should be`);
    const agrees =
      local.getUint16(6, true) === header.flags &&
      local.getUint16(8, true) === header.method &&
      local.getUint32(14, true) === crc &&
      local.getUint32(18, true) === stored &&
      local.getUint32(22, true) === size &&
      local.getUint16(26, true) === name.length &&
      nameOf(new Uint8Array(local.buffer, local.byteOffset + LOCAL_BYTES, name.length)) === name;
    if (!agrees) return refuse('shape', `The bundle says two things of ${name}`);
    const offset = at + LOCAL_BYTES + name.length + local.getUint16(28, true);
    at = offset + stored;
    if (at > end) return refuse('overlap', `${name} of the bundle lies over the list of files`);
    entries.set(name, { name, size, stored, isStored, crc, offset });
  }
  return at === end ? ok(entries) : refuse('shape', 'The bundle has room between its files');
}

function view(source: ByteSource, offset: number, length: number): DataView | null {
  if (offset < 0) return null;
  const bytes = source.read(offset, length);
  return bytes.length === length ? new DataView(bytes.buffer, bytes.byteOffset, length) : null;
}

function fault(code: string, message: string, facts: Problem['facts'] = {}): Problem {
  return problem(`bundle.${code}`, message, { facts });
}

function refuse(code: string, message: string, facts: Problem['facts'] = {}) {
  return err(fault(code, message, facts));
}

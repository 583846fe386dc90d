/** JSON at rest: gzip, whose CRC-32 tells a damaged blob from a whole one. */
import { crc32, gunzipSync, gzipSync } from 'node:zlib';

export function packJson(value: unknown): Uint8Array {
  return gzipSync(JSON.stringify(value), { level: 6 });
}

/** The inverse of packJson; throws on damage. The caller knows what it stored. */
export function unpackJson<T>(bytes: Uint8Array): T {
  return JSON.parse(gunzipSync(bytes).toString('utf8')) as T;
}

/** CRC-32 over the fields, each ended by a zero byte so that they cannot run together. */
export function checksum(...fields: readonly (string | number | null)[]): number {
  return crc32(fields.map((field) => `${field ?? ''}\0`).join(''));
}

/** Ids and times made by the host: short, URL-safe, unguessable; times are ISO 8601 in UTC. */
import { randomBytes } from 'node:crypto';

/** `doc-3kq0…`: a prefix that says what it names and 80 random bits. */
export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(10).toString('hex')}`;
}

export function now(): string {
  return new Date().toISOString();
}

/** A time for a file name: no colons, which Windows forbids. */
export function fileTime(date = new Date()): string {
  return date.toISOString().replaceAll(':', '-').replace(/\..*$/, 'Z');
}

/** A title as a file name: letters, digits and dashes, never empty, at most 60 characters. */
export function fileSlug(title: string): string {
  const slug = title
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(slug) || slug === '' ? `project${slug && `-${slug}`}` : slug;
}

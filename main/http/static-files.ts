/** Files of one folder and no other: no `..`, no encoded separators, no links out of it. */
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  /** True when the name changes with the content. */
  readonly isImmutable: boolean;
}

/** `pathname` as in the URL, still encoded; '/' is index.html. Null for everything that is not a file of the folder. */
export async function readStaticFile(folder: string, pathname: string): Promise<StaticFile | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  // Node and the URL parser have resolved plain dots; what is left of them was smuggled in encoded.
  if (/[\0\\]/.test(decoded) || decoded.split('/').some((segment) => segment.startsWith('.'))) return null;
  const mediaType = TYPES[extname(decoded === '/' ? '/index.html' : decoded)];
  if (!mediaType) return null;
  try {
    const root = realpathSync(folder);
    const path = realpathSync(resolve(root, `.${decoded === '/' ? '/index.html' : decoded}`));
    if (!path.startsWith(root + sep)) return null;
    return { bytes: new Uint8Array(await readFile(path)), mediaType, isImmutable: decoded.startsWith('/assets/') };
  } catch {
    return null;
  }
}

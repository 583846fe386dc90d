/**
 * Request → Response for both hosts: the renderer's files, uploads, blobs and results. The host in front of it has
 * already decided who may ask (local host: cookie and origin; Electron: only our own page reaches the scheme).
 */
import { openAsBlob } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Problem, problem } from '#core/base/problem.ts';
import type { Backend } from '../backend.ts';
import { appPolicy, REPORT_POLICY, securityHeaders } from './headers.ts';
import { readStaticFile } from './static-files.ts';

export interface HttpOptions {
  readonly backend: Backend;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** Sources the page may connect to besides its own origin. */
  readonly connect?: readonly string[];
}

export type HttpHandler = (request: Request) => Promise<Response>;

/** Paths that carry the user's data; everything else is the app itself. */
export function isPrivate(pathname: string): boolean {
  return /^\/(upload|blob|runs|api)(\/|$)/.test(pathname);
}

export function createHttpHandler({ backend, renderer, connect = [] }: HttpOptions): HttpHandler {
  const headers = securityHeaders(appPolicy(connect));
  const json = (status: number, body: unknown) =>
    new Response(JSON.stringify(body), {
      status,
      headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
  const refuse = (status: number, found: Problem) => json(status, { problem: found });
  const notFound = (what: string) => refuse(404, problem('http.not-found', `${what} is not here`));

  async function upload(request: Request, url: URL): Promise<Response> {
    const name = url.searchParams.get('name') ?? '';
    if (name === '' || name.length > 1024) return refuse(400, problem('upload.no-name', 'An upload needs a name'));
    if (!request.body) return refuse(400, problem('upload.empty', `${name} is empty`));
    const stored = await backend.temp.receive(name, request.body);
    if (stored.ok) return json(200, { upload: stored.value });
    return refuse(stored.error.code === 'upload.too-large' ? 413 : 422, stored.error);
  }

  async function blob(id: string, url: URL): Promise<Response> {
    const file = backend.temp.get(id);
    if (!file) return notFound('The file');
    const disposition = url.searchParams.has('view') ? 'inline' : 'attachment';
    return new Response(await openAsBlob(file.path), {
      headers: {
        ...securityHeaders(REPORT_POLICY),
        'content-type': file.mediaType,
        'content-length': String(file.size),
        'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'cache-control': 'no-store',
      },
    });
  }

  function result(id: string, request: Request): Response {
    const packed = backend.runResult(id);
    if (!packed) return notFound('The result of this run');
    // Electron's scheme does not unpack; a browser says that it does.
    const canUnpack = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
    try {
      return new Response(new Uint8Array(canUnpack ? packed : gunzipSync(packed)), {
        headers: {
          ...headers,
          'content-type': 'application/json',
          'cache-control': 'no-store',
          ...(canUnpack ? { 'content-encoding': 'gzip' } : {}),
        },
      });
    } catch {
      return refuse(422, problem('run.damaged', 'The stored result of this run is damaged; start the run again'));
    }
  }

  async function page(url: URL): Promise<Response> {
    const file = await readStaticFile(renderer, url.pathname);
    if (!file) return notFound(url.pathname);
    return new Response(file.bytes, {
      headers: {
        ...headers,
        'content-type': file.mediaType,
        'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    });
  }

  return async (request) => {
    const url = new URL(request.url);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (url.pathname === '/upload')
      return request.method === 'POST' ? upload(request, url) : refuse(405, problem('http.method', 'Use POST'));
    if (!isReading) return refuse(405, problem('http.method', 'Use GET'));
    const [, blobId] = /^\/blob\/([\w.:-]{1,128})$/.exec(url.pathname) ?? [];
    if (blobId !== undefined) return blob(blobId, url);
    const [, runId] = /^\/runs\/([\w.:-]{1,128})\/result$/.exec(url.pathname) ?? [];
    if (runId !== undefined) return result(runId, request);
    return isPrivate(url.pathname) ? notFound(url.pathname) : page(url);
  };
}

/** node:http to the web's Request and Response and back; bodies are streamed both ways. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

/** The request's target on this origin; null for one that is no path, such as another host's whole address. */
export function targetOf(incoming: IncomingMessage, origin: string): URL | null {
  const target = incoming.url ?? '';
  // Joined as text: as a relative reference, '//elsewhere/x' would name another host.
  return target.startsWith('/') ? URL.parse(origin + target) : null;
}

export function toRequest(incoming: IncomingMessage, target: URL): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(target, {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

export async function sendResponse(response: Response, outgoing: ServerResponse, isHead: boolean): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (isHead || !response.body) {
    outgoing.end();
    return;
  }
  // A client that goes away in the middle is its own business.
  await pipeline(Readable.fromWeb(response.body as NodeReadableStream), outgoing).catch(() => {});
}

/**
 * The local host on loopback: checks Host (DNS rebinding), Origin (foreign pages) and cookie, then hands over to the
 * shared handler or to the API over a WebSocket. Only 127.0.0.1 is ever bound.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { problem } from '#core/base/problem.ts';
import type { Backend } from '../backend.ts';
import { createHttpHandler, type HttpHandler, isPrivate } from '../http/handler.ts';
import { appPolicy, securityHeaders } from '../http/headers.ts';
import { LARGEST_MESSAGE } from '../services/message-limit.ts';
import { createRouter } from '../services/router.ts';
import { sendResponse, targetOf, toRequest } from './node-http.ts';
import { createSessions } from './session.ts';

export interface LocalServerOptions {
  readonly backend: Backend;
  readonly renderer: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Origin of a development server that stands in front and proxies to this one. */
  readonly developmentOrigin?: string;
  /** Called when the first socket opens or the last one closes. */
  readonly socketsChanged?: (open: number) => void;
  /** Called when another start asks this host for a window; answers with the URL to open. */
  readonly windowWanted?: (url: string) => void;
}

export interface LocalServer {
  readonly port: number;
  readonly origin: string;
  /** Lets another process of the same user ask for a window. */
  readonly controlSecret: string;
  /** `http://127.0.0.1:PORT/#ticket=…`, good once. */
  windowUrl(): string;
  close(): Promise<void>;
}

const LARGEST_SMALL_BODY = 4096;

export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { backend, renderer, developmentOrigin, socketsChanged = () => {} } = options;
  const controlSecret = randomBytes(32).toString('base64url');
  const server = createServer({ requestTimeout: 0, headersTimeout: 15_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;
  const sessions = createSessions(port);
  const origins = new Set(developmentOrigin === undefined ? [origin] : [origin, developmentOrigin]);
  const handler: HttpHandler = createHttpHandler({ backend, renderer, connect: [`ws://${host}`] });
  const rpc = new RPCHandler(createRouter(backend));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  const headers = securityHeaders(appPolicy());

  const windowUrl = () => `${developmentOrigin ?? origin}/#ticket=${sessions.issue()}`;
  const refusal = (status: number, code: string, message: string, more: Record<string, string> = {}) =>
    new Response(JSON.stringify({ problem: problem(code, message) }), {
      status,
      headers: { ...headers, 'content-type': 'application/json', ...more },
    });
  const isOurOrigin = (value: string | undefined) => value !== undefined && origins.has(value);

  async function smallJson(request: Request): Promise<Record<string, unknown>> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of request.body ?? []) {
      size += part.length;
      if (size > LARGEST_SMALL_BODY) return {};
      parts.push(part);
    }
    try {
      const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  async function openSession(request: Request, cookies: string | undefined): Promise<Response> {
    const { ticket } = await smallJson(request);
    const opened = typeof ticket === 'string' ? sessions.exchange(ticket, cookies) : null;
    if (opened === null)
      return refusal(403, 'session.ticket-used', 'This link was used already; start Weft again for a new one');
    if (opened.cookie === null) return new Response(null, { status: 204, headers });
    // Those of the session before; its browser, where it is the same, comes back with the new cookie.
    for (const client of sockets.clients) client.terminate();
    return new Response(null, { status: 204, headers: { ...headers, 'set-cookie': opened.cookie } });
  }

  /** Another start of Weft, not a page: pages cannot set this header without being asked first, and never are. */
  async function control(request: Request): Promise<Response> {
    const wanted = Buffer.from(`Bearer ${controlSecret}`);
    const given = Buffer.from(request.headers.get('authorization') ?? '');
    if (request.headers.has('origin') || given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return refusal(403, 'session.refused', 'Not allowed');
    const { open } = await smallJson(request);
    const url = windowUrl();
    if (open === true) options.windowWanted?.(url);
    return new Response(JSON.stringify({ url }), { headers: { ...headers, 'content-type': 'application/json' } });
  }

  async function respond(incoming: IncomingMessage): Promise<Response> {
    if (incoming.headers.host !== host)
      return refusal(421, 'http.misdirected', `This host answers only to ${host}; tunnel to the same port number`);
    const target = targetOf(incoming, origin);
    if (!target) return refusal(400, 'http.bad-request', 'Not a path on this host');
    const { pathname } = target;
    const request = toRequest(incoming, target);
    if (pathname === '/control/window' && request.method === 'POST') return control(request);
    if (request.method === 'POST' && !isOurOrigin(incoming.headers.origin))
      return refusal(403, 'session.foreign-origin', 'Only the page this host serves may ask this');
    if (pathname === '/session' && request.method === 'POST') return openSession(request, incoming.headers.cookie);
    if (isPrivate(pathname)) {
      const site = incoming.headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none')
        return refusal(403, 'session.foreign-origin', 'Only the page this host serves may ask this');
      if (!sessions.isOpen(incoming.headers.cookie))
        return refusal(401, 'session.missing', 'Open Weft from where it was started; this page has no session');
    }
    return handler(request);
  }

  server.on('request', (incoming, outgoing) => {
    respond(incoming)
      .catch((error: unknown) => {
        console.error('request failed:', error);
        return refusal(500, 'http.failed', 'The host failed to answer; its log says why');
      })
      .then(async (response) => {
        // A refused upload is not read to its end.
        if (response.status >= 400 && !incoming.complete) outgoing.setHeader('connection', 'close');
        await sendResponse(response, outgoing, incoming.method === 'HEAD');
      })
      .catch(() => outgoing.destroy());
  });

  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const status =
      incoming.headers.host !== host
        ? '421 Misdirected Request'
        : targetOf(incoming, origin)?.pathname !== '/api'
          ? '404 Not Found'
          : !isOurOrigin(incoming.headers.origin)
            ? '403 Forbidden'
            : !sessions.isOpen(incoming.headers.cookie)
              ? '401 Unauthorized'
              : null;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (client) => {
      client.on('error', () => client.terminate());
      client.on('close', () => socketsChanged(sockets.clients.size));
      socketsChanged(sockets.clients.size);
      void rpc.upgrade(client);
    });
  });

  return {
    port,
    origin,
    controlSecret,
    windowUrl,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

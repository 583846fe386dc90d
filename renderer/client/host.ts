/**
 * Finds the host the page was opened by, exchanges the one-use ticket of the local host for a session cookie,
 * and offers calls, uploads and downloads. The ticket leaves the address bar before anything else happens.
 */
import { problem } from '#core/base/problem.ts';
import { type Client, type Connection, connectPort, connectSocket } from './connection.ts';
import { isProblem, ProblemError } from './problem.ts';

/** What preload exposes; absent in a browser. */
export interface Bridge {
  readonly kind: 'electron';
  readonly pathForFile?: (file: File) => string;
}

declare global {
  interface Window {
    readonly weft?: Bridge;
  }
}

export interface Host {
  readonly connection: Connection;
  readonly client: Client;
  /** `POST /upload?name=…`: the upload's id. */
  readonly upload: (file: File) => Promise<string>;
  /** `GET /runs/<id>/result`: the JSON text. */
  readonly fetchResult: (run: string) => Promise<string>;
  /** Saves `GET /blob/<blob>` under `name`. */
  readonly download: (blob: string, name: string) => void;
}

/** The ticket in `#ticket=…`, or null. */
export function ticketOf(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('ticket');
}

export async function openHost(target: Window): Promise<Host> {
  if (target.weft?.kind === 'electron') return hostOver(connectPort(target), target);
  const ticket = ticketOf(target.location.hash);
  if (ticket !== null) {
    target.history.replaceState(null, '', target.location.pathname + target.location.search);
    const answer = await target.fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket }),
    });
    // A used ticket is no obstacle while the cookie of its first use is still good: a reload.
    if (!answer.ok && answer.status !== 403) await fail(answer, 'The session could not be opened');
  }
  const scheme = target.location.protocol === 'https:' ? 'wss:' : 'ws:';
  return hostOver(connectSocket(`${scheme}//${target.location.host}/api`), target);
}

export function hostOver(connection: Connection, target: Window): Host {
  return {
    connection,
    client: connection.client,
    upload: async (file) => {
      const answer = await target.fetch(`/upload?name=${encodeURIComponent(file.name)}`, {
        method: 'POST',
        body: file,
      });
      if (!answer.ok) await fail(answer, `${file.name} could not be read`);
      const body: unknown = await answer.json();
      if (typeof body === 'object' && body !== null && 'upload' in body && typeof body.upload === 'string')
        return body.upload;
      throw new ProblemError(problem('host.bad-answer', 'The host answered the upload without an id'));
    },
    fetchResult: async (run) => {
      const answer = await target.fetch(`/runs/${encodeURIComponent(run)}/result`);
      if (!answer.ok) await fail(answer, 'The result could not be read');
      return answer.text();
    },
    download: (blob, name) => {
      const anchor = target.document.createElement('a');
      anchor.href = `/blob/${encodeURIComponent(blob)}`;
      anchor.download = name;
      anchor.click();
    },
  };
}

/** Throws the Problem in the body, or one made of status and `what`. */
async function fail(answer: Response, what: string): Promise<never> {
  const body: unknown = await answer.json().catch(() => null);
  const found = typeof body === 'object' && body !== null && 'problem' in body ? body.problem : body;
  throw new ProblemError(
    isProblem(found)
      ? found
      : problem('host.http', `${what} (HTTP ${answer.status})`, { facts: { status: answer.status } }),
  );
}

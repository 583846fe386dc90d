/**
 * Who may use the local host: a one-use ticket, handed over in a URL fragment (never sent over the wire, never in a
 * log), is exchanged for a cookie. The cookie's name carries the port, since cookies are not kept apart by port.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Sessions {
  /** A new one-use ticket. */
  issue(): string;
  /** The Set-Cookie value for an unused ticket of ours, else null. */
  exchange(ticket: string): string | null;
  /** True when the Cookie header names an open session. */
  isOpen(cookieHeader: string | undefined): boolean;
}

/** Outstanding tickets; a window that never came does not block a later one for ever. */
const MOST_TICKETS = 16;

const digest = (text: string) => createHash('sha256').update(text).digest();

export function createSessions(port: number): Sessions {
  const name = `weft-session-${port}`;
  const tickets: Buffer[] = [];
  const sessions: Buffer[] = [];
  const indexIn = (list: readonly Buffer[], secret: string) => {
    const wanted = digest(secret);
    return list.findIndex((known) => timingSafeEqual(known, wanted));
  };
  return {
    issue: () => {
      const ticket = randomBytes(24).toString('base64url');
      tickets.push(digest(ticket));
      if (tickets.length > MOST_TICKETS) tickets.shift();
      return ticket;
    },
    exchange: (ticket) => {
      const at = indexIn(tickets, ticket);
      if (at < 0) return null;
      tickets.splice(at, 1);
      const secret = randomBytes(32).toString('base64url');
      sessions.push(digest(secret));
      return `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
    },
    isOpen: (cookieHeader = '') =>
      cookieHeader
        .split(';')
        .map((pair) => pair.trim())
        .some((pair) => pair.startsWith(`${name}=`) && indexIn(sessions, pair.slice(name.length + 1)) >= 0),
  };
}

/**
 * Who may use the local host: a one-use ticket, handed over in a URL fragment (never sent over the wire, never in a
 * log), is exchanged for a cookie. The cookie's name carries the port, since cookies are not kept apart by port. One
 * session at a time: a window of the same browser joins it, any other browser with a ticket takes it over.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Sessions {
  /** A new one-use ticket. */
  issue(): string;
  /**
   * For an unused ticket of ours, else null: the Set-Cookie value of the session that takes the place of the one before,
   * or no cookie where the page has that one already.
   */
  exchange(ticket: string, cookieHeader: string | undefined): { readonly cookie: string | null } | null;
  /** True when the Cookie header names an open session. */
  isOpen(cookieHeader: string | undefined): boolean;
}

/** Outstanding tickets; a window that never came does not block a later one for ever. */
const MOST_TICKETS = 16;

const digest = (text: string) => createHash('sha256').update(text).digest();

export function createSessions(port: number): Sessions {
  const name = `weft-session-${port}`;
  const tickets: Buffer[] = [];
  let session: Buffer | null = null;
  const indexIn = (list: readonly Buffer[], secret: string) => {
    const wanted = digest(secret);
    return list.findIndex((known) => timingSafeEqual(known, wanted));
  };
  const isOpen = (cookieHeader = '') => {
    const open = session;
    return (
      open !== null &&
      cookieHeader
        .split(';')
        .map((pair) => pair.trim())
        .some((pair) => pair.startsWith(`${name}=`) && timingSafeEqual(open, digest(pair.slice(name.length + 1))))
    );
  };
  return {
    issue: () => {
      const ticket = randomBytes(24).toString('base64url');
      tickets.push(digest(ticket));
      if (tickets.length > MOST_TICKETS) tickets.shift();
      return ticket;
    },
    exchange: (ticket, cookieHeader) => {
      const at = indexIn(tickets, ticket);
      if (at < 0) return null;
      tickets.splice(at, 1);
      if (isOpen(cookieHeader)) return { cookie: null };
      const secret = randomBytes(32).toString('base64url');
      session = digest(secret);
      return { cookie: `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict` };
    },
    isOpen,
  };
}

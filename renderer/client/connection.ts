/**
 * The one connection to the host: a WebSocket to the local host, or Electron's message port. Calls go through a
 * dynamic link, so that a client outlives its transport; a lost socket is reconnected with growing pauses.
 */
import { createORPCClient, DynamicLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { problem } from '#core/base/problem.ts';
import type { Contract } from '#core/contract/contract.ts';
import { ProblemError } from './problem.ts';

export type Client = ContractRouterClient<Contract>;
export type ConnectionState = 'connecting' | 'connected' | 'disconnected';

export interface Connection {
  readonly client: Client;
  readonly state: () => ConnectionState;
  /** Calls back at every change of state; returns the way to stop. */
  readonly onState: (listener: (state: ConnectionState) => void) => () => void;
  readonly close: () => void;
}

type Link = SocketLink<Record<never, never>> | PortLink<Record<never, never>>;

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5000;

/** What both transports share: the current link, the state and its listeners. */
function switchboard() {
  let link: Link | null = null;
  let state: ConnectionState = 'connecting';
  const listeners = new Set<(state: ConnectionState) => void>();
  const client: Client = createORPCClient(
    new DynamicLink(() => {
      if (link) return link;
      throw new ProblemError(
        problem('host.not-connected', 'The host is not connected; the call is possible again once it is back'),
      );
    }),
  );
  const enter = (next: ConnectionState, through: Link | null) => {
    link = through;
    if (state === next) return;
    state = next;
    for (const listener of listeners) listener(next);
  };
  return {
    enter,
    handle: (close: () => void): Connection => ({
      client,
      state: () => state,
      onState: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close,
    }),
  };
}

/** `url` as for `new WebSocket`; `makeSocket` is given by tests. */
export function connectSocket(
  url: string,
  makeSocket: (url: string) => WebSocket = (target) => new WebSocket(target),
): Connection {
  const board = switchboard();
  let closed = false;
  let pause = FIRST_PAUSE_MS;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const made = makeSocket(url);
    made.binaryType = 'arraybuffer';
    socket = made;
    made.addEventListener('open', () => {
      pause = FIRST_PAUSE_MS;
      board.enter('connected', new SocketLink({ websocket: made }));
    });
    made.addEventListener('close', () => {
      if (closed) return;
      board.enter('disconnected', null);
      timer = setTimeout(open, pause);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    });
  };
  open();
  return board.handle(() => {
    closed = true;
    clearTimeout(timer);
    socket?.close();
    board.enter('disconnected', null);
  });
}

/** Waits for the port that preload hands over; a new port (the backend was restarted) replaces the old one. */
export function connectPort(target: Window): Connection {
  const board = switchboard();
  const receive = (event: MessageEvent) => {
    // Messages from other windows or without exactly our shape are not for us.
    if (event.source !== target || event.data?.type !== 'weft-port') return;
    const port = event.ports[0];
    if (!port) return;
    port.start();
    port.addEventListener('close', () => board.enter('disconnected', null));
    board.enter('disconnected', null);
    board.enter('connected', new PortLink({ port }));
  };
  target.addEventListener('message', receive);
  return board.handle(() => {
    target.removeEventListener('message', receive);
    board.enter('disconnected', null);
  });
}

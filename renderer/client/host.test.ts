// @vitest-environment happy-dom
import { ORPCError } from '@orpc/client';
import { describe, expect, it, vi } from 'vitest';
import { problem } from '#core/base/problem.ts';
import { connectSocket } from './connection.ts';
import { emptyConnection } from './fake/empty-connection.ts';
import { hostOver, ticketOf } from './host.ts';
import { isAnswer, problemOf } from './problem.ts';

describe('host', () => {
  it('reads the ticket of the address', () => {
    expect(ticketOf('#ticket=abc-_1')).toBe('abc-_1');
    expect(ticketOf('#other')).toBeNull();
    expect(ticketOf('')).toBeNull();
  });

  it('turns a refused upload into its problem', async () => {
    const refused = problem('upload.too-large', 'The file is larger than 2 GiB');
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ problem: refused }), { status: 413 }));
    const host = hostOver(emptyConnection, window);
    const failure = await host.upload(new File(['x'], 'big.onnx')).catch((error: unknown) => problemOf(error));
    expect(failure).toEqual(refused);
    vi.unstubAllGlobals();
  });

  it('tells an answer with a reason from a lost one', () => {
    const cause = problem('document.conflict', 'moved on');
    const answered = new ORPCError('PROBLEM', { status: 422, data: cause });
    expect(problemOf(answered)).toEqual(cause);
    expect(isAnswer(answered)).toBe(true);
    expect(isAnswer(new Error('socket closed'))).toBe(false);
    expect(problemOf(new Error('socket closed')).message).toBe('The host did not do it: socket closed');
  });

  it('says so while the socket is down, and tries again with growing pauses', () => {
    vi.useFakeTimers();
    const sockets: EventTarget[] = [];
    const make = () => {
      const socket = Object.assign(new EventTarget(), { binaryType: 'blob', readyState: 0, send() {}, close() {} });
      sockets.push(socket);
      return socket as unknown as WebSocket;
    };
    const connection = connectSocket('ws://127.0.0.1/api', make);
    const seen: string[] = [];
    connection.onState((state) => seen.push(state));
    sockets[0]?.dispatchEvent(new Event('open'));
    sockets[0]?.dispatchEvent(new Event('close'));
    vi.advanceTimersByTime(400);
    sockets[1]?.dispatchEvent(new Event('close'));
    vi.advanceTimersByTime(799);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    sockets[2]?.dispatchEvent(new Event('open'));
    expect(seen).toEqual(['connected', 'disconnected', 'connected']);
    connection.close();
    vi.useRealTimers();
  });
});

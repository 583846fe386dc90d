import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { limited } from './message-limit.ts';

class Port extends EventEmitter {
  isClosed = false;
  readonly posted: unknown[] = [];
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  close(): void {
    this.isClosed = true;
  }
}

it('P-20 lets text and bytes up to the limit through, and closes at anything else', () => {
  for (const [data, passes] of [
    ['12345678', true],
    [new Uint8Array(8), true],
    ['123456789', false],
    [new Uint8Array(9), false],
    [{ id: 1 }, false],
    [null, false],
    [12, false],
  ] as const) {
    const port = new Port();
    const heard: unknown[] = [];
    const safe = limited(port as never, 8);
    safe.on('message', (event) => heard.push(event.data));
    port.emit('message', { data });
    expect(heard, String(data)).toEqual(passes ? [data] : []);
    expect(port.isClosed).toBe(!passes);
    safe.postMessage('answer');
    expect(port.posted).toEqual(['answer']);
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '#core/technique/importer.ts';
import { decode, Wire } from './wire.ts';
import { bytes, varint } from './writer.ts';

const over = (content: Iterable<number>) => new Wire(bytesSource(Uint8Array.from(content)));

describe('wire format', () => {
  it('reads the varints of the specification', () => {
    // protobuf.dev, Encoding: 150 is 96 01; −2 is ten bytes.
    expect(over([0x96, 0x01]).varint()).toBe(150);
    expect(over([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).varint()).toBe(-2);
  });

  it('round-trips every safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => over(varint(value)).varint() === value),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('reads INT64_MAX as the nearest number', () => {
    expect(over([255, 255, 255, 255, 255, 255, 255, 255, 127]).varint()).toBe(2 ** 63);
  });

  it('says where a varint is too long', () => {
    const wire = over(new Array(11).fill(0x80));
    wire.varint();
    expect(wire.fault).toMatchObject({ code: 'malformed', byteOffset: 0 });
  });

  it('says where a field reaches beyond its message', () => {
    const wire = over([0x0a, 0x02, 0x0a, 0x05]);
    decode(wire, () => (_, type, at) => {
      at.skip(type);
      return null;
    });
    expect(wire.fault).toMatchObject({ code: 'truncated', byteOffset: 3 });
  });

  it('bounds nesting without recursing', () => {
    let content: readonly number[] = [];
    for (let i = 0; i < 80; i++) content = bytes(1, content);
    const wire = over(content);
    const nested = () => nested;
    decode(wire, nested);
    expect(wire.fault?.code).toBe('limit');
  });

  it('never reads what is skipped', () => {
    const reads: [number, number][] = [];
    const size = 1_000_000_000;
    const head = [0x0a, ...varint(size - 6)];
    const wire = new Wire({
      size,
      read(offset, length) {
        reads.push([offset, length]);
        return offset === 0
          ? Uint8Array.from([...head, ...new Array(length - head.length).fill(0)])
          : new Uint8Array(length);
      },
    });
    decode(wire, (_, type, at) => at.skip(type));
    expect(wire.fault).toBeNull();
    expect(reads).toEqual([[0, 65_536]]);
  });
});

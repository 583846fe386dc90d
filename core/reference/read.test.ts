import { describe, expect, it } from 'vitest';
import type { ElementType } from '#core/catalog/operator-type.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { readStored } from './read.ts';
import { computed, DEEPEST, type StoredData, type StoredTensor } from './stored.ts';

const stored = (elementType: ElementType, shape: readonly number[], data: StoredData): StoredTensor => ({
  type: { shape, elementType },
  data,
});
const numbers = (tensor: StoredTensor, file: Uint8Array = new Uint8Array(0)) => {
  const read = readStored(tensor, bytesSource(file));
  if (!read.ok) throw new Error(read.error.message);
  return [...read.value.data];
};
const bytes = (kind: 'bytes' | 'varints', list: readonly number[], offset = 0) => ({
  file: Uint8Array.from([...new Array<number>(offset).fill(255), ...list]),
  data: { kind, offset, length: list.length } as const,
});

describe('elements in a file', () => {
  it.each<[ElementType, readonly number[], readonly number[]]>([
    ['fp32', [0, 0, 128, 63, 0, 0, 0, 192], [1, -2]],
    ['fp16', [0, 60, 0, 192], [1, -2]],
    ['bf16', [128, 63, 0, 192], [1, -2]],
    ['fp64', [0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 192], [1, -2]],
    ['int8', [1, 254], [1, -2]],
    ['uint8', [1, 254], [1, 254]],
    ['int16', [1, 0, 254, 255], [1, -2]],
    ['uint16', [1, 0, 254, 255], [1, 65_534]],
    ['int32', [1, 0, 0, 0, 254, 255, 255, 255], [1, -2]],
    ['uint32', [1, 0, 0, 0, 254, 255, 255, 255], [1, 4_294_967_294]],
    ['int64', [1, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255], [1, -2]],
    ['bool', [1, 0], [1, 0]],
  ])('%s, little-endian', (type, list, expected) => {
    const { file, data } = bytes('bytes', list, 3);
    expect(numbers(stored(type, [2], data), file)).toEqual(expected);
  });

  it.each<[ElementType, readonly number[], readonly number[]]>([
    // Negative numbers are ten bytes long, whatever their type (protobuf.dev, Encoding).
    ['int8', [1, 254, 255, 255, 255, 255, 255, 255, 255, 255, 1], [1, -2]],
    ['int32', [172, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], [300, -1]],
    ['int64', [128, 128, 128, 128, 128, 1, 0], [2 ** 35, 0]],
    ['uint64', [255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 5], [2 ** 64, 5]],
    // Bits of 1 and −2.
    ['fp16', [128, 120, 128, 128, 3], [1, -2]],
    ['bf16', [128, 127, 128, 128, 3], [1, -2]],
  ])('%s as varints', (type, list, expected) => {
    const { file, data } = bytes('varints', list, 5);
    expect(numbers(stored(type, [2], data), file)).toEqual(expected);
  });

  it('says how much is missing', () => {
    const { file, data } = bytes('bytes', [0, 0, 128, 63]);
    const short = readStored(stored('fp32', [2], data), bytesSource(file));
    expect(short).toMatchObject({ ok: false, error: { code: 'weights.truncated', facts: { elements: 2, found: 1 } } });
    const beyond = readStored(stored('fp32', [1], { kind: 'bytes', offset: 2, length: 4 }), bytesSource(file));
    expect(beyond).toMatchObject({ ok: false, error: { code: 'weights.truncated', where: { byteOffset: 2 } } });
  });
});

describe('elements that are not in the file', () => {
  it('values and series', () => {
    expect(numbers(stored('int64', [3], { kind: 'values', values: [4, 5, -6] }))).toEqual([4, 5, -6]);
    expect(numbers(stored('fp32', [2, 2], { kind: 'series', start: 0.5, step: 0 }))).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(numbers(stored('int64', [4], { kind: 'series', start: 7, step: -2 }))).toEqual([7, 5, 3, 1]);
  });

  it('computed by an operator, its operands read too', () => {
    const matrix = stored('int32', [2, 3], { kind: 'values', values: [1, 2, 3, 4, 5, 6] });
    const data = computed('transpose', { permutation: [1, 0] }, [matrix]);
    expect(numbers(stored('int32', [3, 2], data))).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('absent: with the reason, from whatever depth', () => {
    const elsewhere = stored('fp32', [2], { kind: 'absent', reason: 'its data lie in another file' });
    const data = computed('elementwise', { operation: 'add' }, [elsewhere, elsewhere]);
    const read = readStored(stored('fp32', [2], data), bytesSource(new Uint8Array(0)));
    expect(read).toMatchObject({ ok: false, error: { code: 'weights.absent' } });
    expect(read.ok ? '' : read.error.message).toContain('its data lie in another file');
  });

  it('a chain of computations is followed so far and no further', () => {
    let tensor = stored('fp32', [1], { kind: 'values', values: [2] });
    const longer = () => stored('fp32', [1], computed('activation', { function: 'neg' }, [tensor]));
    for (let i = 0; i < DEEPEST; i++) tensor = longer();
    expect(numbers(tensor)).toEqual([2]);
    expect(longer().data).toMatchObject({ kind: 'absent' });
  });
});

import { describe, expect, it } from 'vitest';
import { byteSizeText, parseByteSize } from './byte-size.ts';

describe('sizes in bytes', () => {
  it.each([
    ['131072', 131_072],
    ['128KiB', 131_072],
    ['2 MiB', 2_097_152],
    ['1.5kib', 1536],
    ['1,024 B', 1024],
    [' 0 ', 0],
    ['1.3 KiB', null],
    ['-1', null],
    ['1 KB', null],
    ['', null],
    ['9007199254740993', null],
  ])('%j is %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each([0, 1, 1023, 1024, 1536, 131_073, 131_072, 1_572_864, 3 * 2 ** 30])('%i is read back', (bytes) => {
    expect(parseByteSize(byteSizeText(bytes))).toBe(bytes);
  });

  it('is short where that is exact', () => {
    expect([131_072, 1_572_864, 131_073].map(byteSizeText)).toEqual(['128 KiB', '1.5 MiB', '131,073 B']);
  });
});

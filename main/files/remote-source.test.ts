import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { fillWindow, remoteSource, sharedFile } from './remote-source.ts';

it('reads as the file does, across windows, with a question only where the window ends', () => {
  const rng = createRng(3);
  const bytes = Uint8Array.from({ length: 3 * 2 ** 20 + 777 }, () => rng.below(256));
  const file = bytesSource(bytes);
  const shared = sharedFile(file);
  const asked: number[] = [];
  const source = remoteSource(shared, (offset) => {
    asked.push(offset);
    fillWindow(shared, file, offset);
  });
  expect(source.size).toBe(bytes.length);
  const same = (offset: number, length: number) =>
    expect(Buffer.compare(source.read(offset, length), file.read(offset, length))).toBe(0);
  same(0, 100);
  same(100, 2 ** 20 - 100);
  expect(asked).toEqual([0]);
  same(0, bytes.length);
  expect(asked).toEqual([0, 2 ** 20, 2 ** 21, 3 * 2 ** 20]);
  for (let i = 0; i < 100; i++) same(rng.below(bytes.length + 10), rng.below(2 ** 21));
});

it('ends where the host can read no further', () => {
  const broken = {
    size: 100,
    read: () => {
      throw new Error('closed');
    },
  };
  const shared = sharedFile(broken);
  expect(remoteSource(shared, (offset) => fillWindow(shared, broken, offset)).read(10, 20)).toHaveLength(0);
});

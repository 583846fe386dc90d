import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { openFileSource } from './byte-source.ts';
import { createTempStore } from './temp-store.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('a file read by offset', () => {
  it('gives the bytes of every range, over chunk borders and to the end', () => {
    const rng = createRng(1);
    const bytes = new Uint8Array(700_001).map(() => rng.below(256));
    const path = join(folder.path, 'file');
    writeFileSync(path, bytes);
    const source = openFileSource(path);
    expect(source.size).toBe(bytes.length);
    for (let i = 0; i < 500; i++) {
      const offset = rng.below(bytes.length);
      const length = rng.below(i % 10 === 0 ? 400_000 : 300);
      expect(Buffer.compare(source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
    }
    expect(source.read(bytes.length, 10)).toHaveLength(0);
    expect(source.read(bytes.length - 1, 10)).toHaveLength(1);
    source.close();
  });

  it('gives what there is when the file shrinks meanwhile', () => {
    const path = join(folder.path, 'file');
    writeFileSync(path, new Uint8Array(1_000_000));
    const source = openFileSource(path);
    truncateSync(path, 600_000);
    expect(source.read(590_000, 20_000).length).toBeLessThanOrEqual(10_000);
    source.close();
    expect(() => openFileSource(join(folder.path, 'absent'))).toThrow(/ENOENT/);
  });
});

describe('the temporary files', () => {
  const stream = (text: string) => new Blob([text]).stream();

  it('come back as they came, and are gone at the end', async () => {
    const store = createTempStore();
    const stored = await store.receive('../name.onnx', stream('content'));
    if (!stored.ok) throw new Error(stored.error.code);
    const file = store.get(stored.value)!;
    expect(file).toMatchObject({ name: '../name.onnx', size: 7 });
    expect(dirname(file.path)).not.toContain('name');
    const blob = store.put('report.html', 'text/html', [Buffer.from('é')]);
    expect(store.get(blob)?.size).toBe(2);
    store.remove(blob);
    expect(store.get(blob)).toBeNull();
    store.close();
    expect(existsSync(file.path)).toBe(false);
  });

  it('refuse what is too large, keep nothing of what broke off, and stay few', async () => {
    const store = createTempStore(10);
    expect(await store.receive('big', stream('x'.repeat(11)))).toMatchObject({ error: { code: 'upload.too-large' } });
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('cut')) });
    expect(await store.receive('cut', broken)).toMatchObject({ error: { code: 'upload.failed' } });
    const ids = Array.from({ length: 70 }, (_, i) => store.put(`${i}`, 'text/plain', [Buffer.from('x')]));
    expect([store.get(ids[0]!), store.get(ids[69]!)]).toMatchObject([null, { name: '69' }]);
    store.close();
  });
});

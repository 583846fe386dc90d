import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { packCommand } from './pack.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

async function weftPack(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const code = await runCommand(packCommand, args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const csv = join(folder.path, 'buffers.csv');
writeFileSync(csv, 'id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n');

describe('weft pack', () => {
  it('writes the buffers with offsets and says what was found', async () => {
    const target = join(folder.path, 'packed.csv');
    const { code, out } = await weftPack('--csv', csv, '--capacity', '12', '--csv-out', target, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      status: 'packed',
      capacity: 12,
      lowerBound: 12,
      height: 12,
      stop: 'found',
    });
    expect(readFileSync(target, 'utf8').split('\n')[0]).toBe('id,lower,upper,size,offset');
  });

  it('says what is proven impossible, and writes nothing', async () => {
    const target = join(folder.path, 'none.csv');
    const { code, out } = await weftPack('--csv', csv, '--capacity', '11', '--csv-out', target, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'impossible', lowerBound: 12, height: null, stop: 'proven' });
    expect(existsSync(target)).toBe(false);
  });

  it('looks for the least capacity', async () => {
    const { code, out } = await weftPack('--csv', csv, '--minimise', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ status: 'packed', lowerBound: 12, height: 12, stop: 'proven' });
    expect(await weftPack('--csv', csv, '--minimise', '--capacity', '11')).toMatchObject({ code: 1 });
  });

  it('names the line of a malformed file, and the option of a wrong line', async () => {
    const broken = join(folder.path, 'broken.csv');
    writeFileSync(broken, 'id,lower,upper,size\na,0,x,4\n');
    const failed = await weftPack('--csv', broken, '--capacity', '8', '--json');
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("error pack.csv: Line 2: upper takes a whole number, not 'x'");
    expect(JSON.parse(failed.out)).toMatchObject({ problems: [{ code: 'pack.csv', facts: { line: 2 } }] });
    expect((await weftPack('--csv', join(folder.path, 'absent.csv'), '--capacity', '8')).code).toBe(1);
    expect((await weftPack('--csv', csv)).code).toBe(2);
    expect((await weftPack('--capacity', '12')).code).toBe(2);
  });
});

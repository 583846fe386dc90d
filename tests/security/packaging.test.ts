/** What is packaged and how: fuses, the archive's integrity, file types, icons, checksums, no updates by itself. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { writeChecksums } from '#main/packaging/checksums.ts';
import { ICNS_SIZES, ICO_SIZES, icnsFile, icoFile, LINUX_SIZES } from '#main/packaging/icon-files.ts';
import { BUNDLE_EXTENSION } from '#projects/bundle.ts';
import { PROJECT_EXTENSION } from '#projects/project.ts';
import { temporaryFolder } from '../crash/edits.ts';

const root = resolve(import.meta.dirname, '../..');
const text = (path: string) => readFileSync(resolve(root, path), 'utf8');
const resources = resolve(root, 'main/resources');
const config = z
  .object({
    asar: z.boolean(),
    asarUnpack: z.array(z.string()),
    electronFuses: z.record(z.string(), z.boolean()),
    fileAssociations: z.array(z.object({ ext: z.string(), mimeType: z.string(), icon: z.string(), role: z.string() })),
    linux: z.object({ target: z.array(z.string()), maintainer: z.string(), icon: z.string() }),
    mac: z.object({ target: z.array(z.string()), icon: z.string() }),
    win: z.object({ target: z.array(z.string()), icon: z.string() }),
    extraMetadata: z.object({ homepage: z.url() }),
    publish: z.null(),
  })
  .parse(parse(text('electron-builder.yml')));

it('fuses shut what an attacker would use, and the archive is checked', () => {
  expect(config.asar).toBe(true);
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
});

it('outside the archive lies only what the system loads by path, and the entry of the worker threads', () => {
  expect([...config.asarUnpack].sort()).toEqual(['**/*.node', '**/*.wasm', 'out/main/worker.js']);
  expect(text('electron.vite.config.ts')).toContain("worker: at('main/jobs/worker.ts')");
});

it('every platform has its packages, both kinds of file belong to the app, and it never updates by itself', () => {
  expect(config.linux.target).toEqual(['AppImage', 'deb']);
  expect(config.mac.target).toEqual(['dmg']);
  expect(config.win.target).toEqual(['nsis']);
  expect(config.linux.maintainer).toMatch(/^[^<]+ <[^@>]+@[^@>]+>$/);
  expect(config.fileAssociations.map(({ ext }) => `.${ext}`)).toEqual([PROJECT_EXTENSION, BUNDLE_EXTENSION]);
  for (const { mimeType, role } of config.fileAssociations) {
    expect(mimeType).toMatch(/^application\/x-weft/);
    expect(role).toBe('Editor');
  }
  expect(config.publish).toBeNull();
  expect(text('package.json')).not.toMatch(/electron-updater|update-electron-app/);
});

/** Side of a PNG, from its first chunk. */
function sideOf(png: Uint8Array): number {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect(bytes.readUInt32BE(16)).toBe(bytes.readUInt32BE(20));
  return bytes.readUInt32BE(16);
}

/** Images of an .ico by the side its directory says. */
function inIco(path: string): readonly (readonly [number, number])[] {
  const file = readFileSync(path);
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: file.readUInt16LE(4) }, (_, at) => {
    const entry = 6 + 16 * at;
    const from = file.readUInt32LE(entry + 12);
    return [file.readUInt8(entry) || 256, sideOf(file.subarray(from, from + file.readUInt32LE(entry + 8)))] as const;
  });
}

function inIcns(path: string): ReadonlyMap<string, number> {
  const file = readFileSync(path);
  expect(file.toString('latin1', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const found = new Map<string, number>();
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
    found.set(file.toString('latin1', at, at + 4), sideOf(file.subarray(at + 8, at + file.readUInt32BE(at + 4))));
  return found;
}

it('icons are there in every size, whole and small', () => {
  const names = [
    config.win.icon,
    config.mac.icon,
    ...config.fileAssociations.flatMap(({ icon }) => [`${icon}.ico`, `${icon}.icns`]),
  ];
  for (const name of new Set(names)) {
    const path = join(resources, name);
    if (name.endsWith('.ico')) expect(inIco(path)).toEqual(ICO_SIZES.map((side) => [side, side]));
    else {
      const sides = inIcns(path);
      expect([...new Set(sides.values())].sort((a, b) => a - b)).toEqual([...ICNS_SIZES]);
      // Apple's table of types: ic10 is 512 points at twice the density.
      expect([sides.get('icp4'), sides.get('ic07'), sides.get('ic12'), sides.get('ic10')]).toEqual([16, 128, 64, 1024]);
    }
    expect(statSync(path).size).toBeLessThan(300_000);
  }
  for (const side of LINUX_SIZES)
    expect(sideOf(readFileSync(join(resources, config.linux.icon, `${side}x${side}.png`)))).toBe(side);
  expect(readdirSync(join(resources, config.linux.icon))).toHaveLength(LINUX_SIZES.length);
});

it('an icon file without one of its sizes is not written', () => {
  expect(() => icoFile(new Map())).toThrow('16 pixels');
  expect(() => icnsFile(new Map([[16, new Uint8Array(8)]]))).toThrow('32 pixels');
});

it('checksums are what sha256sum reads', async () => {
  const folder = temporaryFolder();
  expect(await writeChecksums(folder.path)).toBeNull();
  writeFileSync(join(folder.path, 'Weft-1.AppImage'), 'first');
  writeFileSync(join(folder.path, 'weft.deb'), 'second');
  writeFileSync(join(folder.path, 'builder-debug.yml'), 'not a package');
  const path = await writeChecksums(folder.path, 'linux');
  const sum = (of: string) => createHash('sha256').update(of).digest('hex');
  expect(readFileSync(path ?? '', 'utf8')).toBe(`${sum('first')}  Weft-1.AppImage\n${sum('second')}  weft.deb\n`);
  folder.remove();
});

it('without Electron’s binary packaging says so plainly, and packs nothing', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, 'electron'));
  const { status, stderr, stdout } = spawnSync(process.execPath, [resolve(root, 'main/package.ts')], {
    env: { ...process.env, WEFT_ELECTRON: join(folder.path, 'electron') },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('Electron’s binary is not on this machine');
  expect(stderr).toContain('node_modules/electron/install.js');
  expect(stderr).not.toMatch(/at .*\.ts:\d+/);
  expect(stdout).toBe('');
  folder.remove();
});

it('the release workflow tests before it packs, on three systems, without secrets', () => {
  const workflow = text('.github/workflows/release.yml');
  const { jobs, on } = z
    .object({
      on: z.object({ push: z.object({ tags: z.array(z.string()) }) }),
      jobs: z.record(
        z.string(),
        z.object({
          needs: z.string().optional(),
          strategy: z.object({ matrix: z.object({ os: z.array(z.string()) }) }).optional(),
          steps: z.array(z.object({ run: z.string().optional(), uses: z.string().optional() })),
        }),
      ),
    })
    .parse(parse(workflow));
  expect(on.push.tags).toEqual(['v*']);
  const runs = (job: string) => jobs[job]!.steps.flatMap(({ run }) => run ?? []);
  expect(runs('test')).toEqual(['npm ci', 'npm test']);
  expect(jobs.package?.needs).toBe('test');
  expect(jobs.package?.strategy?.matrix.os.map((os) => os.split('-')[0])).toEqual(['ubuntu', 'macos', 'windows']);
  expect(runs('package')[0]).toBe('npm ci');
  expect(runs('package').at(-1)).toMatch(/^npm run package -- --publish never/);
  expect(workflow).not.toContain('secrets.');
  expect(existsSync(resolve(root, 'package-lock.json'))).toBe(true);
});

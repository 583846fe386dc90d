import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { type Browser, browserCandidates, findBrowser, folderFor, hasDisplay } from './browser.ts';
import { openWindow } from './open-window.ts';

describe('finding a browser', () => {
  it('looks where each system keeps them, the user’s choice first', () => {
    expect(browserCandidates('linux', { PATH: '/a:/b' }).slice(0, 2)).toEqual([
      '/a/google-chrome-stable',
      '/b/google-chrome-stable',
    ]);
    expect(browserCandidates('linux', { PATH: '/a', WEFT_BROWSER: 'mine' })[0]).toBe('/a/mine');
    expect(browserCandidates('linux', { PATH: '/a', WEFT_BROWSER: '/x/mine' })[0]).toBe('/x/mine');
    expect(browserCandidates('darwin', {})[0]).toBe('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
    expect(browserCandidates('win32', { PROGRAMFILES: 'P' })[0]).toBe(
      join('P', 'Google', 'Chrome', 'Application', 'chrome.exe'),
    );
  });

  it('takes the first that can be run; none is none', () => {
    const folder = temporaryFolder();
    const plain = join(folder.path, 'plain');
    const runnable = join(folder.path, 'chromium');
    writeFileSync(plain, '');
    writeFileSync(runnable, '#!/bin/sh\n');
    chmodSync(runnable, 0o755);
    expect(findBrowser([plain, runnable])).toMatchObject({ path: runnable, name: 'chromium', isSnap: false });
    expect(findBrowser([plain])).toBeNull();
    folder.remove();
  });

  it('knows where a window can appear', () => {
    expect(hasDisplay({}, 'linux')).toBe(false);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(hasDisplay({}, 'darwin')).toBe(true);
    const snap: Browser = { path: '/snap/bin/chromium', name: 'chromium', isSnap: true, canShowWindow: true };
    expect(folderFor(snap, '/elsewhere')).toMatch(/snap.chromium.common.weft$/);
    expect(folderFor({ ...snap, isSnap: false }, '/elsewhere')).toBe('/elsewhere');
  });
});

describe.skipIf(process.platform === 'win32')('opening a window', () => {
  it('keeps the ticket out of the process list: a private file carries it', async () => {
    const folder = temporaryFolder();
    const script = join(folder.path, 'browser.sh');
    const seen = join(folder.path, 'seen');
    writeFileSync(
      script,
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${seen}.part' && mv '${seen}.part' '${seen}'\nexec sleep 60\n`,
    );
    chmodSync(script, 0o755);
    const browser: Browser = { path: script, name: 'browser.sh', isSnap: false, canShowWindow: true };
    const url = 'http://127.0.0.1:1234/#ticket=secret';
    const opened = openWindow(browser, url, folder.path);
    try {
      const file = /--app=file:\/\/(\S+)/.exec(opened.process.spawnargs.join(' '))?.[1] ?? '';
      expect(opened.process.spawnargs.join(' ')).not.toContain('secret');
      expect(opened.process.spawnargs.join(' ')).toContain(`--user-data-dir=${join(folder.path, 'browser-profile')}`);
      expect(readFileSync(file, 'utf8')).toContain(`content="0;url=${url}"`);
      expect(statSync(file).mode & 0o077).toBe(0);
      opened.forget();
      expect(() => statSync(file)).toThrow();
    } finally {
      opened.process.kill('SIGKILL');
      await new Promise((done) => opened.process.once('exit', done));
      folder.remove();
    }
  });
});

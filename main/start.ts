/**
 * `npm start`: builds when the sources are newer than the build, then starts the Electron host where its binary is
 * or can be fetched, else the local host with an installed browser; one line says which and why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findBrowser, hasDisplay } from './window/browser.ts';

const root = resolve(import.meta.dirname, '..');
const USAGE = `usage: npm start -- [PROJECT.weft] [--host local|electron] [--port N] [--no-open] [--stay] [--home DIR]

  --host HOST  electron: the desktop window; local: a browser on this machine (chosen for you unless given)
  the rest     goes to the local host: npm start -- --host local --help`;

/** Children end with this process, however it ends. */
const children = new Set<ChildProcess>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    for (const child of children) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    if (children.size === 0) process.exit(0);
  });

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function run(
  script: string,
  args: readonly string[],
  options: { readonly isQuiet?: boolean; readonly timeout?: number; readonly command?: string } = {},
): Promise<Outcome> {
  return new Promise((done) => {
    const command = options.command ?? process.execPath;
    const child = spawn(command, options.command ? [...args] : [script, ...args], {
      cwd: root,
      // What the host and its threads compiled is not compiled at the next start.
      env: { NODE_COMPILE_CACHE: join(root, 'out', 'compile-cache'), ...process.env },
      stdio: options.isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    children.add(child);
    child.on('error', (error) => done({ code: 1, output: error.message }));
    child.on('close', (code) => {
      children.delete(child);
      done({ code: code ?? 1, output });
    });
  });
}

/** A digest of names, sizes and times of everything the build reads; independent of any version control. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const status = statSync(path);
    if (status.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== 'examples') visit(join(path, name));
    } else if (!/\.test\.ts$|\.md$/.test(path)) hash.update(`${path}\0${status.size}\0${status.mtimeMs}\0`);
  };
  for (const part of ['core', 'main', 'preload', 'projects', 'renderer', 'electron.vite.config.ts', 'package.json'])
    visit(join(root, part));
  return hash.digest('hex');
}

async function build(): Promise<boolean> {
  const stamp = join(root, 'out', 'stamp');
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  console.log('weft: building …');
  const built = await run(join(root, 'node_modules/electron-vite/bin/electron-vite.js'), ['build'], { isQuiet: true });
  if (built.code !== 0) {
    console.error(built.output);
    return false;
  }
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}

function electronBinary(): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const name = join(folder, 'path.txt');
  if (!existsSync(name)) return null;
  const path = join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(path) ? path : null;
}

/** Electron's own installer, which fetches the binary from where its makers put it; a moment's patience only. */
const FETCH_TIMEOUT_MS = 20_000;
/** Where it could not be fetched, the next starts do not wait for it again. */
const RETRY_AFTER_MS = 24 * 3600 * 1000;

async function fetchElectron(isAskedFor: boolean): Promise<string | null> {
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const failed = join(root, 'out', 'electron-not-fetched');
  if (!existsSync(installer)) return null;
  if (!isAskedFor && existsSync(failed) && Date.now() - statSync(failed).mtimeMs < RETRY_AFTER_MS) return null;
  console.log('weft: fetching Electron (at most 20 s) …');
  const { output } = await run(installer, [], { isQuiet: true, timeout: FETCH_TIMEOUT_MS });
  const binary = electronBinary();
  if (binary === null) writeFileSync(failed, output);
  return binary;
}

/** What to do where no window can appear. */
function adviceWithoutWindow(): string {
  const ssh = `To use it from another machine: ssh -L PORT:127.0.0.1:PORT ${userInfo().username}@${hostname()}, with the port below on both sides, then open the address there.`;
  if (!hasDisplay()) return `There is no display here. ${ssh}`;
  if (process.platform === 'linux')
    return `There is no browser here; install the package chromium (Debian, Fedora, Arch) or chromium-browser (Ubuntu), or set WEFT_BROWSER. ${ssh}`;
  return `There is no Chrome, Chromium or Edge here; install one or set WEFT_BROWSER, or open the address in any browser. ${ssh}`;
}

async function startLocal(args: readonly string[], why: string): Promise<number> {
  const browser = findBrowser();
  const hasWindow = browser !== null && hasDisplay() && !args.includes('--no-open');
  console.log(`weft: local host${hasWindow ? `, window by ${browser.name}` : ''} (${why})`);
  if (!hasWindow && !args.includes('--no-open')) console.log(adviceWithoutWindow());
  return (await run(join(root, 'out/main/local.js'), args)).code;
}

async function startElectron(binary: string, args: readonly string[], why: string): Promise<number> {
  console.log(`weft: Electron (${why})`);
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return (await run('', [...sandbox, root, ...args], { command: binary })).code;
}

/** `--host X` out of the arguments; the rest as it was. */
function split(args: readonly string[]): { readonly host: string | undefined; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: { host: { type: 'string' } },
    allowPositionals: true,
  });
  let host: string | undefined;
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name !== 'host') continue;
    host = token.value ?? '';
    taken.add(token.index);
    if (token.inlineValue === false) taken.add(token.index + 1);
  }
  return { host, rest: args.filter((_, index) => !taken.has(index)) };
}

async function main(): Promise<number> {
  const { host, rest } = split(process.argv.slice(2));
  if (host !== undefined && host !== 'local' && host !== 'electron') {
    console.error(`--host is local or electron, not '${host}'\n${USAGE}`);
    return 2;
  }
  if (host === undefined && (rest.includes('--help') || rest.includes('-h'))) {
    console.log(USAGE);
    return 0;
  }
  if (!(await build())) return 1;
  if (host === 'local') return startLocal(rest, 'asked for');
  if (host === undefined && !hasDisplay()) return startLocal(rest, 'there is no display');
  const present = electronBinary();
  const binary = present ?? (await fetchElectron(host === 'electron'));
  if (binary) return startElectron(binary, rest, present ? 'its binary is here' : 'its binary was fetched');
  if (host === 'electron') {
    console.error(
      'Electron’s binary is not here and could not be fetched; npm start -- --host local needs only a browser',
    );
    return 1;
  }
  return startLocal(rest, 'Electron’s binary is not here and could not be fetched');
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const bundled = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
if (major > 22 || (major === 22 && minor >= 18)) process.exitCode = await main();
else if (existsSync(bundled)) {
  // Started outside npm by an older Node: the one that npm ci brought does it.
  process.exitCode = (await run('', [import.meta.filename, ...process.argv.slice(2)], { command: bundled })).code;
} else {
  console.error(
    `Weft needs Node 22.18 or newer; this is ${process.version}. Run npm ci, which brings one, or update Node.`,
  );
  process.exitCode = 1;
}

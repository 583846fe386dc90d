/** What a window of the Electron host may not do: go elsewhere, open windows, ask for permissions, embed. */
import { type Session, shell, type WebContents } from 'electron';

export const APP_ORIGIN = 'app://weft';

/** Pages the app itself links to; everything else is not opened at all. */
const OUTSIDE: readonly RegExp[] = [
  /^https:\/\/doi\.org\/10\.\d{4,9}\/[\w.()/;:-]+$/,
  /^https:\/\/arxiv\.org\/(abs|pdf)\/[\w./-]+$/,
  /^https:\/\/github\.com\/onnx\/onnx\/[\w./#-]*$/,
];

export function mayOpenOutside(url: string): boolean {
  return OUTSIDE.some((pattern) => pattern.test(url));
}

export function confine(contents: WebContents): void {
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isOurs(url)) event.preventDefault();
  };
  contents.on('will-navigate', (event) => stay(event, event.url));
  contents.on('will-redirect', (event) => stay(event, event.url));
  contents.on('will-frame-navigate', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenOutside(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

export function denyPermissions(session: Session): void {
  // Copying text from the page is the one thing it may ask for.
  const allowed = new Set(['clipboard-sanitized-write']);
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(allowed.has(permission)));
  session.setPermissionCheckHandler((_contents, permission) => allowed.has(permission));
  session.setDevicePermissionHandler(() => false);
}

function isOurs(url: string): boolean {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}` === APP_ORIGIN;
  } catch {
    return false;
  }
}

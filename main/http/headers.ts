/** The headers of every answer: nothing from elsewhere, nothing to elsewhere, no sniffing, cross-origin isolated. */

/** For the app's own pages. `connect`: sources besides 'self', such as the WebSocket's own origin. */
export function appPolicy(connect: readonly string[] = []): string {
  return [
    "default-src 'none'",
    // HiGHS runs in the host; the renderer needs no eval, WebAssembly included.
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    // Positions of nodes and bars are style attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "manifest-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** For files made from a user's data: a page that can draw and nothing else. */
export const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

export function securityHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
  };
}

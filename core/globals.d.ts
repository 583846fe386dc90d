// The few globals every JavaScript engine has that TypeScript files under its DOM library.
// Anything else from a host (timers, files, fetch, crypto) does not compile in core, on purpose.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(input?: Uint8Array): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

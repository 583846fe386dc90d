/** How large a message of the API may be, over either transport. */
/** A message holds at most one operation; larger things go by upload. Bytes, or characters of text. */
export const LARGEST_MESSAGE = 64 * 2 ** 20;

/** What the API needs of Electron's port, a MessagePortMain. */
export interface LimitedPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

export interface ClosablePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

/** The port, closed by the first message that is longer, or that is neither text nor bytes. */
export function limited(port: ClosablePort, largest = LARGEST_MESSAGE): LimitedPort {
  const isFit = (data: unknown) =>
    typeof data === 'string' ? data.length <= largest : ArrayBuffer.isView(data) && data.byteLength <= largest;
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) => {
      if (event === 'close') port.on('close', () => listener({ data: null }));
      else
        port.on('message', (message) => {
          if (isFit(message.data)) listener(message);
          else port.close();
        });
    },
  };
}

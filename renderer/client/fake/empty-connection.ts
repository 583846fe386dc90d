/** A connection that never comes up, for tests of what does not need one. */
import { createORPCClient } from '@orpc/client';
import type { Client, Connection } from '../connection.ts';

const client: Client = createORPCClient({ call: () => Promise.reject(new Error('not connected')) });

export const emptyConnection: Connection = {
  client,
  state: () => 'disconnected',
  onState: () => () => {},
  close: () => {},
};

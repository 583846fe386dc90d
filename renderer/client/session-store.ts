/** The host and the connection to it: what every other store calls through. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { problem } from '#core/base/problem.ts';
import type { HostEvent, HostView } from '#core/contract/views.ts';
import type { Client, ConnectionState } from './connection.ts';
import type { Host } from './host.ts';
import { ProblemError } from './problem.ts';

export const useSession = defineStore('session', () => {
  const host = shallowRef<Host | null>(null);
  const info = shallowRef<HostView | null>(null);
  const connection = ref<ConnectionState>('connecting');
  const isConnected = computed(() => connection.value === 'connected');
  const eventListeners = new Set<(event: HostEvent) => void>();
  const connectListeners = new Set<() => void>();

  function attach(to: Host): void {
    host.value = to;
    const enter = (state: ConnectionState) => {
      connection.value = state;
      if (state === 'connected') void greet(to);
    };
    to.connection.onState(enter);
    enter(to.connection.state());
  }

  async function greet(to: Host): Promise<void> {
    void follow(to);
    for (const listener of connectListeners) listener();
    try {
      info.value = await to.client.host.info();
    } catch {
      // The connection went again; the next greeting asks anew.
    }
  }

  /** Hands live events on until the connection ends; a new connection starts anew. */
  async function follow(to: Host): Promise<void> {
    try {
      for await (const event of await to.client.host.events()) for (const listener of eventListeners) listener(event);
    } catch {
      // Ends with the connection; `connection` says so on screen.
    }
  }

  /** The typed API; throws a ProblemError while there is no host. */
  function api(): Client {
    return attached().client;
  }

  function attached(): Host {
    if (!host.value) throw new ProblemError(problem('host.not-connected', 'The host is not connected yet'));
    return host.value;
  }

  return {
    host,
    info,
    connection,
    isConnected,
    attach,
    attached,
    api,
    onEvent: (listener: (event: HostEvent) => void) => eventListeners.add(listener),
    onConnect: (listener: () => void) => connectListeners.add(listener),
  };
});

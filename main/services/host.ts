/** `host.*`: what this host is, and the live events. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { HostEvent } from '#core/contract/views.ts';
import type { Backend } from '../backend.ts';
import { APP_VERSION } from '../version.ts';

export function hostService(backend: Backend) {
  const os = implement(contract.host);
  const { kind, printPdf, pickProject } = backend.options;
  return os.router({
    info: os.info.handler(() => ({
      kind,
      appVersion: APP_VERSION,
      platform: process.platform,
      can: { printPdf: printPdf !== undefined, pickFiles: pickProject !== undefined, revealFiles: kind === 'electron' },
    })),
    events: os.events.handler(async function* ({ signal }): AsyncGenerator<HostEvent> {
      // Subscribed before the first event is made, so that nothing falls between.
      const live = backend.events.subscribe('event', { signal });
      yield { type: 'project.changed', project: backend.view() };
      yield* live;
    }),
  });
}

/** The only worker entry; hosts pass its URL in. */
import { parentPort } from 'node:worker_threads';
import { handlers } from './handlers.ts';
import { serveJobs } from './serve.ts';

if (parentPort) serveJobs(parentPort, handlers);

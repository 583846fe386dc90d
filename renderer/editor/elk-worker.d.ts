/** Side effect only: installs the worker's message handler. */
declare module 'elkjs/lib/elk-worker.min.js';

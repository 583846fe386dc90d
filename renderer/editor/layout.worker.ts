/** ELK in a worker of its own: the import answers elk-api's messages; cancelling is terminating the worker. */
import 'elkjs/lib/elk-worker.min.js';

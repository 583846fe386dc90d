/** The process that queue.test.ts kills: a queue of runs on the project it is given; prints the runs at every change. */
import { writeSync } from 'node:fs';
import { createLane } from '#main/jobs/lane.ts';
import { createRunQueue } from '#main/jobs/queue.ts';
import { openProject } from '#projects/project.ts';

const [path = ''] = process.argv.slice(2);
const opened = openProject(path);
if (!opened.ok) throw new Error(opened.error.message);
const lane = createLane(new URL('../support/idle-runs-worker.ts', import.meta.url));
const tell = () => writeSync(1, `${JSON.stringify({ runs: queue.list(), ...queue.view() })}\n`);
const queue = createRunQueue(opened.value, lane, '1.0', tell);
queue.begin();
// Nothing starts in a queue that is paused; it is still there to be killed.
tell();
setInterval(() => {}, 1000);

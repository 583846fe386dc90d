/**
 * P-12: from the wish to stop to its being shown, through a local host in a process of its own, at random moments: runs,
 * simulations, studies of estimates and of runs, curves, crossover maps. What works in the page (FIFO depths, dataflow facts,
 * rewrites, layouts, exports) is a worker that is ended on the spot.
 */
import { createRng } from '#core/base/rng.ts';
import type { CrossoverSite, HostEvent } from '#core/contract/views.ts';
import { DEFAULT_SIMULATION } from '#core/run/fabric/settings.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { StudyAxis, StudySpec } from '#core/study/study.ts';
import { connect, startLocalHost } from '../support/local-host.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';

const TIMES = 12;
/** Milliseconds after its start that something is stopped. */
const LATEST = 600;

const host = await startLocalHost();
const client = await connect(host);
const { api } = client;
const heard = new Set<(event: HostEvent) => void>();
const events = await api.host.events();
void (async () => {
  for await (const event of events) for (const each of heard) each(event);
})().catch(() => {});

const soon = (milliseconds: number) => new Promise((next) => setTimeout(next, milliseconds));
const rng = createRng(1);

/** What is under way: how to stop it, and what an event says of it. */
interface Stoppable {
  readonly stop: () => Promise<unknown>;
  /** Null: nothing of it. */
  readonly said: (event: HostEvent) => 'stopped' | 'over' | null;
  /** After it: whether the best so far was kept, and rest for the next. */
  readonly after?: () => Promise<boolean>;
}

async function measure(title: string, start: () => Promise<Stoppable>): Promise<void> {
  const shown: number[] = [];
  let kept = 0;
  let late = 0;
  let canKeep = false;
  for (let i = 0; i < TIMES; i++) {
    const { stop, said, after } = await start();
    let asked: number | null = null;
    const took = await new Promise<number | null>((done) => {
      const hear = (event: HostEvent) => {
        const what = said(event);
        if (what === null) return;
        heard.delete(hear);
        clearTimeout(timer);
        done(what === 'stopped' && asked !== null ? performance.now() - asked : null);
      };
      heard.add(hear);
      const timer = setTimeout(() => {
        asked = performance.now();
        void stop();
      }, 20 + rng.below(LATEST));
    });
    if (took === null) late++;
    else shown.push(took);
    if (after) {
      canKeep = true;
      if (await after()) kept++;
    }
  }
  const rest = [
    ...(canKeep ? [`${kept} of ${TIMES} kept a best`] : []),
    ...(late > 0 ? [`${late} were done before they could be stopped`] : []),
  ].join('; ');
  if (shown.length > 0) console.log(`${row(title, distribution(shown), 'ms')}${rest === '' ? '' : `; ${rest}`}`);
  else console.log(`${title}: ${rest}`);
}

async function opened(slug: string): Promise<(kind: string) => string> {
  const { documents } = await api.projects.openExample({ slug });
  return (kind) => documents.find((each) => each.kind === kind)!.id;
}

function run(id: string, keeps = true): Stoppable {
  return {
    stop: () => api.runs.cancel({ run: id }),
    said: (event) => {
      if (event.type !== 'run.changed' || event.run.id !== id) return null;
      if (event.run.state === 'cancelled') return 'stopped';
      return event.run.state === 'done' || event.run.state === 'failed' ? 'over' : null;
    },
    ...(keeps && {
      // The best so far may come within the grace.
      after: async () => {
        for (let waits = 0; waits < 60; waits++) {
          const now = (await api.runs.list()).find((one) => one.id === id);
          if (Object.keys(now?.headline ?? {}).length > 0) return true;
          await soon(100);
        }
        return false;
      },
    }),
  };
}

async function axes(architecture: string): Promise<readonly StudyAxis[]> {
  const { file } = await api.documents.get({ document: architecture });
  const nodes = file.nodes.filter(({ type }) => type === 'systolic-array').map(({ id }) => id);
  return ['rows', 'columns'].map((parameter) => ({
    of: 'architecture',
    nodes,
    parameter,
    title: parameter,
    unit: '',
    values: Array.from({ length: 100 }, (_, at) => 4 + at),
  }));
}

console.log(machineLine());
console.log(HEADER);

let of = await opened('bert-base');
const program = { model: of('model'), architecture: of('architecture'), settings: DEFAULT_SETTINGS };
await measure('run', async () => run((await api.runs.start(program)).id));

const spec: StudySpec = {
  title: 'Rows and columns',
  kind: 'program',
  ...program,
  axes: await axes(program.architecture),
  explorer: { id: 'explorer/grid', parameters: {} },
  fidelity: 'estimate',
  objectives: ['time.cycles', 'energy.total'],
};
for (const fidelity of ['estimate', 'run'] as const)
  for (const explorer of ['explorer/random', 'explorer/nsga-ii'] as const)
    await measure(`study of ${fidelity}s, ${explorer.replace('explorer/', '')}`, async () => {
      const parameters = explorer === 'explorer/nsga-ii' ? { population: 40, generations: 40 } : { points: 1600 };
      const { id } = await api.studies.start({
        spec: { ...spec, fidelity, explorer: { id: explorer, parameters } },
      });
      return {
        stop: () => api.studies.stop({ study: id }),
        said: (event) => {
          if (event.type !== 'study.changed' || event.study.id !== id || event.study.state === 'running') return null;
          return event.study.state === 'stopped' ? 'stopped' : 'over';
        },
      };
    });

const { id: finished } = await api.runs.start({
  ...program,
  settings: { ...DEFAULT_SETTINGS, scheduler: { id: 'scheduler/portfolio', parameters: { nodeLimit: 1 } } },
});
while (!['done', 'failed'].includes((await api.runs.list()).find(({ id }) => id === finished)!.state)) await soon(100);
await measure('curve of a run', async () => {
  await api.runs.startCurve({ run: finished, range: { from: 65_536, to: 4_194_304, steps: 32, spacing: 'geometric' } });
  return {
    stop: () => api.runs.cancelCurve({ run: finished }),
    said: (event) =>
      event.type === 'curve.changed' && event.curve.runs.includes(finished) && !event.curve.isRunning
        ? 'stopped'
        : null,
  };
});

of = await opened('intar-gpt2-medium');
const [tasks, fabric] = [of('tasks'), of('fabric')];
const site: CrossoverSite = { tasks, fabric, variant: 'as-built' };
await measure('simulation, best mode', async () =>
  run((await api.runs.simulate({ tasks, fabric, settings: { ...DEFAULT_SIMULATION, mode: 'best' } })).id, false),
);
await measure('crossover map', async () => {
  await api.crossovers.start({ ...site, grid: 'fine' });
  return {
    stop: () => api.crossovers.cancel(site),
    said: (event) => (event.type === 'crossover.changed' && !event.crossover.isRunning ? 'stopped' : null),
  };
});

client.close();
await host.stop();
process.exit(0);

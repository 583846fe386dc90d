/**
 * The host-agnostic heart of both hosts, put together: worker lanes, temporary files, the events every window hears, and
 * what the contract asks of the open project, its documents and its runs. It knows of no transport.
 */
import { EventPublisher } from '@orpc/server';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { HostEvent, HostView } from '#core/contract/views.ts';
import type { Places } from '#projects/places.ts';
import { type Bundles, createBundles } from './bundles.ts';
import { type Candidates, createCandidates } from './candidates.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { type Copies, createCopies } from './copies.ts';
import { createDocuments, type DocumentCalls } from './documents.ts';
import { createTempStore, type TempStore, type WithUpload } from './files/temp-store.ts';
import { createExplorerLanes } from './jobs/explorer-lanes.ts';
import { createLane, type LaneLimits } from './jobs/lane.ts';
import { createLanePool } from './jobs/pool.ts';
import { createOpenProject, type ProjectCalls } from './open-project.ts';
import { createReports, type Reports } from './reports.ts';
import { createRuns, type RunCalls } from './runs.ts';
import { APP_VERSION } from './version.ts';

export interface BackendOptions {
  readonly kind: HostView['kind'];
  readonly places: Places;
  /** Folder of the shipped text projects. */
  readonly examples: string;
  /** Entry of the worker threads. */
  readonly worker: URL;
  readonly limits?: LaneLimits;
  /** HTML to PDF, when this host can print. */
  readonly printPdf?: (html: string) => Promise<Result<Uint8Array, Problem>>;
  /** The system's dialog for a project file, when this host has one; null when dismissed. */
  readonly pickProject?: () => Promise<string | null>;
}

export interface Backend extends ProjectCalls, DocumentCalls, RunCalls {
  readonly options: BackendOptions;
  readonly temp: TempStore;
  readonly events: EventPublisher<{ event: HostEvent }>;
  readonly candidates: Candidates;
  readonly bundles: Bundles;
  readonly checkpoints: Checkpoints;
  readonly copies: Copies;
  readonly reports: Reports;
  close(): Promise<void>;
}

export function createBackend(options: BackendOptions): Backend {
  const { places, examples, worker, limits, printPdf } = options;
  const temp = createTempStore();
  const events = new EventPublisher<{ event: HostEvent }>({ maxBufferedEvents: 1000 });
  const publish = (event: HostEvent) => events.publish('event', event);
  const runLane = createLane(worker, limits);
  // Imports and reports need not wait for a long run.
  const fileLane = createLane(worker, limits);
  const studyLane = createLane(worker, limits);
  const pool = createLanePool(worker, limits);
  const explorers = createExplorerLanes(worker, limits);

  const open = createOpenProject({ places, examples, runLane, studyLane, pool, explorers, publish });
  const { project, writable, projectChanged, closeProject } = open.calls;

  const withUpload: WithUpload = async (id, use) => {
    const target = writable();
    if (!target.ok) return target;
    const file = temp.get(id);
    if (!file) return err(problem('upload.missing', 'The uploaded file is gone; choose it again'));
    try {
      return await use(file);
    } finally {
      temp.remove(id);
    }
  };

  const documents = createDocuments({ lane: fileLane, project, writable, withUpload, changed: projectChanged });
  const runs = createRuns({
    lane: fileLane,
    opened: open.opened,
    writable,
    withUpload,
    changed: open.runChanged,
    removed: (run) => publish({ type: 'run.removed', run }),
  });
  return {
    options,
    temp,
    events,
    ...open.calls,
    ...documents.calls,
    ...runs,
    candidates: createCandidates({ lane: studyLane, project, writable }),
    bundles: createBundles({ lane: fileLane, temp, project, freePath: open.freePath, adopt: open.adopt }),
    checkpoints: createCheckpoints({ project, writable }),
    copies: createCopies({ writable, addDocument: documents.add, changed: projectChanged }),
    reports: createReports({ lane: fileLane, temp, appVersion: APP_VERSION, project, printPdf }),
    close: async () => {
      await closeProject();
      await Promise.all([runLane, fileLane, studyLane, pool, explorers].map((each) => each.close()));
      temp.close();
    },
  };
}

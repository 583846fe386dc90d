/** Studies of the open project: checked and frozen when they start, under way until they are done or stopped, resumed exactly. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { MOST_STUDY_POINTS } from '#core/contract/studies.ts';
import type { RunView } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import { simulationKey } from '#core/run/fabric/pipeline.ts';
import type { SimulationInputs } from '#core/run/fabric/result.ts';
import { runFamily, runKey } from '#core/run/pipeline.ts';
import type { RunInputs } from '#core/run/result.ts';
import { StudyDriver } from '#core/study/driver.ts';
import { pointInputs, pointKey, runOutcome } from '#core/study/points.ts';
import { type PointChanges, pointChanges } from '#core/study/space.ts';
import { type CheckedStudy, checkStudy, MOST_POINTS, tooLarge } from '#core/study/start.ts';
import type { StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { packJson } from '#projects/codec.ts';
import type { Project } from '#projects/project.ts';
import type { NewRun } from '#projects/run-store.ts';
import { type FrozenStudy, studyMissing } from '#projects/study-store.ts';
import type { ExplorerLanes, RemoteExplorer } from './jobs/explorer-lanes.ts';
import type { LanePool } from './jobs/pool.ts';
import type { RunQueue } from './jobs/queue.ts';
import { analyticCourse, type Course, type RunSource, runCourse } from './jobs/study-course.ts';
import type { StudySubject } from './jobs/study-points.ts';
import { createStudyRecord, type StudyRecord } from './jobs/study-record.ts';

export interface Studies {
  list(): readonly StudyView[];
  start(spec: StudySpec): Promise<Result<StudyView, Problem>>;
  points(id: string, from: number): Result<readonly StudyPoint[], Problem>;
  stop(id: string): Result<StudyView, Problem>;
  resume(id: string): Result<StudyView, Problem>;
  /** Stopped, and out of sight until it is restored or the project is closed. */
  remove(id: string): Result<null, Problem>;
  restore(id: string): Result<StudyView, Problem>;
  changes(id: string, index: number): Result<PointChanges, Problem>;
  /** A point as a run of its own: found by key, or queued. */
  run(id: string, index: number): Result<RunView, Problem>;
  /** A run of the project has changed; null: it is gone. */
  runChanged(id: string, run: RunView | null): void;
  close(): void;
}

export interface StudiesHost {
  readonly project: Project;
  readonly queue: RunQueue;
  readonly pool: LanePool;
  readonly explorers: ExplorerLanes;
  readonly appVersion: string;
  readonly changed: (study: StudyView) => void;
  /** The inputs with the file of the model's weights, as any run of that document has them. */
  readonly withWeights: (document: string, inputs: RunInputs) => RunInputs;
}

interface UnderWay {
  readonly course: Course;
  readonly record: StudyRecord;
}

export function createStudies(host: StudiesHost): Studies {
  const { project, queue, pool, explorers, appVersion, changed, withWeights } = host;
  const { studies, runs, documents } = project;
  const underWay = new Map<string, UnderWay>();
  let closed = false;

  const tell = (view: StudyView | null) => {
    if (view && !closed) changed(view);
  };
  const readOnly = () =>
    project.readOnly
      ? err(problem('project.read-only', 'The project is open for reading only; nothing in it can be changed'))
      : null;

  function frozen({ model, architecture }: StudySpec): Result<FrozenStudy, Problem> {
    const first = documents.state(model);
    const second = documents.state(architecture);
    if (!first || !second) return err(problem('document.missing', 'A document of this study is not in the project'));
    return ok({
      model: toFile(first.document),
      architecture: toFile(second.document),
      revisions: { model: first.revision, architecture: second.revision },
    });
  }

  /** The study and a point of it. */
  function found(id: string, index: number): Result<FoundPoint, Problem> {
    const view = studies.get(id);
    const inputs = studies.inputs(id);
    if (!view || !inputs) return err(studyMissing());
    const point = studies.point(id, index);
    return point
      ? ok({ spec: view.spec, inputs, point })
      : err(problem('study.no-point', 'The study has no such point'));
  }

  function asNewRun(spec: StudySpec, frozenStudy: FrozenStudy, choice: Choice): NewRun {
    const given = pointInputs(spec, frozenStudy, choice);
    const inputs = 'tasks' in given ? given : withWeights(spec.model, given);
    const { model, architecture, revisions } = frozenStudy;
    const { model: inModel, architecture: inArchitecture } = pointChanges(spec, choice);
    const key = keyOf(inputs);
    return {
      key,
      family: 'tasks' in inputs ? key : runFamily(inputs, appVersion),
      title: `${model.title} on ${architecture.title} · ${wordsOf(spec, choice)}`.slice(0, LONGEST_TITLE),
      // Of a point that changes a drawing the result is none of the drawing's.
      model: { document: spec.model, revision: isEmpty(inModel) ? revisions.model : 0 },
      architecture: { document: spec.architecture, revision: isEmpty(inArchitecture) ? revisions.architecture : 0 },
      inputs,
    };
  }

  const keyOf = (inputs: RunInputs | SimulationInputs) =>
    'tasks' in inputs ? simulationKey(inputs, appVersion) : runKey(inputs, appVersion);

  function runSource(spec: StudySpec, inputs: FrozenStudy): RunSource {
    return {
      start: (choice) => {
        const wanted = asNewRun(spec, inputs, choice);
        const known = runs.byKey(wanted.key);
        return known ? { run: known, isOwn: false } : { run: queue.start(wanted), isOwn: true };
      },
      outcome: (choice, run) => runOutcome(spec, pointInputs(spec, inputs, choice), run),
      cancel: (id) => {
        queue.cancel(id);
      },
    };
  }

  function begin(
    { id, spec, reused }: StudyView,
    inputs: FrozenStudy,
    { objectives, explorer, parameters, space }: CheckedStudy,
    remote: RemoteExplorer,
    known: readonly StudyPoint[],
  ): void {
    const end = {
      done: () => {
        finish(id, 'done', null);
      },
      broke: (cause: unknown) => {
        finish(id, 'failed', asProblem(cause));
      },
    };
    const record = createStudyRecord({
      store: studies,
      id,
      driver: new StudyDriver({ objectives, keyOf: (choice) => pointKey(spec, choice), known, reused }),
      explorer: remote,
      begin: { explorer: explorer.manifest.id, parameters, space, state: studies.explorerState(id) },
      most: MOST_POINTS[spec.fidelity],
      wrote: () => tell(studies.get(id)),
      broke: end.broke,
    });
    const course =
      spec.fidelity === 'run'
        ? runCourse(record, runSource(spec, inputs), end)
        : analyticCourse(id, subjectOf(spec, inputs), record, pool, end);
    underWay.set(id, { course, record });
    course.begin();
  }

  /** Its end as it is written; where that cannot be, as it is told: the project then finds it stopped when it is opened. */
  function ended(id: string, state: 'done' | 'failed' | 'stopped', failure: Problem | null): StudyView | null {
    try {
      return studies.setState(id, state, failure);
    } catch (cause) {
      const view = studies.get(id);
      return view && { ...view, state: 'failed', failure: failure ?? asProblem(cause) };
    }
  }

  /** What is written stays; what is under way is dropped, and asked for again when it is resumed. */
  function finish(id: string, state: 'done' | 'failed' | 'stopped', failure: Problem | null): StudyView | null {
    const current = underWay.get(id);
    underWay.delete(id);
    if (!current || closed) return null;
    current.course.stop();
    current.record.close();
    const view = ended(id, state, failure);
    tell(view);
    return view;
  }

  return {
    list: () => studies.list(),
    start: async (spec) => {
      const refused = readOnly();
      if (refused) return refused;
      const inputs = frozen(spec);
      if (!inputs.ok) return inputs;
      const checked = checkStudy(spec, inputs.value);
      if (!checked.ok) return checked;
      const { explorer, parameters, space, metrics } = checked.value;
      const remote = explorers.take(explorer.manifest.title);
      const planned = await remote.plan({ explorer: explorer.manifest.id, parameters, space });
      const fault = planned.ok ? tooLarge(spec, planned.value) : planned.error;
      if (fault || closed) {
        remote.release();
        return err(fault ?? problem('project.none', 'The project was closed meanwhile'));
      }
      try {
        const view = studies.insert({
          spec,
          metrics,
          planned: planned.ok ? planned.value : null,
          inputs: inputs.value,
        });
        begin(view, inputs.value, checked.value, remote, []);
        tell(view);
        return ok(view);
      } catch (cause) {
        // A full disk keeps no thread.
        remote.release();
        throw cause;
      }
    },
    points: (id, from) => (studies.get(id) ? ok(studies.points(id, from, MOST_STUDY_POINTS)) : err(studyMissing())),
    stop: (id) => {
      const stopped = finish(id, 'stopped', null) ?? studies.get(id);
      return stopped ? ok(stopped) : err(studyMissing());
    },
    resume: (id) => {
      const refused = readOnly();
      if (refused) return refused;
      const view = studies.get(id);
      const inputs = studies.inputs(id);
      if (!view || !inputs) return err(studyMissing());
      if (view.state === 'done' || underWay.has(id)) return ok(view);
      const checked = checkStudy(view.spec, inputs);
      if (!checked.ok) return checked;
      const running = studies.setState(id, 'running', null) ?? view;
      const remote = explorers.take(checked.value.explorer.manifest.title);
      begin(running, inputs, checked.value, remote, studies.points(id, 0, Number.MAX_SAFE_INTEGER));
      tell(running);
      return ok(running);
    },
    remove: (id) => {
      const refused = readOnly();
      if (refused) return refused;
      finish(id, 'stopped', null);
      return studies.remove(id);
    },
    restore: (id) => {
      const refused = readOnly();
      if (refused) return refused;
      const restored = studies.restore(id);
      if (restored.ok) tell(restored.value);
      return restored;
    },
    changes: (id, index) => {
      const at = found(id, index);
      return at.ok ? ok(pointChanges(at.value.spec, at.value.point.choice)) : at;
    },
    run: (id, index) => {
      const refused = readOnly();
      if (refused) return refused;
      const at = found(id, index);
      if (!at.ok) return at;
      const { spec, inputs, point } = at.value;
      const own = point.run === null ? null : runs.get(point.run);
      if (own && own.state !== 'failed' && own.state !== 'cancelled') return ok(own);
      return ok(runSource(spec, inputs).start(point.choice).run);
    },
    runChanged: (id, run) => {
      for (const { course } of underWay.values()) course.runChanged(id, run);
    },
    close: () => {
      for (const id of [...underWay.keys()]) finish(id, 'stopped', null);
      closed = true;
    },
  };
}

interface FoundPoint {
  readonly spec: StudySpec;
  readonly inputs: FrozenStudy;
  readonly point: StudyPoint;
}

const LONGEST_TITLE = 200;

/** An exception is a bug, or a full disk. */
function asProblem(cause: unknown): Problem {
  if (isProblem(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return problem('study.broke', `The study could not go on: ${message}`);
}

const isProblem = (cause: unknown): cause is Problem =>
  typeof cause === 'object' && cause !== null && !(cause instanceof Error) && 'code' in cause && 'message' in cause;

const isEmpty = (changes: object): boolean => Object.keys(changes).length === 0;

/** `rows 16, columns 32`. */
function wordsOf({ axes }: StudySpec, choice: Choice): string {
  return axes
    .map(({ title, parameter, values }, axis) => `${title || parameter} ${String(values[choice[axis] ?? 0])}`)
    .join(', ');
}

/** What workers are told of it. */
function subjectOf(spec: StudySpec, { model, architecture }: FrozenStudy): Uint8Array {
  const subject: StudySubject = { spec, model, architecture };
  return packJson(subject);
}

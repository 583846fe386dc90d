/** Candidates for the studio: a template, the check of a text (kept in the project whatever it says), lists. One check at a time. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CandidateTextView, CandidateView } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import type { RunInputs } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { Project } from '#projects/project.ts';
import type { Lane } from './jobs/lane.ts';
import { CANCEL_SHOWN_AFTER_MS } from './jobs/queue.ts';

export interface CandidateRequest {
  readonly model: string;
  readonly architecture: string;
  readonly settings: RunSettings;
  readonly node: string;
}

export interface Candidates {
  list(model: string): Result<readonly CandidateView[], Problem>;
  get(id: string): Result<CandidateTextView, Problem>;
  template(request: CandidateRequest): Promise<Result<{ readonly text: string }, Problem>>;
  /** Problems: those of a run without it; what is wrong with the text is in the report. */
  check(
    request: CandidateRequest & { readonly title: string; readonly text: string },
  ): Promise<Result<CandidateView, Problem>>;
  /** Stops the check under way, if there is one. */
  cancel(): null;
  remove(id: string): Result<null, Problem>;
}

export interface CandidatesHost {
  readonly lane: Lane;
  readonly project: () => Result<Project, Problem>;
  readonly writable: () => Result<Project, Problem>;
}

interface Frozen {
  readonly inputs: RunInputs;
  readonly model: CandidateView['model'];
  readonly architecture: CandidateView['architecture'];
}

export function createCandidates({ lane, project, writable }: CandidatesHost): Candidates {
  /** Stops the check that is under way. */
  let stop: (() => void) | null = null;

  function frozen({ documents }: Project, request: CandidateRequest): Result<Frozen, Problem> {
    const model = documents.state(request.model);
    const architecture = documents.state(request.architecture);
    if (model?.document.kind !== 'model') return err(problem('run.no-model', 'Choose a model to run'));
    if (architecture?.document.kind !== 'architecture')
      return err(problem('run.no-architecture', 'Choose an architecture to run on'));
    return ok({
      inputs: {
        model: toFile(model.document),
        architecture: toFile(architecture.document),
        settings: request.settings,
      },
      model: { document: request.model, revision: model.revision },
      architecture: { document: request.architecture, revision: architecture.revision },
    });
  }

  return {
    list: (model) => {
      const current = project();
      return current.ok ? ok(current.value.candidates.list(model)) : current;
    },
    get: (id) => {
      const current = project();
      return current.ok ? current.value.candidates.get(id) : current;
    },
    template: async (request) => {
      const current = project();
      const made = current.ok ? frozen(current.value, request) : current;
      if (!made.ok) return made;
      return lane.run('candidate-template', { inputs: made.value.inputs, node: request.node }).answer;
    },
    check: async (request) => {
      const target = writable();
      const made = target.ok ? frozen(target.value, request) : target;
      if (!made.ok) return made;
      if (stop) return err(problem('candidate.busy', 'Another candidate is being checked; stop it or wait for it'));
      const { inputs, model, architecture } = made.value;
      const { settings, node, title, text } = request;
      const job = lane.run('candidate-check', { inputs, node, text });
      // It may take the thread a while to end; nobody waits for that.
      const stopped = new Promise<Result<never, Problem>>((resolve) => {
        stop = () => {
          job.cancel();
          setTimeout(
            () => resolve(err(problem('run.cancelled', 'Checking the candidate was stopped', { severity: 'info' }))),
            CANCEL_SHOWN_AFTER_MS,
          );
        };
      });
      const report = await Promise.race([job.answer, stopped]);
      stop = null;
      if (!report.ok) return report;
      const still = writable();
      if (!still.ok) return still;
      return still.value.candidates.insert({
        node: report.value.node,
        title,
        text,
        report: report.value,
        model,
        architecture,
        settings,
      });
    },
    cancel: () => {
      stop?.();
      return null;
    },
    remove: (id) => {
      const target = writable();
      return target.ok ? target.value.candidates.remove(id) : target;
    },
  };
}

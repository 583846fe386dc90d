/** Checkpoints for the studio: named states of documents, and the frozen inputs of runs. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CheckpointView, FrozenInputs } from '#core/contract/checkpoints.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { unpackJson } from '#projects/codec.ts';
import type { Project } from '#projects/project.ts';

export interface Checkpoints {
  list(document: string): Result<readonly CheckpointView[], Problem>;
  make(document: string, title: string): Result<CheckpointView, Problem>;
  file(id: string): Result<DocumentFile, Problem>;
  rename(id: string, title: string): Result<CheckpointView, Problem>;
  remove(id: string): Result<null, Problem>;
  restore(id: string): Result<CheckpointView, Problem>;
  /** What a run was made of; the problem `run.no-inputs` where that is not known. */
  frozen(run: string): Result<FrozenInputs, Problem>;
}

export interface CheckpointsHost {
  readonly project: () => Result<Project, Problem>;
  readonly writable: () => Result<Project, Problem>;
}

export function createCheckpoints({ project, writable }: CheckpointsHost): Checkpoints {
  return {
    list: (document) => {
      const current = project();
      return current.ok ? ok(current.value.checkpoints.list(document)) : current;
    },
    make: (id, title) => {
      const target = writable();
      if (!target.ok) return target;
      const state = target.value.documents.state(id);
      return state
        ? target.value.checkpoints.insert(state.document, state.revision, title)
        : err(problem('document.missing', 'There is no such document in this project', { where: { document: id } }));
    },
    file: (id) => {
      const current = project();
      return current.ok ? current.value.checkpoints.file(id) : current;
    },
    rename: (id, title) => {
      const target = writable();
      return target.ok ? target.value.checkpoints.rename(id, title) : target;
    },
    remove: (id) => {
      const target = writable();
      return target.ok ? target.value.checkpoints.remove(id) : target;
    },
    restore: (id) => {
      const target = writable();
      return target.ok ? target.value.checkpoints.restore(id) : target;
    },
    frozen: (run) => {
      const current = project();
      return current.ok ? frozenInputs(current.value, run) : current;
    },
  };
}

function frozenInputs({ runs }: Project, run: string): Result<FrozenInputs, Problem> {
  const unknown = err(problem('run.no-inputs', 'What this run was made of is not known'));
  try {
    const result = runs.result(run);
    if (result) return ok(withoutWeights(unpackJson<RunResult | SimulationResult>(result).inputs));
    const inputs = runs.inputs(run);
    return inputs ? ok(withoutWeights(unpackJson<RunResult['inputs'] | SimulationResult['inputs']>(inputs))) : unknown;
  } catch {
    return unknown;
  }
}

function withoutWeights(inputs: RunResult['inputs'] | SimulationResult['inputs']): FrozenInputs {
  if ('tasks' in inputs) return inputs;
  const { weights: _weights, ...rest } = inputs;
  return rest;
}

/** A registered rewrite asked what it would do to a drawn model on a drawn architecture. */
import { resolveMachine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Document } from '#core/document/document.ts';
import { techniques } from './registry.ts';
import type { Proposal, Rewrite, RewriteRequest } from './rewrite.ts';

export interface ProposalRequest {
  /** Of the rewrite's manifest. */
  readonly id: string;
  readonly model: Document;
  readonly architecture: Document;
  readonly settings: RewriteRequest['settings'];
  readonly parameters: ParameterValues;
}

export const rewrites: readonly Rewrite[] = techniques.rewrite;

/** Problems: an unknown rewrite, an architecture with errors, a model that is not complete. */
export function propose({ id, architecture, ...request }: ProposalRequest): Result<Proposal, Problem> {
  const rewrite = rewrites.find(({ manifest }) => manifest.id === id);
  if (!rewrite) return err(problem('rewrite.unknown', `There is no rewrite ${id}`));
  const { machine, problems } = resolveMachine(architecture);
  if (!machine)
    return err(
      problems.find(({ severity }) => severity === 'error') ??
        problem('rewrite.machine', 'The architecture has nothing to run on'),
    );
  const compiler = { passes: techniques.pass, units: techniques.unit };
  return rewrite.propose({ ...request, machine, compiler });
}

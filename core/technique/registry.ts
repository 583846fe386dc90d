/** Techniques by kind and id, from the generated index. To add one: a folder under core/techniques/<kind>/, then `npm run techniques`. */

import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { techniques } from '#core/techniques/index.ts';

export { techniques };

/** The scheduler with this id, or a problem that lists those there are. */
export function schedulerById(id: string): Result<(typeof techniques.scheduler)[number], Problem> {
  const found = techniques.scheduler.find((technique) => technique.manifest.id === id);
  if (found) return ok(found);
  const known = techniques.scheduler.map((technique) => technique.manifest.id).join(', ');
  return err(
    problem('technique.unknown', `There is no scheduler ${id}; there are: ${known}`, { facts: { id, known } }),
  );
}

/** Where a run's problem points to, in the documents that were frozen with it. */
import type { Problem } from '#core/base/problem.ts';
import type { DocumentFile } from '#core/document/document.ts';

/** The document a problem points into, by the node it names; null where it names none of these. */
export function documentOf({ where }: Problem, frozen: readonly DocumentFile[]): string | null {
  if (where.document) return where.document;
  if (where.node === undefined) return null;
  return frozen.find((file) => file.nodes.some(({ id }) => id === where.node))?.id ?? null;
}

export function placeOf({ where }: Problem, frozen: readonly DocumentFile[]): string | null {
  const { node, parameter, file } = where;
  if (node === undefined) return file ?? null;
  const found = frozen.flatMap(({ nodes }) => nodes).find(({ id }) => id === node);
  return `${found?.name || node}${parameter ? `, ${parameter}` : ''}`;
}

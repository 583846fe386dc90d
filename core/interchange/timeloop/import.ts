/** Timeloop's input files → a tree of memories, a workload and a mapping. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type Mapping, mappingFault } from '#core/mapping/mapping.ts';
import { type MemoryTree, treeFault } from '#core/mapping/memory-tree.ts';
import { type Workload, workloadFault } from '#core/mapping/workload.ts';
import { readArchitecture } from './architecture.ts';
import { withEnergies } from './energy.ts';
import { readMapping } from './mapping.ts';
import { readWorkload } from './problem.ts';
import { isRecord, readFiles, type TextFile, Unreadable } from './read.ts';

export interface TimeloopImport {
  readonly tree: MemoryTree;
  readonly workload: Workload;
  /** Null when no file has one. */
  readonly mapping: Mapping | null;
  /** What was left out or assumed; all of severity info or warning. */
  readonly problems: readonly Problem[];
}

/**
 * Files may hold any of architecture (arch), problem, mapping, ERT and ERT_summary; a file with all of them under
 * `input`, as reference data sets have it, is unpacked. Keys it does not know are left alone. Errors: `timeloop.*`,
 * or the faults of what was read (`mapping.*`).
 */
export function importTimeloop(files: readonly TextFile[]): Result<TimeloopImport, Problem> {
  const read = readFiles(files);
  if (!read.ok) return read;
  const root = read.value;
  const notes: string[] = [];
  try {
    const architecture = root.arch ?? root.architecture;
    if (architecture === undefined) throw new Unreadable('missing', 'There is no architecture in the files');
    if (root.problem === undefined) throw new Unreadable('missing', 'There is no problem in the files');
    const tree = withEnergies(readArchitecture(architecture, notes), root, notes);
    const workload = readWorkload(root.problem, notes);
    const fault = treeFault(tree) ?? workloadFault(workload);
    if (fault) return err(fault);
    const mapping =
      root.mapping === undefined || root.mapping === null ? null : readMapping(root.mapping, tree, workload);
    const wrong = mapping && mappingFault(tree, workload, mapping);
    if (wrong) return err(wrong);
    const constraints = root.architecture_constraints ?? root.arch_constraints;
    if (isRecord(constraints) && Array.isArray(constraints.targets) && constraints.targets.length > 0)
      notes.push('architecture constraints are not read');
    if (root.sparse_optimizations !== undefined) notes.push('sparse optimizations are not read: everything is dense');
    return ok({
      tree,
      workload,
      mapping,
      problems: notes.map((note) => problem('timeloop.note', note, { severity: 'info' })),
    });
  } catch (cause) {
    if (cause instanceof Unreadable) return err(cause.problem);
    throw cause;
  }
}

/**
 * The analytic figures of a simulation's point: what the time model predicts of the design of the mode, without playing it
 * (core/stages/time.ts). Where the mode asks for a search, of the best of its designs, the sequential and the dataflow one.
 */
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { type ReadFabric, readFabric } from '#core/fabric/read.ts';
import { resourcesOf } from '#core/fabric/resources.ts';
import { designOfMode, isSearched } from '#core/run/fabric/mode.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import { macLanes } from '#core/run/fabric/totals.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { Design } from '#core/stages/design.ts';
import { dataflowDesign, sequentialDesign } from '#core/stages/modes.ts';
import { graphProblem } from '#core/stages/search/graph-problem.ts';
import { searchPartitions } from '#core/stages/search/partitions.ts';
import { type DesignPrediction, predictDesign } from '#core/stages/time.ts';
import { type ReadTaskGraph, readTaskGraph } from '#core/taskgraph/read.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Choice } from '#core/technique/explorer.ts';
import type { PointOutcome } from './driver.ts';
import { changedFile, pointChanges, type StudyDocuments } from './space.ts';
import type { StudySpec } from './study.ts';

const failed = (failure: string): PointOutcome => ({ metrics: {}, failure, run: null });

/** Predicts points of one study one after the other; ends nowhere, whatever a point is. */
export class SimulationPoints {
  readonly #spec: StudySpec;
  readonly #documents: StudyDocuments;
  readonly #mip: MipSolver | undefined;
  readonly #graphs: Kept<ReadTaskGraph>;
  readonly #fabrics: Kept<ReadFabric>;

  /** @param mip for task graphs that are too large for exact search without; absent, those have an open gap. */
  constructor(spec: StudySpec, documents: StudyDocuments, mip?: MipSolver) {
    this.#spec = spec;
    this.#documents = documents;
    this.#mip = mip;
    this.#graphs = new Kept();
    this.#fabrics = new Kept();
  }

  evaluate(choice: Choice): PointOutcome {
    const { model, architecture, settings } = pointChanges(this.#spec, choice);
    if ('scheduler' in settings) return failed('The settings are those of a program');
    const tasks = this.#graphs.get(JSON.stringify(model), () =>
      readTaskGraph(fromFile(changedFile(this.#documents.model, model))),
    );
    if (tasks.graph === null) return failed(firstError(tasks.problems, 'The task graph is empty'));
    const drawn = this.#fabrics.get(JSON.stringify(architecture), () =>
      readFabric(fromFile(changedFile(this.#documents.architecture, architecture))),
    );
    if (drawn.fabric === null) return failed(firstError(drawn.problems, 'The fabric has no core'));
    const { graph } = tasks;
    const { fabric } = drawn;
    const design = this.#design(graph, fabric, settings);
    if (!design.ok) return failed(design.error.message);
    return { metrics: figures(graph, fabric, design.value), failure: null, run: null };
  }

  #design(graph: TaskGraph, fabric: Fabric, settings: SimulationSettings): Result<Design, Problem> {
    if (!isSearched(graph, settings.mode)) return designOfMode(graph, fabric, settings);
    const { variant, objective } = settings;
    const sequential = sequentialDesign(graph, fabric, variant);
    const dataflow = dataflowDesign(graph, fabric, variant);
    const designs = [sequential, dataflow].flatMap((each) => (each.ok ? [each.value] : []));
    const { problem, units, designOf } = graphProblem(graph, fabric, variant, objective);
    const { partitions } = searchPartitions(problem, { count: 1, ...(this.#mip && { mip: this.#mip }) });
    for (const { stages } of partitions) {
      const mode =
        stages.length === units.length ? 'sequential' : stages.length === 1 ? 'dataflow' : ('reconfigurable' as const);
      const found = designOf(stages, mode);
      if (found !== null) designs.push(found);
    }
    const price = ({ cycles, energy, offChipBytes }: DesignPrediction): number =>
      ({ cycles, energy, 'off-chip': offChipBytes })[objective];
    let best: { readonly design: Design; readonly prediction: DesignPrediction } | null = null;
    for (const design of designs) {
      const prediction = predictDesign(graph, fabric, design);
      const isBetter =
        best === null ||
        price(prediction) < price(best.prediction) ||
        (price(prediction) === price(best.prediction) && prediction.cycles < best.prediction.cycles);
      if (isBetter) best = { design, prediction };
    }
    return best ? ok(best.design) : sequential.ok ? ok(sequential.value) : err(sequential.error);
  }
}

/** Metrics of core/study/metrics.ts that the drawing alone decides. */
export function fabricFigures(graph: TaskGraph, fabric: Fabric): Readonly<Record<string, number>> {
  return {
    'hardware.memory': fabric.banks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0),
    'hardware.macs': macLanes(graph, fabric),
  };
}

function figures(graph: TaskGraph, fabric: Fabric, design: Design): Readonly<Record<string, number>> {
  const { cycles, energy, offChipBytes } = predictDesign(graph, fabric, design);
  const lanes = macLanes(graph, fabric);
  const work = graph.tasks.reduce(
    (sum, task) => sum + (task.operation === 'mac' ? task.work * task.blocks * task.firings : 0),
    0,
  );
  const arithmetic = resourcesOf(graph, fabric, design).map((stage) =>
    stage.reduce((sum, { resource, demand }) => sum + (resource === 'dsp' || resource === 'pes' ? demand : 0), 0),
  );
  return {
    'time.cycles': cycles,
    'time.seconds': cycles / fabric.clockHertz,
    'energy.total': energy,
    'offchip.bytes': offChipBytes,
    'compute.utilisation': lanes > 0 && cycles > 0 ? work / (lanes * cycles) : 0,
    'hardware.dsp': Math.max(0, ...arithmetic),
    ...fabricFigures(graph, fabric),
  };
}

/** The last few, by key. */
class Kept<T> {
  readonly #known = new Map<string, T>();

  get(key: string, make: () => T): T {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (this.#known.size >= 64) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(key, made);
    return made;
  }
}

function firstError(problems: readonly Problem[], otherwise: string): string {
  return problems.find(({ severity }) => severity === 'error')?.message ?? otherwise;
}

/**
 * The analytic figures of a program's point: every kernel at the longer of its unit and the off-chip channels, one after the
 * other, nothing resident (core/compile/estimate.ts). Energy is that of the same: no byte passes the scratchpad. What
 * points have in common is worked out once: graphs and passes by model, mappings by machine, machines by architecture.
 */
import { type Machine, type ResolvedMachine, resolveMachine } from '#core/architecture/machine.ts';
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { estimateModel, type ModelEstimate } from '#core/compile/estimate.ts';
import { type MappedOperator, MappingCache } from '#core/compile/map.ts';
import { bytesPerElement } from '#core/compile/schedule-problem.ts';
import { withDistinctNames } from '#core/document/distinct-names.ts';
import { type Document, fromFile } from '#core/document/document.ts';
import { areaOf } from '#core/energy/area.ts';
import { buildModel } from '#core/model/build.ts';
import type { BuiltModel } from '#core/model/graph.ts';
import { ModelMemo } from '#core/model/memo.ts';
import { operatorJoules } from '#core/run/energy.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { techniques } from '#core/technique/registry.ts';
import type { PointOutcome } from './driver.ts';
import { type PointChanges, pointChanges, type StudyDocuments } from './space.ts';
import type { StudySpec } from './study.ts';

/** One object, so that what was passed is recognised. */
const COMPILER = { passes: techniques.pass, units: techniques.unit };

/** Models kept; a study over more of them builds some again. */
const KEPT_MODELS = 256;

export const failed = (failure: string): PointOutcome => ({ metrics: {}, failure, run: null });

/** What a point's figures are counted from. */
export interface PointEstimate {
  readonly estimate: ModelEstimate;
  /** With the scratchpad the settings ask for. */
  readonly machine: Machine;
  /** With names told apart. */
  readonly model: Document;
  /** Id of the document. */
  readonly architecture: string;
  readonly settings: RunSettings;
}

/** Estimates points of one study one after the other; ends nowhere, whatever a point is. */
export class ProgramPoints {
  readonly #spec: StudySpec;
  readonly #model: Document;
  readonly #architecture: Document;
  readonly #memo = new ModelMemo();
  readonly #models = new Map<string, BuiltModel>();
  readonly #mappings = new MappingCache();

  constructor(spec: StudySpec, { model, architecture }: StudyDocuments) {
    this.#spec = spec;
    this.#model = withDistinctNames(fromFile(model));
    this.#architecture = fromFile(architecture);
  }

  evaluate(choice: Choice): PointOutcome {
    const made = this.estimated(choice);
    if (!made.ok) return failed(made.error);
    const { estimate, machine, settings } = made.value;
    return { metrics: figures(estimate, machine, settings), failure: null, run: null };
  }

  /** Fails with why the point has no figures. */
  estimated(choice: Choice): Result<PointEstimate, string> {
    const { model, architecture, settings } = pointChanges(this.#spec, choice);
    if (!('scheduler' in settings)) return err('The settings are those of a simulation');
    const resolved = resolveMachine(changed(this.#architecture, architecture));
    const { machine } = resolved;
    if (machine === null) return err(firstError(resolved, 'The architecture has nothing to run on'));
    const built = this.#built(model);
    if (built.graph === null) return err(firstError(built, 'The model is empty'));
    const sized = withCapacity(machine, settings);
    const estimate = estimateModel(built.graph, sized, COMPILER, settings, this.#mappings);
    if (!estimate.ok) return err(estimate.error.message);
    if (estimate.value.kernels.length === 0) return err('The model has no operator that computes or moves anything');
    const impossible = estimate.value.kernels.find(({ problem }) => problem !== null);
    if (impossible?.problem) return err(impossible.problem.message);
    return ok({
      estimate: estimate.value,
      machine: sized,
      model: this.#model,
      architecture: this.#architecture.id,
      settings,
    });
  }

  #built(changes: PointChanges['model']): BuiltModel {
    const key = JSON.stringify(changes);
    const known = this.#models.get(key);
    if (known) return known;
    const built = buildModel(changed(this.#model, changes), this.#memo);
    if (this.#models.size >= KEPT_MODELS) this.#models.delete(this.#models.keys().next().value ?? '');
    this.#models.set(key, built);
    return built;
  }
}

/** Metrics of core/study/metrics.ts that the drawing alone decides. */
export function machineFigures(
  machine: Machine,
  { format }: Pick<RunSettings, 'format'>,
): Readonly<Record<string, number>> {
  let macs = 0;
  let memory = machine.scratchpad.capacityBytes;
  for (const unit of machine.units)
    if (unit.kind === 'systolic-array') {
      macs += unit.rows * unit.columns;
      memory += unit.inputBufferBytes + unit.weightBufferBytes + unit.outputBufferBytes;
    } else memory += unit.bufferBytes;
  const { cells, lanes, buffers, scratchpad } = areaOf(machine, format);
  return {
    'hardware.memory': memory,
    'hardware.macs': macs,
    'area.total': cells + lanes + buffers + scratchpad,
  };
}

/** The drawn machine with the scratchpad the settings ask for. */
export function withCapacity(machine: Machine, { scratchpadBytes }: Pick<RunSettings, 'scratchpadBytes'>): Machine {
  if (scratchpadBytes === null) return machine;
  return { ...machine, scratchpad: { ...machine.scratchpad, capacityBytes: scratchpadBytes } };
}

function figures(estimate: ModelEstimate, machine: Machine, settings: RunSettings): Readonly<Record<string, number>> {
  const { cycles, bytes, kernels } = estimate;
  const arrays = new Map(
    machine.units.flatMap((unit) =>
      unit.kind === 'systolic-array' ? [[unit.node, (unit.rows * unit.columns) / unit.ticksPerCycle] as const] : [],
    ),
  );
  let peak = 0;
  for (const macsPerTick of arrays.values()) peak += macsPerTick;
  let arrayMacs = 0;
  for (const { unit, macs } of kernels) if (unit !== null && arrays.has(unit)) arrayMacs += macs;
  return {
    'time.cycles': cycles,
    'time.seconds': cycles / machine.clockHertz,
    'energy.total': energyOf(estimate, machine, settings),
    'offchip.bytes': bytes,
    'compute.utilisation': peak > 0 && cycles > 0 ? arrayMacs / (peak * cycles) : 0,
    ...machineFigures(machine, settings),
  };
}

/**
 * Joules: as a run accounts them (core/run/energy.ts), with the estimate's bytes, spread over channels by their bandwidth.
 * Kernels that are alike share a mapping, and take as much.
 */
function energyOf({ graph, mapped }: ModelEstimate, machine: Machine, settings: RunSettings): number {
  let bandwidth = 0;
  let weighted = 0;
  for (const { bytesPerTick, joulesPerByte } of machine.channels) {
    bandwidth += bytesPerTick;
    weighted += bytesPerTick * joulesPerByte;
  }
  const joulesPerByte = bandwidth > 0 ? weighted / bandwidth : 0;
  const whole = mapped.flatMap((each) => each ?? []);
  const inputs = {
    compiled: { graph, mapped: whole },
    machine,
    problem: { bytesPerElement: bytesPerElement(settings.format, 'fp32') },
    settings,
    scratchpadBytes: new Float64Array(whole.length),
  };
  const known = new Map<MappedOperator, { readonly macs: number; readonly joules: number }>();
  let joules = 0;
  for (const [index, each] of whole.entries()) {
    const { macs } = graph.operators[index]!;
    const alike = known.get(each);
    const own = alike?.macs === macs ? alike.joules : operatorJoules(inputs, index, each.streamedBytes * joulesPerByte);
    if (!alike) known.set(each, { macs, joules: own });
    joules += own;
  }
  return joules;
}

function changed(document: Document, changes: PointChanges['model']): Document {
  const ids = Object.keys(changes);
  if (ids.length === 0) return document;
  const nodes = new Map(document.nodes);
  for (const id of ids) {
    const node = nodes.get(id);
    if (node) nodes.set(id, { ...node, parameters: { ...node.parameters, ...changes[id] } });
  }
  return { ...document, nodes };
}

function firstError(
  { problems }: Pick<ResolvedMachine, 'problems'> | { readonly problems: readonly Problem[] },
  otherwise: string,
): string {
  return problems.find(({ severity }) => severity === 'error')?.message ?? otherwise;
}

/**
 * What a simulation of a task graph on a fabric leaves: self-contained and deterministic, as a RunResult is (core/run),
 * and enough to draw every view and write every report.
 */
import type { EncodedColumn } from '#core/base/columns.ts';
import type { Metric, TechniqueRef } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { Timeline } from '#core/run/result.ts';
import type { Deadlock, Wait } from '#core/simulate/network/run.ts';
import type { ConsideredDesign, Design } from '#core/stages/design.ts';
import type { ModeSearch } from '#core/stages/search/search.ts';
import type { Lever, PathSpan } from '#core/stalls/lever.ts';
import type { SimulationSettings } from './settings.ts';

export interface SimulationInputs {
  readonly tasks: DocumentFile;
  readonly fabric: DocumentFile;
  readonly settings: SimulationSettings;
}

export interface TaskFigures {
  /** Document node of the task graph. */
  readonly node: string;
  readonly name: string;
  /** 1, 2, 3 … */
  readonly stage: number;
  /** Document nodes of the fabric, with the lanes it has of each. */
  readonly cores: readonly { readonly node: string; readonly lanes: number }[];
  /** Ticks; the four add up to the makespan. */
  readonly busy: number;
  readonly stallIn: number;
  readonly stallOut: number;
  readonly reconfigure: number;
  readonly start: number;
  readonly end: number;
  /** MACs (evaluations) ÷ (lanes × busy), 0…1. */
  readonly utilisation: number;
  readonly work: number;
  readonly energy: number;
  /** For whom it waited, longest first. */
  readonly waits: readonly (Wait & { readonly name: string; readonly node: string | null })[];
}

export interface StreamFigures {
  readonly node: string;
  readonly name: string;
  /** `fifo` within a stage, `bank` or `off-chip` between stages. */
  readonly kind: 'fifo' | 'bank' | 'off-chip';
  /** Tokens; null is without bound. */
  readonly depth: number | null;
  readonly tokens: number;
  readonly maximum: number;
  readonly mean: number;
  readonly firstFull: number | null;
  /** Ticks its reader and its writer waited for it. */
  readonly readerWaits: number;
  readonly writerWaits: number;
}

export interface ChannelFigures {
  readonly node: string;
  readonly name: string;
  readonly loadedBytes: number;
  readonly storedBytes: number;
  readonly busy: number;
  /** Of the makespan, 0…1. */
  readonly utilisation: number;
}

/** A series over the run: value[i] holds over [i, i + 1) × `bucket` ticks; the largest (occupancy) or the sum (bytes) in it. */
export interface Series {
  readonly node: string;
  readonly bucket: number;
  readonly values: EncodedColumn;
}

export interface SimulationResult {
  readonly format: 'weft-simulation/1';
  readonly key: string;
  readonly appVersion: string;
  readonly title: string;
  readonly inputs: SimulationInputs;
  readonly totals: readonly Metric[];
  readonly design: Design;
  readonly tasks: readonly TaskFigures[];
  readonly streams: readonly StreamFigures[];
  readonly channels: readonly ChannelFigures[];
  /** Lanes are cores, then tasks that take none; in `timeline.operator` the task; kinds are of TASK_STATES. */
  readonly timeline: Timeline;
  /** i32, an entry an interval of `timeline`: the stream (get, put) or channel (load, store) it waits for, −1 for none. */
  readonly waitsOn: EncodedColumn;
  readonly occupancy: readonly Series[];
  readonly bandwidth: readonly Series[];
  /** By tasks, and by streams and channels as drawn; −1 where it waits for something else. */
  readonly deadlock: Deadlock | null;
  readonly considered: readonly ConsideredDesign[];
  /** How it was searched for, and the proof; null where the mode names the design. */
  readonly search: ModeSearch['search'] | null;
  /** Largest gap |predicted − simulated| ÷ simulated of those simulated, 0…1; null where none was predicted. */
  readonly modelGap: number | null;
  readonly levers: readonly Lever[];
  /** Critical path: spans of tasks that decide the makespan, in time. */
  readonly criticalPath: readonly PathSpan[];
  readonly findings: readonly Problem[];
  readonly techniques: readonly (TechniqueRef & { readonly title: string; readonly role: string })[];
  /** What the board measured, where the drawing says so. */
  readonly measured: {
    readonly cycles: number;
    readonly source: string;
    /** (simulated − measured) ÷ measured; null where the run is not of what was measured: another variant or mode. */
    readonly error: number | null;
    readonly calibration: 'none' | 'fitted' | 'held-aside';
    readonly claim: string;
  } | null;
  readonly stoppedEarly: boolean;
}

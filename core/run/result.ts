/**
 * What a run leaves: self-contained (its frozen inputs are inside), deterministic (same key, same bytes; no
 * clock in it), and enough to draw every view and write every report without running anything again.
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import type { EncodedColumn } from '#core/base/columns.ts';
import type { Badge, Metric, TechniqueRef } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { ArrayEstimate, OperandCounts } from '#core/cost/array-model.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { Figure } from '#core/energy/figure.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import type { LimitFigures } from '#core/schedule/curve.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { ComparedOutput, FunctionalCertificate, WrongElement } from '#core/simulate/functional/certificate.ts';
import type { RunSettings } from './settings.ts';

export interface RunInputs {
  readonly model: DocumentFile;
  readonly architecture: DocumentFile;
  readonly settings: RunSettings;
  /** The file the certificate takes weights from; absent where there is none: they are random. */
  readonly weights?: WeightsIdentity;
}

/** Which file, and how it is read: what decides its numbers. */
export interface WeightsIdentity {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Shapes and values of graph inputs that were given when it was imported. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly values?: Readonly<Record<string, readonly number[]>>;
}

/** A column of the per-operator table, with what 'explain this number' needs. */
export interface OperatorColumn {
  readonly id: keyof OperatorFigures;
  readonly title: string;
  readonly unit: Unit;
  readonly badge: Badge;
  readonly formula: string;
  readonly source: string;
}

export interface OperatorFigures {
  readonly macs: number;
  /** Cycles of the analytic mapping, without contention. */
  readonly estimateCycles: number;
  /** First tile taken up by a unit … last command finished, simulated cycles. */
  readonly startCycle: number;
  readonly endCycle: number;
  /** Cycles its unit was busy with it. */
  readonly busyCycles: number;
  /** MACs ÷ (busyCycles × the unit's MACs per cycle), 0…1; 0 on units without MACs. */
  readonly utilisation: number;
  readonly weightBytes: number;
  readonly outputBytes: number;
  /** Off-chip bytes moved for this operator: compulsory, spilled or refilled by the schedule, fetched again by the tiling. */
  readonly compulsoryBytes: number;
  readonly spillBytes: number;
  readonly refetchBytes: number;
  /** Joules. */
  readonly energy: number;
}

/** One kernel of the compiled model: an operator with what was fused into it. */
export interface OperatorResult extends OperatorFigures {
  readonly index: number;
  readonly name: string;
  /** E.g. `conv + batch-norm + relu`. */
  readonly type: string;
  /** Document nodes it stands for, the main one first. */
  readonly nodes: readonly string[];
  /** Architecture node it runs on, or null when nothing is computed (a view). */
  readonly unit: string | null;
  /** `weight-stationary · 196×64×576 in 7×2×1 tiles`, or how a vector unit does it. */
  readonly mapping: string;
  /** What bounds it: its unit, the off-chip channel, or the order of things. */
  readonly limit: 'compute' | 'off-chip' | 'dependency' | 'none';
}

export interface TimelineLane {
  /** Architecture node. */
  readonly component: string;
  readonly title: string;
  readonly kind: 'compute' | 'dma' | 'channel' | 'link';
}

export const INTERVAL_KINDS = ['execute', 'load', 'store', 'reconfigure'] as const;

/** Intervals sorted by lane, then start. Columns have equal length. */
export interface Timeline {
  readonly lanes: readonly TimelineLane[];
  /** Cycles of the clock of `clockHertz`. */
  readonly makespanCycles: number;
  readonly clockHertz: number;
  /** u16: index into lanes. */
  readonly lane: EncodedColumn;
  /** f64: cycles. */
  readonly start: EncodedColumn;
  readonly end: EncodedColumn;
  /** i32: index into operators. */
  readonly operator: EncodedColumn;
  /** u8: index into INTERVAL_KINDS. */
  readonly kind: EncodedColumn;
  /** i32: command of the program; a transfer has an interval on its engine and one on its channel. Absent in older runs. */
  readonly command?: EncodedColumn;
  /** f64: bytes a transfer moves, on its engine and on its channel; 0 where nothing is moved. Absent in older runs. */
  readonly bytes?: EncodedColumn;
}

/** The functional certificate as JSON has it: null where a number is not finite. */
export interface PlayedCertificate
  extends Omit<FunctionalCertificate, 'outputs' | 'maximumError' | 'relativeError' | 'firstWrong'> {
  readonly outputs: readonly OrNull<ComparedOutput, 'maximumError' | 'relativeError'>[];
  readonly maximumError: number | null;
  readonly relativeError: number | null;
  readonly firstWrong: OrNull<WrongElement, 'expected' | 'got'> | null;
  readonly numbers: CertificateNumbers;
}

type OrNull<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]: T[K] | null };

/** Where the numbers it was played on came from. */
export interface CertificateNumbers {
  /** The file weights were read from; null where all are random. */
  readonly file: string | null;
  /** Operators and constants that have weights, and those of them the file has none for that fit: these are random. */
  readonly owners: number;
  readonly random: number;
  /** Of random inputs and weights. */
  readonly seed: number;
}

export interface SkippedCertificate {
  /** Why values were not verified, a sentence. */
  readonly skipped: string;
}

export type RunCertificate = PlayedCertificate | SkippedCertificate;

/** What one array model says of the operators on arrays. */
export interface ArrayModelFigures {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** GEMM-shaped operators that run on an array, in order. */
  readonly operators: readonly ArrayOperatorEstimate[];
  /** Sums over `operators`; null where one of them is. */
  readonly totals: {
    readonly cycles: number | null;
    readonly stallCycles: number | null;
    /** Percent: MACs ÷ Σ cells × cycles. */
    readonly overallUtilisation: number | null;
    readonly sram: OperandCounts;
    readonly dram: OperandCounts<number | null>;
  };
}

export interface ArrayOperatorEstimate {
  /** Into the run's operators. */
  readonly operator: number;
  /** Architecture node of the array. */
  readonly unit: string;
  /** Equal arrays that share its tiles in the run; the estimate is of one that does it all. */
  readonly arrays: number;
  /** As the mapping chose. */
  readonly dataflow: Dataflow;
  /** Cycles of the array's clock. */
  readonly estimate: ArrayEstimate;
}

export const ENERGY_LEVELS = ['macs', 'lanes', 'registers', 'buffers', 'scratchpad', 'off-chip'] as const;
export type EnergyLevelId = (typeof ENERGY_LEVELS)[number];

export interface EnergyLevel {
  readonly id: EnergyLevelId;
  readonly title: string;
  readonly joules: number;
  /** Of the whole energy, 0…1. */
  readonly share: number;
  /** What it was computed with, once each. */
  readonly figures: readonly Figure[];
}

export interface EnergyAccount {
  /** In the order of ENERGY_LEVELS; their joules add up to the total. */
  readonly levels: readonly EnergyLevel[];
  /** Joules: a row an operator, a column a level. */
  readonly operators: readonly (readonly number[])[];
}

export interface AreaPart {
  readonly id: 'cells' | 'lanes' | 'buffers' | 'scratchpad';
  readonly title: string;
  readonly squareMillimetres: number;
  /** Of the whole area, 0…1. */
  readonly share: number;
  readonly figures: readonly Figure[];
}

/** How large the program's text is and how it begins; all of it is made again on demand. */
export interface ProgramExcerpt {
  readonly commands: number;
  /** Lines before the first command: engines and kernels. Command i is line preamble + i, counted from 0. */
  readonly preamble: number;
  /** The first lines of the preamble, and the first commands. */
  readonly preambleHead: readonly string[];
  readonly commandsHead: readonly string[];
}

export interface RunResult {
  readonly format: 'weft-run/1';
  /** SHA-256 of inputs, technique versions and app version. */
  readonly key: string;
  readonly appVersion: string;
  readonly title: string;
  readonly inputs: RunInputs;
  readonly facts: ModelFacts;
  readonly totals: readonly Metric[];
  readonly columns: readonly OperatorColumn[];
  readonly operators: readonly OperatorResult[];
  readonly schedule: {
    readonly problem: ScheduleProblem;
    readonly answer: ScheduleAnswer;
    /** Scratchpads at which the problem can run and need spill nothing. Absent in runs of versions before it. */
    readonly limits?: LimitFigures;
  };
  readonly timeline: Timeline;
  /** Values verified on outputs, or why they are not. This and the next four are absent in older runs. */
  readonly certificate?: RunCertificate;
  /** Every registered array model on the arrays as drawn. */
  readonly arrayModels?: readonly ArrayModelFigures[];
  readonly energy?: EnergyAccount;
  readonly area?: readonly AreaPart[];
  readonly program?: ProgramExcerpt;
  readonly findings: readonly Problem[];
  readonly techniques: readonly (TechniqueRef & { readonly title: string; readonly role: string })[];
  /** True when the user stopped it and this is the best so far. */
  readonly stoppedEarly: boolean;
}

/**
 * Architectures to start from. Each is an ordinary document: open it, change it, save it. Figures are from the
 * sources named; what a source leaves open is said in the summary.
 */

import type { Document } from '#core/document/document.ts';
import { chain } from './chain.ts';

export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  build(documentId: string): Document;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const PRESETS: readonly Preset[] = [
  {
    id: 'systolic-32x32',
    title: 'Systolic 32 × 32',
    summary:
      'A 32 × 32 array with 64 KiB an operand, a 512 KiB scratchpad, vector and special-function units, LPDDR4 at 16 GB/s.',
    source:
      'array and operand buffers as in the SCALE-Sim v3 reference runs (32 × 32, 64 kB an operand); the rest chosen for a mobile-class chip',
    build: chain('Systolic 32 × 32', {
      channel: { kind: 'lpddr4', gigabytesPerSecond: 16, latencyNanoseconds: 100 },
      bus: { bytesPerCycle: 32, latencyCycles: 8 },
      dma: { bytesPerCycle: 32, setupCycles: 4 },
      scratchpad: { capacityBytes: 512 * KIB, alignmentBytes: 64, bytesPerCycle: 128 },
      units: [
        [
          'array',
          'systolic-array',
          'Array',
          {
            rows: 32,
            columns: 32,
            inputBufferBytes: 64 * KIB,
            weightBufferBytes: 64 * KIB,
            outputBufferBytes: 64 * KIB,
          },
        ],
        ['vector', 'vector-unit', 'Vector unit', { lanes: 32 }],
        ['sfu', 'special-function-unit', 'Special functions', { lanes: 8 }],
      ],
    }),
  },
  {
    id: 'gemmini-16x16',
    title: 'Gemmini 16 × 16',
    summary:
      'Gemmini’s default configuration: 16 × 16 array, 256 KiB scratchpad, 64 KiB accumulator; the scalar core’s work is drawn as a small vector unit.',
    source:
      'Genc et al., Gemmini, DAC 2021, and its default gemmini_params.h (DIM 16, 256 KiB in 4 banks, 64 KiB accumulator). Half of the scratchpad is kept for tiles in flight, as loop_ws does.',
    build: chain('Gemmini 16 × 16', {
      channel: { kind: 'ddr4', gigabytesPerSecond: 16, latencyNanoseconds: 90 },
      bus: { bytesPerCycle: 16, latencyCycles: 4 },
      dma: { bytesPerCycle: 16, setupCycles: 4 },
      scratchpad: { capacityBytes: 128 * KIB, alignmentBytes: 16, bytesPerCycle: 64 },
      units: [
        [
          'array',
          'systolic-array',
          'Mesh',
          {
            rows: 16,
            columns: 16,
            dataflow: 'auto',
            inputBufferBytes: 64 * KIB,
            weightBufferBytes: 64 * KIB,
            outputBufferBytes: 64 * KIB,
          },
        ],
        ['vector', 'vector-unit', 'Pooling and scaling', { lanes: 16 }],
        ['sfu', 'special-function-unit', 'Host functions', { lanes: 1, depth: 40 }],
      ],
    }),
  },
  {
    id: 'tpu-256x256',
    title: 'TPU 256 × 256',
    summary:
      'TPU v1’s shape: a 256 × 256 weight-stationary array at 700 MHz, 24 MiB unified buffer, 4 MiB accumulators, 34 GB/s of weights.',
    source:
      'Jouppi et al., In-datacenter performance analysis of a tensor processing unit, ISCA 2017, sections 2 and 7. The weight FIFO holds four 64 KiB tiles. Unit counts for vectors are estimates.',
    build: chain('TPU 256 × 256', {
      channel: { kind: 'ddr4', gigabytesPerSecond: 34, latencyNanoseconds: 90 },
      bus: { bytesPerCycle: 64, latencyCycles: 8 },
      dma: { bytesPerCycle: 64, setupCycles: 4 },
      scratchpad: { capacityBytes: 24 * MIB, alignmentBytes: 256, bytesPerCycle: 512 },
      units: [
        [
          'array',
          'systolic-array',
          'Matrix unit',
          {
            rows: 256,
            columns: 256,
            dataflow: 'ws',
            clockMegahertz: 700,
            inputBufferBytes: 1 * MIB,
            weightBufferBytes: 256 * KIB,
            outputBufferBytes: 4 * MIB,
          },
        ],
        ['vector', 'vector-unit', 'Activation unit', { lanes: 256, clockMegahertz: 700, bufferBytes: 128 * KIB }],
        [
          'sfu',
          'special-function-unit',
          'Special functions',
          { lanes: 64, clockMegahertz: 700, bufferBytes: 128 * KIB },
        ],
      ],
    }),
  },
  {
    id: 'ethos-u55-256',
    title: 'Ethos-U55 256',
    summary: 'A micro-NPU of 256 MACs a cycle (16 × 16) at 500 MHz beside 512 KiB of SRAM; weights stream from LPDDR.',
    source:
      'Arm, Ethos-U55 NPU product brief (32–256 MACs a cycle). SRAM size and buffers are a typical microcontroller’s, not Arm’s.',
    build: chain('Ethos-U55 256', {
      channel: { kind: 'lpddr4', gigabytesPerSecond: 2, latencyNanoseconds: 120 },
      bus: { bytesPerCycle: 8, latencyCycles: 4 },
      dma: { bytesPerCycle: 8, setupCycles: 8 },
      scratchpad: { capacityBytes: 512 * KIB, alignmentBytes: 16, bytesPerCycle: 16 },
      units: [
        [
          'array',
          'systolic-array',
          'MAC engine',
          {
            rows: 16,
            columns: 16,
            dataflow: 'auto',
            clockMegahertz: 500,
            inputBufferBytes: 16 * KIB,
            weightBufferBytes: 16 * KIB,
            outputBufferBytes: 24 * KIB,
          },
        ],
        ['vector', 'vector-unit', 'Elementwise engine', { lanes: 16, clockMegahertz: 500, bufferBytes: 8 * KIB }],
        ['sfu', 'special-function-unit', 'Lookup tables', { lanes: 4, clockMegahertz: 500, bufferBytes: 8 * KIB }],
      ],
    }),
  },
  {
    id: 'fpga-2-cores',
    title: 'FPGA, two cores',
    summary:
      'Two compute cores of 16 multiply-accumulates at 300 MHz around one on-chip memory, a special-function unit between them, one HBM channel.',
    source:
      'the template of InTAR, arXiv 2502.08807 (two cores × 16 MACs, drawn as one row of 16 cells each); one U280 HBM pseudo-channel, 14.4 GB/s. Buffer sizes are estimates.',
    build: chain('FPGA, two cores', {
      channel: { kind: 'hbm2', gigabytesPerSecond: 14.4, latencyNanoseconds: 120 },
      bus: { bytesPerCycle: 64, latencyCycles: 8 },
      dma: { bytesPerCycle: 64, setupCycles: 8 },
      scratchpad: { capacityBytes: 1 * MIB, alignmentBytes: 64, bytesPerCycle: 64 },
      units: [
        [
          'core0',
          'systolic-array',
          'Core 0',
          {
            rows: 1,
            columns: 16,
            dataflow: 'auto',
            clockMegahertz: 300,
            inputBufferBytes: 32 * KIB,
            weightBufferBytes: 32 * KIB,
            outputBufferBytes: 32 * KIB,
          },
        ],
        [
          'core1',
          'systolic-array',
          'Core 1',
          {
            rows: 1,
            columns: 16,
            dataflow: 'auto',
            clockMegahertz: 300,
            inputBufferBytes: 32 * KIB,
            weightBufferBytes: 32 * KIB,
            outputBufferBytes: 32 * KIB,
          },
        ],
        ['vector', 'vector-unit', 'Vector unit', { lanes: 16, clockMegahertz: 300 }],
        ['sfu', 'special-function-unit', 'Special functions', { lanes: 2, depth: 28, clockMegahertz: 300 }],
      ],
    }),
  },
];

export function presetById(id: string): Preset | undefined {
  return PRESETS.find((preset) => preset.id === id);
}

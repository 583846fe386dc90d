/** The accounts of the fixture run: certificate, array models, energy, area, program; every figure from a closed form. */
import { figure } from '#core/energy/figure.ts';
import {
  type ArrayModelFigures,
  ENERGY_LEVELS,
  type OperatorResult,
  type RunCertificate,
  type RunResult,
} from '#core/run/result.ts';

type Say = (plain: string) => string;
type Accounts = Required<Pick<RunResult, 'certificate' | 'arrayModels' | 'energy' | 'area' | 'program'>>;

export function makeAccounts(operators: readonly OperatorResult[], say: Say): Accounts {
  return {
    certificate: certificate(say),
    arrayModels: [1, 2, 3].map((factor) => arrayModel(factor, operators, say)),
    energy: energy(operators, say),
    area: (['cells', 'lanes', 'buffers', 'scratchpad'] as const).map((id, at) => ({
      id,
      title: say(`Area of ${id}`),
      squareMillimetres: at + 0.25,
      share: (at + 0.25) / 7,
      figures: [figure(`area.${id}`, 278, 'µm²', 'an adder', '40 nm', say('a library'), at !== 2)],
    })),
    program: {
      // More than a fixture of any size has intervals: each names its command.
      commands: Math.max(2000, 4 * operators.length),
      preamble: 3,
      preambleHead: ['weft-program/1', say('engine e0 unit "array" "Array"'), say('kernel k0 reads t0@0 makes t1@64')],
      commandsHead: [say('     0 e1 load k0 t0 64 B compulsory into @0 from 0 over c0')],
    },
  };
}

function certificate(say: Say): RunCertificate {
  return {
    isVerified: true,
    isExact: false,
    outputs: [
      { name: say('features'), elements: 200_704, maximumError: 3.5e-7, relativeError: 1.25e-7, isExact: false },
      { name: say('classes'), elements: 10, maximumError: 0, relativeError: 0, isExact: true },
    ],
    elements: 200_714,
    maximumError: 3.5e-7,
    relativeError: 1.25e-7,
    tolerance: 1e-4,
    commands: 2000,
    bytesMoved: 421_888,
    orders: ['simulated time', 'row order'],
    reference: say('plain reference'),
    statement: say('Values verified on 200,714 numbers of 2 outputs.'),
    fault: null,
    firstWrong: null,
    numbers: { file: say('chain.onnx'), owners: 6, random: 1, seed: 1 },
  };
}

/** A certificate that failed, with numbers JSON has no name for. */
export function failedCertificate(say: Say = (plain) => plain): RunCertificate {
  const good = certificate(say);
  if ('skipped' in good) throw new Error('the fixture is played');
  return {
    ...good,
    isVerified: false,
    outputs: [{ name: say('features'), elements: 4, maximumError: null, relativeError: null, isExact: false }],
    maximumError: null,
    relativeError: null,
    fault: {
      order: 'row order',
      problem: { code: 'functional.wrong', severity: 'error', message: say('m'), where: {}, facts: {}, fixes: [] },
    },
    firstWrong: { tensor: say('features'), index: 3, expected: 0.5, got: null, command: 17 },
  };
}

function arrayModel(factor: number, operators: readonly OperatorResult[], say: Say): ArrayModelFigures {
  const counts = { ifmapReads: 100 * factor, filterReads: 200 * factor, ofmapWrites: 300 * factor, ofmapReads: 0 };
  const onArray = operators.filter(({ macs }) => macs > 0);
  const cycles = (busy: number) => (factor === 2 ? null : busy * factor);
  return {
    id: `array-model/m${factor}`,
    title: say(`Model ${factor}`),
    version: '1',
    operators: onArray.map(({ index, busyCycles }) => ({
      operator: index,
      unit: 'array',
      arrays: 1 + (index % 2),
      dataflow: 'ws',
      estimate: {
        cycles: cycles(busyCycles),
        stallCycles: factor,
        overallUtilisation: factor === 2 ? null : 50 / factor,
        mappingEfficiency: 90,
        computeUtilisation: 80,
        sram: counts,
        dram: { ...counts, ofmapReads: null },
        limit: factor === 3 ? say('DRAM') : null,
      },
    })),
    totals: {
      cycles: cycles(onArray.reduce((sum, { busyCycles }) => sum + busyCycles, 0)),
      stallCycles: factor * onArray.length,
      overallUtilisation: factor === 2 ? null : 50 / factor,
      sram: counts,
      dram: { ...counts, ofmapReads: null },
    },
  };
}

function energy(operators: readonly OperatorResult[], say: Say): Accounts['energy'] {
  const rows = operators.map(({ index }) => ENERGY_LEVELS.map((_, level) => (index + 1) * (level + 1) * 1e-7));
  const sums = ENERGY_LEVELS.map((_, level) => rows.reduce((sum, row) => sum + row[level]!, 0));
  const total = sums.reduce((sum, each) => sum + each, 0);
  return {
    levels: ENERGY_LEVELS.map((id, level) => ({
      id,
      title: say(`Energy of ${id}`),
      joules: sums[level]!,
      share: sums[level]! / total,
      figures: [figure(`level.${id}`, 0.3 + level, 'pJ', 'a byte', '45 nm', say('a table'), level % 2 === 0)],
    })),
    operators: rows,
  };
}

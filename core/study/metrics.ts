/**
 * What the points of a study can be judged by. Ids are those of a run's totals wherever the figure is the same; what the
 * hardware has is counted from the drawing, whatever the fidelity.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { StudyMetric, StudySpec } from './study.ts';

type Fidelity = StudySpec['fidelity'];

const less = (id: string, title: string, unit: Unit): StudyMetric => ({ id, title, unit, better: 'less' });
const more = (id: string, title: string, unit: Unit): StudyMetric => ({ id, title, unit, better: 'more' });

const CYCLES = less('time.cycles', 'Cycles', 'cycles');
const SECONDS = less('time.seconds', 'Time', 's');
const ENERGY = less('energy.total', 'Energy', 'J');
const OFF_CHIP = less('offchip.bytes', 'Off-chip bytes', 'B');
const ON_CHIP = less('hardware.memory', 'On-chip memory', 'B');

/** Of a program's machine. */
const MACHINE: readonly StudyMetric[] = [
  ON_CHIP,
  less('hardware.macs', 'MAC units', ''),
  less('area.total', 'Area', 'mm²'),
];
/** Of a fabric; DSP slices are those of the design's largest stage. */
const FABRIC: readonly StudyMetric[] = [ON_CHIP, less('hardware.macs', 'MACs a cycle', 'MAC/cycle')];

const UTILISATION = more('compute.utilisation', 'Array utilisation', '1');
const CORES = more('compute.utilisation', 'Utilisation of the cores', '1');

const METRICS: Readonly<Record<StudySpec['kind'], Readonly<Record<Fidelity, readonly StudyMetric[]>>>> = {
  program: {
    // Nothing is resident: energy is without that of the scratchpad.
    estimate: [CYCLES, SECONDS, ENERGY, OFF_CHIP, UTILISATION, ...MACHINE],
    run: [
      CYCLES,
      SECONDS,
      ENERGY,
      OFF_CHIP,
      less('offchip.noncompulsory', 'Non-compulsory bytes', 'B'),
      UTILISATION,
      less('memory.peak', 'Scratchpad peak', 'B'),
      ...MACHINE,
    ],
  },
  simulation: {
    estimate: [CYCLES, SECONDS, ENERGY, OFF_CHIP, CORES, less('hardware.dsp', 'DSP slices or PEs', ''), ...FABRIC],
    run: [CYCLES, SECONDS, ENERGY, OFF_CHIP, CORES, less('stalls.cycles', 'Task-cycles stalled', 'cycles'), ...FABRIC],
  },
};

export function studyMetrics(kind: StudySpec['kind'], fidelity: Fidelity): readonly StudyMetric[] {
  return METRICS[kind][fidelity];
}

/** What is wrong with the objectives, code `study.objectives`; null where nothing is. */
export function checkObjectives({ kind, fidelity, objectives }: StudySpec): Problem | null {
  const known = studyMetrics(kind, fidelity).map(({ id }) => id);
  const unknown = objectives.find((id) => !known.includes(id));
  if (unknown !== undefined)
    return problem('study.objectives', `There is no objective ${unknown}; there are: ${known.join(', ')}`);
  if (new Set(objectives).size < objectives.length) return problem('study.objectives', 'An objective is named twice');
  return objectives.length < 2 ? problem('study.objectives', 'A front is of two objectives or more') : null;
}

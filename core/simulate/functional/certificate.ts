/**
 * What playing a program on numbers shows: every output compared with a reference, element by element. The program is
 * played by the simulated times and row by row; both must come out right.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import { type Layout, mappedBy } from '#core/compile/layout.ts';
import { evaluateModel } from '#core/reference/evaluate.ts';
import type { TensorValues } from '#core/reference/values.ts';
import type { Timing } from '../simulator.ts';
import type { PlayInputs } from './memories.ts';
import type { OffChip } from './off-chip.ts';
import { play } from './play.ts';

/** Largest difference that counts as equal, of the output's range: fp32 sums in another order. Integers must be equal. */
export const TOLERANCE = 1e-4;

export const PLAY_ORDERS = ['simulated time', 'row order'] as const;
export type PlayOrder = (typeof PLAY_ORDERS)[number];

export interface ComparedOutput {
  readonly name: string;
  readonly elements: number;
  /** Largest difference, and the same of the reference's range (largest − smallest, or the magnitude of a constant). */
  readonly maximumError: number;
  readonly relativeError: number;
  readonly isExact: boolean;
}

export interface WrongElement {
  readonly tensor: string;
  /** Row-major. */
  readonly index: number;
  readonly expected: number;
  readonly got: number;
  /** Row of the program that stored it; null where none did. */
  readonly command: number | null;
}

export interface FunctionalCertificate {
  readonly isVerified: boolean;
  /** Every output equal to the last bit. */
  readonly isExact: boolean;
  readonly outputs: readonly ComparedOutput[];
  readonly elements: number;
  readonly maximumError: number;
  readonly relativeError: number;
  readonly tolerance: number;
  readonly commands: number;
  readonly bytesMoved: number;
  readonly orders: readonly PlayOrder[];
  readonly reference: string;
  /** One sentence for people: what was shown, and what was not. */
  readonly statement: string;
  /** Why the play stopped, and what was wrong first; null when verified. */
  readonly fault: { readonly order: PlayOrder; readonly problem: Problem } | null;
  readonly firstWrong: WrongElement | null;
}

export interface CertificateInputs extends PlayInputs {
  readonly timing: Timing;
  /** Bytes an element differ from the model's own: the run is in a uniform format. */
  readonly format: string;
  /** Outputs by model tensor from elsewhere; without it the plain reference is run. */
  readonly reference?: { readonly name: string; readonly outputs: ReadonlyMap<number, TensorValues> };
}

/**
 * Plays the program in both orders and compares its outputs. Problems are those of the reference: a model some operator of which
 * has no value cannot be certified. A program that is wrong gives a certificate that says so.
 */
export function functionalCertificate(inputs: CertificateInputs): Result<FunctionalCertificate, Problem> {
  const { bodies, source, graph } = inputs;
  let reference = inputs.reference;
  if (!reference) {
    const made = evaluateModel(bodies.model, source, inputs.control ? { control: inputs.control } : {});
    if (!made.ok) return made;
    reference = { name: 'plain reference', outputs: made.value };
  }
  const expected = expectedOutputs(bodies, reference.outputs);
  if (expected.size === 0) return err(problem('functional.no-output', 'No kernel makes an output of the model'));

  let outputs: readonly ComparedOutput[] = [];
  let fault: FunctionalCertificate['fault'] = null;
  let firstWrong: WrongElement | null = null;
  let bytesMoved = 0;
  for (const order of PLAY_ORDERS) {
    const played = play(inputs, order === 'simulated time' ? inputs.timing : null);
    if (played.fault?.code === 'run.cancelled') return err(played.fault);
    bytesMoved = played.bytesMoved;
    if (played.fault) {
      fault = { order, problem: played.fault };
      break;
    }
    const compared = [...expected].map(([tensor, values]) => {
      const { name, elementType } = graph.tensors[tensor]!;
      return compare(name, elementType, values, played.offChip, tensor);
    });
    outputs = worse(
      outputs,
      compared.map(({ output }) => output),
    );
    firstWrong = compared.find(({ wrong }) => wrong !== null)?.wrong ?? null;
    if (firstWrong) {
      const { tensor, index, got, expected: right, command } = firstWrong;
      const by = command === null ? 'nothing stored it' : `stored by command ${command}`;
      const message = `Element ${index} of ${tensor} is ${got}, not ${right}; ${by}`;
      fault = { order, problem: problem('functional.wrong', message, { facts: { command: command ?? -1 } }) };
      break;
    }
  }
  const elements = [...expected.values()].reduce((sum, { values }) => sum + values.data.length, 0);
  const maximumError = outputs.reduce((most, each) => Math.max(most, each.maximumError), 0);
  const relativeError = outputs.reduce((most, each) => Math.max(most, each.relativeError), 0);
  const isVerified = fault === null;
  const isExact = isVerified && outputs.every((each) => each.isExact);
  return ok({
    isVerified,
    isExact,
    outputs,
    elements,
    maximumError,
    relativeError,
    tolerance: TOLERANCE,
    commands: inputs.program.length,
    bytesMoved,
    orders: PLAY_ORDERS,
    reference: reference.name,
    statement: fault
      ? `Not verified, played in ${fault.order}: ${fault.problem.message}.`
      : statement(inputs, { elements, outputs: outputs.length, isExact, relativeError, reference: reference.name }),
    fault,
    firstWrong,
  });
}

/** Reference values, row-major, and where each element lies off chip. */
interface Expected {
  readonly values: TensorValues;
  readonly place: Layout;
}

/** By tensor of the kernel graph. */
function expectedOutputs(
  { model, root, place, kernelTensor }: KernelBodies,
  outputs: ReadonlyMap<number, TensorValues>,
): ReadonlyMap<number, Expected> {
  const expected = new Map<number, Expected>();
  for (const { index, kind } of model.tensors) {
    const values = outputs.get(index);
    const id = kernelTensor[root[index]!]!;
    if (kind === 'output' && values && id !== -1) expected.set(id, { values, place: place[index]! });
  }
  return expected;
}

function compare(
  name: string,
  elementType: ElementType,
  expected: Expected,
  offChip: OffChip,
  tensor: number,
): { readonly output: ComparedOutput; readonly wrong: WrongElement | null } {
  const { values } = offChip.image(tensor);
  const { data } = expected.values;
  const places = expected.place.length === 0 ? null : mappedBy(expected.place);
  const placeOf = (element: number) => places?.[element] ?? element;
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const range =
    greatest > least ? greatest - least : Math.abs(greatest) > 0 && greatest === least ? Math.abs(greatest) : 1;
  const isReal = /fp|bf/.test(elementType);
  const limit = isReal ? TOLERANCE * range : 0;
  const unwritten = offChip.firstUnwritten(tensor);
  let wrong = -1;
  let maximumError = 0;
  for (let i = 0; i < data.length; i++) {
    const [right, got] = [data[i]!, values[placeOf(i)]!];
    const difference = Object.is(right, got) || right === got ? 0 : Math.abs(right - got);
    // NaN is equal to NaN alone.
    const isWrong = !(difference <= limit) || (unwritten !== -1 && !offChip.isWritten(tensor, placeOf(i)));
    if (isWrong && wrong === -1) wrong = i;
    maximumError = Math.max(maximumError, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return {
    output: {
      name,
      elements: data.length,
      maximumError,
      relativeError: maximumError / range,
      isExact: maximumError === 0 && wrong === -1,
    },
    wrong:
      wrong === -1
        ? null
        : {
            tensor: name,
            index: wrong,
            expected: data[wrong]!,
            got: values[placeOf(wrong)]!,
            command: offChip.writerOf(tensor, placeOf(wrong)),
          },
  };
}

/** Of two plays the larger errors. */
function worse(first: readonly ComparedOutput[], second: readonly ComparedOutput[]): readonly ComparedOutput[] {
  return second.map((output, i) => (first[i] && first[i].maximumError > output.maximumError ? first[i] : output));
}

interface Shown {
  readonly elements: number;
  readonly outputs: number;
  readonly isExact: boolean;
  readonly relativeError: number;
  readonly reference: string;
}

function statement(inputs: CertificateInputs, shown: Shown): string {
  const { program, format } = inputs;
  const numbers = `${shown.elements.toLocaleString('en')} ${shown.elements === 1 ? 'number' : 'numbers'} of ${shown.outputs} ${shown.outputs === 1 ? 'output' : 'outputs'}`;
  const error = shown.isExact
    ? 'equal to the last bit'
    : `largest error ${shown.relativeError.toExponential(1)} of the output range`;
  const plays = `${program.length.toLocaleString('en')} commands played in simulated time and in row order, against the ${shown.reference}`;
  const scope =
    format === 'model'
      ? ''
      : ` Tensors have the sizes of ${format}; the arithmetic is the model's own: order, addresses, refills and tiling are verified, rounding to ${format} is not.`;
  return `Values verified on ${numbers}, ${error}: ${plays}.${scope}`;
}

/**
 * What an import tells: each kind of finding once, with a count and the place of the first, so that a model
 * with a hundred unknown operators gives one line and not a hundred.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { shapeText } from '#core/catalog/operators/common.ts';
import type { ImportOptions } from '#core/technique/importer.ts';
import type { NodeRecord, ValueRecord } from './proto.ts';

type Rest = Partial<Pick<Problem, 'severity' | 'where' | 'facts'>>;

export class Notices {
  readonly #file: string;
  readonly #document: string;
  readonly #single: Problem[] = [];
  readonly #counted = new Map<string, { count: number; readonly told: (count: number) => Problem }>();
  #sharedElements = 0;

  constructor({ file, document }: ImportOptions) {
    this.#file = file;
    this.#document = document;
  }

  /** All findings: single ones in the order they came up, then the counted ones. */
  all(): readonly Problem[] {
    const counted = [...this.#counted.values()].map(({ count, told }) => told(count));
    return [...this.#single, ...counted, ...this.#shared()];
  }

  #make(code: string, message: string, { severity = 'warning', where = {}, facts = {} }: Rest): Problem {
    return problem(`onnx.${code}`, message, { severity, where: { file: this.#file, ...where }, facts });
  }

  #count(key: string, told: (count: number) => Problem): void {
    const known = this.#counted.get(key);
    if (known) known.count++;
    else this.#counted.set(key, { count: 1, told });
  }

  unknownInput(name: string, known: readonly string[]): void {
    const message = `${this.#file} has no input '${name}'; it has ${known.slice(0, 16).join(', ')}`;
    this.#single.push(this.#make('unknown-input', message, { facts: { input: name } }));
  }

  /** `node`: the drawn input, whose shape the user can set. */
  freeDimensions(record: ValueRecord, type: TensorType, isBatchOnly: boolean, node: string): void {
    const declared = (record.shape ?? ['?']).map((each) => (typeof each === 'number' && each > 0 ? each : each || '?'));
    const shape = shapeText(type.shape);
    const message = `The file leaves extents of input '${record.name}' open (${declared.join(' × ')}); taken as ${shape}. Set its shape to change that`;
    this.#single.push(
      this.#make('free-dimension', message, {
        severity: isBatchOnly ? 'info' : 'warning',
        where: { document: this.#document, node, parameter: 'shape' },
        facts: { input: record.name, shape },
      }),
    );
  }

  missingOutput(name: string): void {
    this.#single.push(this.#make('missing-output', `Nothing makes the output '${name}'`, {}));
  }

  weightShape(node: NodeRecord, id: string, weight: string, given: readonly number[], asked: readonly number[]): void {
    const message = `'${nameOf(node)}' (${node.operator}) has a ${weight} of ${shapeText(given)} where its operands ask for ${shapeText(asked)}`;
    const where = { document: this.#document, node: id, byteOffset: node.byteOffset };
    this.#single.push(this.#make('weight-shape', message, { where }));
  }

  external(tensor: string): void {
    this.#count('external', (count) => {
      const message = `${count} tensors (first: ${tensor}) keep their data in other files, which are not read; their shapes suffice`;
      return this.#make('external-data', message, { severity: 'info', facts: { tensors: count } });
    });
  }

  /** A weight of so many elements was taken by a second operator. */
  sharedWeight(elements: number): void {
    this.#sharedElements += elements;
  }

  #shared(): readonly Problem[] {
    const elements = this.#sharedElements;
    if (elements === 0) return [];
    const message = `Some weights serve several operators; each counts them for itself, ${elements} elements more than the file holds`;
    return [this.#make('shared-weights', message, { severity: 'info', facts: { elements } })];
  }

  missingValue(node: NodeRecord, value: string): void {
    this.#count('missing', (count) => {
      const message = `'${nameOf(node)}' reads '${value}', which nothing makes (${count} such reads)`;
      return this.#make('missing-value', message, { where: { byteOffset: node.byteOffset }, facts: { value, count } });
    });
  }

  branchAssumed(node: NodeRecord, branch: 'then' | 'else'): void {
    this.#count('branch', (count) => {
      const which = count === 1 ? `'${nameOf(node)}' is an If` : `${count} Ifs (first: '${nameOf(node)}') are`;
      const message = `${which} decided by data only known at run time: the larger branch is drawn, '${branch}'. Give the input it depends on a value to choose`;
      return this.#make('branch-assumed', message, { where: { byteOffset: node.byteOffset }, facts: { count } });
    });
  }

  mismatch(node: NodeRecord, fault: string): void {
    this.#count('shape', (count) => {
      const more = count > 1 ? `; ${count - 1} more like it` : '';
      const message = `'${nameOf(node)}' (${node.operator}): ${fault}${more}`;
      return this.#make('shape', message, { where: { byteOffset: node.byteOffset }, facts: { count } });
    });
  }

  note(node: NodeRecord, note: string): void {
    const { operator, byteOffset } = node;
    this.#count(`note:${operator}:${note}`, (count) => {
      const message = `${operator} (${count}): ${note}`;
      return this.#make('note', message, { severity: 'info', where: { byteOffset }, facts: { operator, count } });
    });
  }

  /** `why`: subgraph: holds graphs · form: known, but not with these operands · unknown: not in the catalog. */
  opaque(node: NodeRecord, id: string, why: 'subgraph' | 'form' | 'unknown'): void {
    const { operator, domain, byteOffset } = node;
    const [code, reason] = {
      subgraph: ['subgraph', 'the graphs inside it are not expanded'] as const,
      form: ['unsupported-form', 'in this form (an operand that is usually constant is computed)'] as const,
      unknown: ['unknown-operator', 'it is not in the catalog'] as const,
    }[why];
    this.#count(`opaque:${domain}:${operator}`, (count) => {
      const title = domain === '' ? operator : `${operator} of ${domain}`;
      const kept = count === 1 ? 'an opaque operator' : `${count} opaque operators`;
      const message = `${title}: kept as ${kept}, ${reason}. Its tensors count, its arithmetic does not`;
      return this.#make(code, message, {
        where: { document: this.#document, node: id, byteOffset },
        facts: { operator, domain: domain === '' ? 'ai.onnx' : domain, count },
      });
    });
  }
}

/** What the node is called in the document: its name, else that of its first result. */
export function nameOf(node: NodeRecord): string {
  return node.name || node.outputs.find((name) => name !== '') || node.operator;
}

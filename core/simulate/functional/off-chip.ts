/** Off-chip memory: an image of every tensor, and which command wrote each element. */
import { type NumberArray, numberArray } from '#core/reference/values.ts';
import type { Stored } from './scratchpad.ts';

const UNWRITTEN = -1;
/** Graph inputs are there before the first command. */
const GIVEN = -2;

export class OffChip {
  readonly #stored: readonly Stored[];
  readonly #images = new Map<number, { readonly values: NumberArray; readonly writer: Int32Array }>();

  constructor(stored: readonly Stored[]) {
    this.#stored = stored;
  }

  give(tensor: number, values: NumberArray): void {
    this.#images.set(tensor, { values, writer: new Int32Array(values.length).fill(GIVEN) });
  }

  image(tensor: number): { readonly values: NumberArray; readonly writer: Int32Array } {
    let image = this.#images.get(tensor);
    if (!image) {
      const { elementType, elements } = this.#stored[tensor]!;
      image = { values: numberArray(elementType, elements), writer: new Int32Array(elements).fill(UNWRITTEN) };
      this.#images.set(tensor, image);
    }
    return image;
  }

  isWritten(tensor: number, element: number): boolean {
    return this.image(tensor).writer[element]! !== UNWRITTEN;
  }

  /** The first element nobody has written, or −1. */
  firstUnwritten(tensor: number): number {
    return this.image(tensor).writer.indexOf(UNWRITTEN);
  }

  write(tensor: number, element: number, value: number, command: number): void {
    const { values, writer } = this.image(tensor);
    values[element] = value;
    writer[element] = command;
  }

  /** The command that wrote an element; null for graph inputs and what is not written. */
  writerOf(tensor: number, element: number): number | null {
    const command = this.image(tensor).writer[element]!;
    return command >= 0 ? command : null;
  }
}

/**
 * The scratchpad as bytes. What lies where is kept as tenancies: a tensor at an address, with a mark for every element that has
 * been written. A claim ends every tenancy it overlaps, so a read of a tensor some of whose bytes another tensor has taken
 * finds nobody. Numbers go through the bytes themselves, little-endian at whatever address the program names.
 */
import type { ElementType } from '#core/catalog/operator-type.ts';
import { type NumberArray, numberArray } from '#core/reference/values.ts';

export interface Stored {
  readonly tensor: number;
  readonly elementType: ElementType;
  readonly elements: number;
  /** Bytes an element in the schedule's format. */
  readonly width: number;
}

export class Tenancy {
  readonly stored: Stored;
  readonly address: number;
  readonly written: Uint8Array;
  isAlive = true;
  /** Grows with every change, so that a reader can tell at its end whether anything changed since its start. */
  stamp = 0;
  #values: NumberArray | null = null;
  #valuesStamp = -1;

  constructor(stored: Stored, address: number) {
    this.stored = stored;
    this.address = address;
    this.written = new Uint8Array(stored.elements);
  }

  get end(): number {
    return this.address + this.stored.elements * this.stored.width;
  }

  /** The numbers as `read` finds them, read again only after a change. */
  cached(read: () => NumberArray): NumberArray {
    if (this.#values === null || this.#valuesStamp !== this.stamp) {
      this.#values = read();
      this.#valuesStamp = this.stamp;
    }
    return this.#values;
  }
}

export class Scratchpad {
  readonly capacity: number;
  /** Bytes kept for each byte of the schedule: 1, or more where its format is narrower than the numbers played. */
  readonly scale: number;
  #bytes = new Uint8Array(0);
  #tenancies: Tenancy[] = [];

  constructor(capacity: number, scale: number) {
    this.capacity = capacity;
    this.scale = scale;
  }

  find(tensor: number, address: number): Tenancy | null {
    return this.#tenancies.find((each) => each.address === address && each.stored.tensor === tensor) ?? null;
  }

  /** Whether `stored` at `address` shares bytes with [from, to). */
  static overlaps(stored: Stored, address: number, from: number, to: number): boolean {
    return address < to && from < address + stored.elements * stored.width;
  }

  /** The tensor's tenancy at the address, begun now if there is none; null where it would not fit the scratchpad. */
  claim(stored: Stored, address: number): Tenancy | null {
    const known = this.find(stored.tensor, address);
    if (known) return known;
    const tenancy = new Tenancy(stored, address);
    if (address < 0 || tenancy.end > this.capacity) return null;
    this.#tenancies = this.#tenancies.filter((other) => {
      if (!Scratchpad.overlaps(other.stored, other.address, address, tenancy.end)) return true;
      other.isAlive = false;
      return false;
    });
    this.#tenancies.push(tenancy);
    return tenancy;
  }

  /** Elements [from, to) are about to be overwritten: unknown until they are written. */
  clobber(tenancy: Tenancy, from: number, to: number): void {
    tenancy.written.fill(0, from, to);
    tenancy.stamp++;
  }

  /** Writes elements [from, to) of `values`, which has all elements of the tensor. */
  write(tenancy: Tenancy, values: NumberArray, from: number, to: number): void {
    const { width } = tenancy.stored;
    const size = values.BYTES_PER_ELEMENT;
    const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#reserve(tenancy.end * this.scale + size);
    const step = width * this.scale;
    const start = tenancy.address * this.scale;
    if (step === size) this.#bytes.set(source.subarray(from * size, to * size), start + from * step);
    else for (let i = from; i < to; i++) this.#bytes.set(source.subarray(i * size, (i + 1) * size), start + i * step);
    tenancy.written.fill(1, from, to);
    tenancy.stamp++;
  }

  /** All numbers of a tenancy, written or not. */
  read(tenancy: Tenancy): NumberArray {
    return tenancy.cached(() => {
      const { elementType, elements, width } = tenancy.stored;
      const values = numberArray(elementType, elements);
      const size = values.BYTES_PER_ELEMENT;
      const into = new Uint8Array(values.buffer);
      this.#reserve(tenancy.end * this.scale + size);
      const step = width * this.scale;
      const start = tenancy.address * this.scale;
      if (step === size) into.set(this.#bytes.subarray(start, start + elements * size));
      else
        for (let i = 0; i < elements; i++)
          into.set(this.#bytes.subarray(start + i * step, start + i * step + size), i * size);
      return values;
    });
  }

  /** Memory is taken as addresses are used, up to the capacity. */
  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes, Math.min(2 * this.#bytes.length, this.capacity * this.scale + 8)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/**
 * A number for each shape of kernel, for caches to look up by. Kernel records are never changed in place and stay the same
 * from edit to edit, so that only new ones are read.
 */
import type { Kernel } from '#core/catalog/operator-type.ts';

/** Beyond so many, shapes seen long ago get new numbers. */
const REMEMBERED = 20_000;

export class KernelShapes {
  readonly #known = new WeakMap<Kernel, number>();
  readonly #numbers = new Map<string, number>();
  #next = 0;

  /** Different shapes never have the same number, equal ones nearly always do. */
  numberOf(kernel: Kernel): number {
    const known = this.#known.get(kernel);
    if (known !== undefined) return known;
    if (this.#numbers.size >= REMEMBERED) this.#numbers.clear();
    const text = JSON.stringify(kernel);
    const number = this.#numbers.get(text) ?? this.#next++;
    this.#numbers.set(text, number);
    this.#known.set(kernel, number);
    return number;
  }
}

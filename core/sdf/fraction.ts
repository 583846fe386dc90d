/** Exact fractions over bigint, in lowest terms, denominator > 0. */
import { gcd as gcdOfTwo } from '#core/base/gcd.ts';

export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Throws RangeError where the denominator is 0. */
export function fraction(numerator: bigint, denominator: bigint): Fraction {
  if (denominator === 0n) throw new RangeError('a fraction over 0');
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** 1 ÷ a; throws RangeError for 0. */
export function inverse(a: Fraction): Fraction {
  return fraction(a.denominator, a.numerator);
}

/** Below 0, 0 or above 0 as a is less than, equal to or greater than b. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `p/q`, also where q is 1. */
export function fractionText({ numerator, denominator }: Fraction): string {
  return `${numerator}/${denominator}`;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Greatest common divisor, ≥ 0. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > SAFE) [x, y] = [y, x % y];
  return y === 0n ? x : BigInt(gcdOf([Number(y), Number(x % y)]));
}

/** Of whole numbers ≥ 0. */
export function gcdOf(values: readonly number[]): number {
  return values.reduce((one, other) => gcdOfTwo(one, other), 0);
}

/** Greatest common divisor of whole numbers ≥ 0 (Euclid); gcd(a, 0) = a. */
export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

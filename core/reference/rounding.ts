/** Roundings that arithmetic needs and typed arrays do not have: half precision, half to even, saturation. */
import type { ElementType } from '#core/catalog/operator-type.ts';
import type { NumberArray } from './values.ts';

/** To the nearest integer, ties to the even one (IEEE 754 roundTiesToEven). */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

const RANGES: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
};

/** Least and greatest value of an integer type. */
export function rangeOf(type: ElementType): readonly [number, number] {
  return RANGES[type] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** The nearest number of `fraction` bits after the point and exponents down to `least`; beyond `greatest`, infinity. */
function nearest(value: number, fraction: number, least: number, greatest: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const magnitude = Math.abs(value);
  // The exponent by the binary representation; Math.log2 may be off by one next to a power of two.
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  else if (2 ** (exponent + 1) <= magnitude) exponent++;
  const unit = 2 ** (Math.max(exponent, least) - fraction);
  const rounded = roundHalfEven(magnitude / unit) * unit;
  return Math.sign(value) * (rounded > greatest ? Number.POSITIVE_INFINITY : rounded);
}

export function toFp16(value: number): number {
  return nearest(value, 10, -14, 65_504);
}

/** bf16 has the exponents of fp32. */
export function toBf16(value: number): number {
  return nearest(value, 7, -126, (2 - 2 ** -7) * 2 ** 127);
}

/** Rounds in place where the array is wider than the element type. */
export function rounded<T extends NumberArray>(type: ElementType, data: T): T {
  const round = type === 'fp16' ? toFp16 : type === 'bf16' ? toBf16 : null;
  if (round) for (let i = 0; i < data.length; i++) data[i] = round(data[i]!);
  return data;
}

/** The value of an IEEE 754 half given by its 16 bits. */
export function fromFp16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * 2 ** -14 * fraction;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction);
}

/** The value of a bfloat16 given by its 16 bits: the upper half of an fp32. */
export function fromBf16Bits(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits & 0xffff, false);
  return view.getFloat32(0, false);
}

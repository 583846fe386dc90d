/**
 * Timeloop's built-in energies, in pJ where a 16-bit multiplication is 1: SRAM on the line through Eyeriss' 0.5 KB
 * register file (1) and 100 KB buffer (6) per 16 bits, DRAM 200 per 16 bits. Source: NVlabs/timeloop, pat-public.
 */

/** One access of `wordBits · blockSize` bits of an SRAM of that many words; `clusterSize` instances share the array. */
export function sramAccessEnergy(words: number, wordBits: number, blockSize: number, clusterSize: number): number {
  const width = wordBits * blockSize * clusterSize;
  const kilobytes = (width * Math.ceil(words / blockSize)) / 8192;
  const perSixteenBits = (5 / 99.5) * (kilobytes - 0.5) + 1;
  return (perSixteenBits * width) / 16 / clusterSize;
}

export function dramAccessEnergy(wordBits: number, blockSize: number): number {
  return (200 * wordBits * blockSize) / 16;
}

export function multiplicationEnergy(wordBits: number): number {
  return (wordBits / 16) ** 2;
}

/**
 * Energy, area and leakage of an SRAM of any capacity at any node: log–log interpolation over CACTI 7 points in capacity,
 * then in node. Beyond the points the end segments go on in capacity, and the end nodes are scaled after Stillmaker & Baas.
 */
import { remembered } from './remembered.ts';
import { areaScale, energyScale, isScalingChecked, SCALING_SOURCE } from './scaling.ts';
import { SRAM_POINTS, type SramPoint } from './sram-points.ts';

export const SRAM_SOURCE =
  'CACTI 7 (itrs-lstp cells, 1 port, 1 bank, 64-bit accesses; 1 KiB–2 MiB, 22–65 nm), interpolated log–log';

const PICO = 1e-12;
const BYTES_AN_ACCESS = 8;
const NODES = [...new Set(SRAM_POINTS.map(([nanometres]) => nanometres))].sort((a, b) => a - b);
const rowsAt = new Map(NODES.map((node) => [node, SRAM_POINTS.filter(([nanometres]) => nanometres === node)]));

export interface SramFigures {
  /** Joules a byte, as one of the eight of a 64-bit access. */
  readonly readJoulesPerByte: number;
  readonly writeJoulesPerByte: number;
  readonly leakageWatts: number;
  readonly squareMillimetres: number;
  readonly source: string;
  readonly isChecked: boolean;
}

/** By capacity in bytes, above 0, and node in nanometres, 7–180. */
export const sramFigures = remembered(4096, figuresOf);

function figuresOf(capacityBytes: number, nanometres: number): SramFigures {
  const kibibytes = Math.max(capacityBytes, 1) / 1024;
  const nearest = Math.min(Math.max(nanometres, NODES[0]!), NODES.at(-1)!);
  const energy = nearest === nanometres ? 1 : energyScale(nearest, nanometres);
  const area = nearest === nanometres ? 1 : areaScale(nearest, nanometres);
  const outside = kibibytes < 1 || kibibytes > 2048 ? ', continued beyond its ends' : '';
  const scaled = nearest === nanometres ? '' : `; scaled from ${nearest} to ${nanometres} nm by ${SCALING_SOURCE}`;
  return {
    readJoulesPerByte: (at(kibibytes, nearest, 2) * energy * PICO) / BYTES_AN_ACCESS,
    writeJoulesPerByte: (at(kibibytes, nearest, 3) * energy * PICO) / BYTES_AN_ACCESS,
    // Leakage does not follow switching energy across nodes: beyond the points it stays that of the nearest node.
    leakageWatts: at(kibibytes, nearest, 4) * 1e-3,
    squareMillimetres: at(kibibytes, nearest, 5) * area,
    source: `${SRAM_SOURCE}${outside}${scaled}`,
    isChecked: isScalingChecked(nearest, nanometres),
  };
}

/** One quantity between the two nodes beside. */
function at(kibibytes: number, nanometres: number, quantity: 2 | 3 | 4 | 5): number {
  const upper = NODES.find((node) => node >= nanometres)!;
  const high = alongCapacity(rowsAt.get(upper)!, kibibytes, quantity);
  if (upper === nanometres) return high;
  const lower = NODES[NODES.indexOf(upper) - 1]!;
  const low = alongCapacity(rowsAt.get(lower)!, kibibytes, quantity);
  return low * (high / low) ** (Math.log(nanometres / lower) / Math.log(upper / lower));
}

function alongCapacity(rows: readonly SramPoint[], kibibytes: number, quantity: 2 | 3 | 4 | 5): number {
  const last = rows.length - 2;
  const found = rows.findIndex((_, index) => index < last && kibibytes <= rows[index + 1]![1]);
  const index = found < 0 ? last : found;
  const [low, high] = [rows[index]!, rows[index + 1]!];
  const share = Math.log(kibibytes / low[1]) / Math.log(high[1] / low[1]);
  return low[quantity] * (high[quantity] / low[quantity]) ** share;
}

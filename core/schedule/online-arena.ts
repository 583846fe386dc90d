/**
 * What a runtime without a plan does: operators in order, addresses by first fit as tensors come on chip, and where none
 * fits the least recently used tensor that the step does not need leaves, until one does. So fragmentation costs, too.
 * Flags are not used; where the step's own tensors cannot be laid beside each other all are laid anew.
 */
import type { GapView } from './gap-view.ts';
import { placedSize } from './graph.ts';

interface Resident {
  readonly tensor: number;
  address: number;
  size: number;
  lastUse: number;
}

/** Non-compulsory bytes; in strict+weights weights take a place during their step. Infinite where a step alone has no room. */
export function onlineArena(view: GapView): number {
  const { problem, order, sizes, capacity, graph, mode } = view;
  const isStream = mode === 'stream';
  const usesLeft = graph.consumers.map((uses) => uses.length);
  const reads = new Int32Array(problem.tensors.length);
  let residents: Resident[] = [];
  // Kept in the order of addresses.
  const firstFit = (size: number): number | null => {
    let end = 0;
    for (const { address, size: taken } of residents) {
      if (address - end >= size) return end;
      end = Math.max(end, address + taken);
    }
    return capacity - end >= size ? end : null;
  };
  const insert = (resident: Resident): void => {
    const at = residents.findIndex(({ address }) => address > resident.address);
    residents.splice(at < 0 ? residents.length : at, 0, resident);
  };
  /** Brings a tensor on chip; false where it does not fit beside what the step needs. */
  const bring = (tensor: number, size: number, step: number, needed: ReadonlySet<number>): boolean => {
    if (size > capacity) return false;
    for (;;) {
      const address = firstFit(size);
      if (address !== null) {
        insert({ tensor, address, size, lastUse: step });
        return true;
      }
      const victims = residents.filter((one) => !needed.has(one.tensor) && one.size > 0);
      if (victims.length === 0) return false;
      const oldest = victims.reduce((a, b) => (b.lastUse < a.lastUse ? b : a));
      residents = residents.filter((one) => one !== oldest);
    }
  };

  for (const [step, id] of order.entries()) {
    const op = problem.ops[id]!;
    const operands = [...new Set(op.inputs)];
    const touched = graph.touched[id]!;
    const isHere = (tensor: number): boolean => residents.some((one) => one.tensor === tensor);
    for (const tensor of operands) {
      usesLeft[tensor]!--;
      if (!isHere(tensor)) reads[tensor]!++;
    }
    // A tensor no longer needed leaves for nothing, also before the step's results come.
    const isWanted = (tensor: number): boolean => usesLeft[tensor]! > 0;
    const weights: readonly (readonly [number, number])[] =
      mode === 'strict+weights' && op.weightBytes > 0 ? [[WEIGHTS, placedSize(op.weightBytes, view.granule)]] : [];
    const wanted = isStream ? touched.filter(isWanted) : touched;
    const needed = new Set([...touched, WEIGHTS]);
    const missing = [
      ...wanted.filter((tensor) => !isHere(tensor)).map((tensor) => [tensor, sizes[tensor]!] as const),
      ...weights,
    ];
    if (!missing.every(([tensor, size]) => bring(tensor, size, step, needed) || isStream)) {
      // Moving what is on chip costs nothing off chip: only what the step does not need is lost.
      residents = [];
      let end = 0;
      for (const [tensor, size] of [...touched.map((one) => [one, sizes[one]!] as const), ...weights]) {
        residents.push({ tensor, address: end, size, lastUse: step });
        end += size;
      }
      if (end > capacity) return Infinity;
    }
    for (const one of residents) if (touched.includes(one.tensor)) one.lastUse = step;
    residents = residents.filter((one) => one.tensor !== WEIGHTS && isWanted(one.tensor));
  }
  return problem.tensors.reduce((bytes, tensor) => {
    const count = reads[tensor.id]!;
    if (count === 0) return bytes;
    if (tensor.kind === 'input') return bytes + (count - 1) * tensor.bytes;
    return bytes + (count + (tensor.kind === 'act' ? 1 : 0)) * tensor.bytes;
  }, 0);
}

/** Stands for the weights of the step. */
const WEIGHTS = -1;

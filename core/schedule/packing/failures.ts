/**
 * States of the search known to fail, by hash: which pieces wait, how low each can lie, which sleep, and the addresses
 * of composites decided. 96 bits tell states apart, so that two in a search of 10⁹ share a hash with a chance below
 * 10⁻¹⁰. They hold for every strategy, hence across restarts; a full slot takes the newest.
 */
export interface Failures {
  /** Hashes a list of waiting pieces; `second` and `third` are the rest of the hash until the next call. */
  keyOf(lists: Int32Array, at: number, length: number, low: Float64Array, asleep: Uint8Array): number;
  second(): number;
  third(): number;
  /** Whether the state hashed last is known. */
  has(key: number): boolean;
  add(key: number, second: number, third: number): void;
  /** A composite lies at an address; called again, it no longer does. */
  assume(block: number, address: number): void;
}

/** States kept, 12 bytes each. */
const MOST_SLOTS = 1 << 20;

export function createFailures(): Failures {
  let slots = 1 << 8;
  let table = new Int32Array(3 * slots);
  let added = 0;
  let second = 0;
  let third = 0;
  let assumed1 = 0;
  let assumed2 = 0;
  let assumed3 = 0;

  function mix(a: number, b: number): number {
    let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
    h ^= h >>> 15;
    h = Math.imul(h, 0x2c1b3c6d);
    h ^= h >>> 12;
    h = Math.imul(h, 0x297a2d39);
    return h ^ (h >>> 15);
  }

  function put(key: number, other: number, another: number): void {
    const slot = 3 * (key & (slots - 1));
    table[slot] = key;
    table[slot + 1] = other;
    table[slot + 2] = another;
  }

  /** An empty slot has a third word of 0, which no state has. */
  function grow(): void {
    const older = table;
    slots *= 4;
    table = new Int32Array(3 * slots);
    for (let at = 0; at < older.length; at += 3)
      if (older[at + 2] !== 0) put(older[at]!, older[at + 1]!, older[at + 2]!);
  }

  return {
    keyOf(lists, at, length, low, asleep) {
      let h1 = assumed1 + length;
      let h2 = assumed2 + length;
      let h3 = assumed3 + length;
      for (let i = at; i < at + length; i++) {
        const p = lists[i]!;
        const height = low[p]!;
        const upper = (height / 4_294_967_296) | 0;
        const who = (p << 1) + asleep[p]! + Math.imul(upper, 0x632be59b);
        const m = mix(who, height | 0);
        h1 = (h1 + m) | 0;
        h2 = (h2 + Math.imul(m ^ 0x5bd1e995, who * 2 + 0x3c6ef373)) | 0;
        h3 = (h3 + mix(m + 0x27d4eb2f, who)) | 0;
      }
      second = h2;
      third = h3 | 1;
      return h1;
    },
    second: () => second,
    third: () => third,
    has(key) {
      const slot = 3 * (key & (slots - 1));
      return table[slot] === key && table[slot + 1] === second && table[slot + 2] === third;
    },
    add(key, other, another) {
      if (2 * ++added > slots && slots < MOST_SLOTS) grow();
      put(key, other, another);
    },
    assume(block, address) {
      const high = (address / 4_294_967_296) | 0;
      assumed1 ^= mix(block + 0x1000000, (address | 0) + high);
      assumed2 ^= mix(block + 0x2000000, (address | 0) ^ Math.imul(high, 31));
      assumed3 ^= mix(block + 0x3000000, (address | 0) - high);
    },
  };
}

/** Whether a timing keeps the recorded orders: channels, locks and barriers would take who comes as they did. */
import { BARRIER, LOAD, STORE } from './code.ts';
import type { Timing } from './timing.ts';

export function keepsOrder(timing: Timing): boolean {
  const keepTurns = timing.network.channels.every((_, channel) => keepsTurns(timing, channel));
  return keepTurns && keepsAwaits(timing) && keepsLocks(timing) && keepsBarriers(timing);
}

/** Round-robin: nobody who had come was before the one served in turn. */
function keepsTurns(timing: Timing, channel: number): boolean {
  const { served, servedFor, channelUsers } = timing.graph;
  if (timing.network.channels[channel]!.arbitration !== 'round-robin' || channelUsers[channel]! < 2) return true;
  const order = served[channel]!;
  const owners = servedFor[channel]!;
  const users = [...new Set(owners)].sort((one, other) => one - other);
  /** By place: the next place of the same process; where each process stands now. */
  const following = new Int32Array(order.length).fill(-1);
  const heads = users.map(() => -1);
  const which = new Int32Array(timing.graph.codes.length);
  users.forEach((process, user) => {
    which[process] = user;
  });
  for (let at = order.length - 1; at >= 0; at--) {
    const user = which[owners[at]!]!;
    following[at] = heads[user]!;
    heads[user] = at;
  }
  let lastServed = -1;
  /** When the channel was free, at the earliest: with too many under way it was not yet. */
  let free = 0;
  for (let at = 0; at < timing.next[channel]!; at++) {
    const node = order[at]!;
    const user = which[owners[at]!]!;
    const begin = timing.begin(node);
    const wasIdle = timing.waited[node] === 0;
    const turn = user > lastServed ? user : user + users.length;
    for (let other = 0; other < users.length; other++) {
      const head = heads[other]!;
      if (other === user || head === -1) continue;
      const came = timing.time[order[head]!]!;
      if (came < 0 || came > begin) continue;
      // Before it in turn, or there while the channel stood idle.
      const isBefore = (other > lastServed ? other : other + users.length) < turn;
      if (isBefore || (wasIdle && Math.max(came, free) < begin)) return false;
    }
    heads[user] = following[at]!;
    lastServed = user;
    free = begin + timing.transferTicks(node);
  }
  return true;
}

/** An await for all but a few waits for those issued first only if those are answered first. */
function keepsAwaits(timing: Timing): boolean {
  const { issued, place, asyncs } = timing.graph;
  for (const [node, count] of issued) {
    if (timing.waited[node] === 0) continue;
    const list = asyncs[timing.processOf(node)]!;
    for (let at = place[node]!; at < count; at++) {
      const answered = timing.done[list[at]!]!;
      if (answered >= 0 && answered < timing.time[node]!) return false;
    }
  }
  return true;
}

/** Requests that have come and are not served. */
export function hasOpenRequests(timing: Timing): boolean {
  const { operation } = timing.graph;
  for (let node = 0; node < operation.length; node++) {
    const kind = timing.operations.kind[operation[node]!];
    if ((kind === LOAD || kind === STORE) && timing.time[node]! >= 0 && timing.done[node]! < 0) return true;
  }
  return false;
}

/** First come, first served: where two come at once, who is first is not known. Releases in the recorded order. */
function keepsLocks(timing: Timing): boolean {
  const { granted, released } = timing.graph;
  return timing.network.locks.every((_, lock) => {
    for (let at = 1; at < granted[lock]!.length; at++) {
      const [before, node] = [granted[lock]![at - 1]!, granted[lock]![at]!];
      const isSame = timing.processOf(before) === timing.processOf(node);
      if (timing.time[before]! > timing.time[node]! || (timing.time[before] === timing.time[node] && !isSame))
        return false;
    }
    for (let at = 1; at < released[lock]!.length; at++)
      if (timing.time[released[lock]![at - 1]!]! > timing.time[released[lock]![at]!]!) return false;
    return true;
  });
}

/** Where more name a barrier than it waits for, the groups must be as they were. */
function keepsBarriers(timing: Timing): boolean {
  const { arrived, barrierUsers, place, operation } = timing.graph;
  return timing.network.barriers.every(({ parties }, barrier) => {
    const order = arrived[barrier]!;
    for (let node = 0; node < operation.length; node++) {
      const op = operation[node]!;
      const isHere = timing.operations.kind[op] === BARRIER && timing.operations.target[op] === barrier;
      if (isHere && place[node]! < 0 && timing.time[node]! >= 0) return false;
    }
    if (barrierUsers[barrier]! <= parties) return true;
    for (let at = parties; at < order.length; at += parties) {
      const before = Math.max(...Array.from({ length: parties }, (_, one) => timing.time[order[at - parties + one]!]!));
      for (let one = at; one < Math.min(order.length, at + parties); one++)
        if (timing.time[order[one]!]! <= before) return false;
    }
    return true;
  });
}

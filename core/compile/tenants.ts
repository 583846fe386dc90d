/**
 * Who lies where in the scratchpad while a program is emitted, and which commands touched it last: a region may be overwritten
 * only when those are done.
 */
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';

/** The last command of each engine that touched something; engines finish in order. */
export type LastByEngine = Map<number, number>;

export interface Tenant {
  readonly from: number;
  readonly to: number;
  readonly writers: LastByEngine;
  readonly readers: LastByEngine;
}

export class Tenants {
  readonly #problem: ScheduleProblem;
  readonly #answer: ScheduleAnswer;
  readonly #tenants: (Tenant | undefined)[];

  constructor(problem: ScheduleProblem, answer: ScheduleAnswer) {
    this.#problem = problem;
    this.#answer = answer;
    this.#tenants = new Array<Tenant | undefined>(answer.intervals.length);
  }

  /** Who lies there during an interval of the schedule that has begun. */
  at(interval: number): Tenant {
    return this.#tenants[interval]!;
  }

  /** An interval of the schedule begins. */
  occupy(interval: number): Tenant {
    const { addr, t } = this.#answer.intervals[interval]!;
    const tenant: Tenant = {
      from: addr,
      to: addr + this.#problem.tensors[t]!.bytes,
      writers: new Map(),
      readers: new Map(),
    };
    this.#tenants[interval] = tenant;
    return tenant;
  }

  /**
   * Commands that must be done before the region of `interval` may be overwritten: all so far that touched what lay
   * there. A tenant still there shares its place (a result in place of its operand); its own step is not yet emitted.
   */
  spaceAfter(interval: number): readonly number[] {
    const { addr, t } = this.#answer.intervals[interval]!;
    const end = addr + this.#problem.tensors[t]!.bytes;
    const last: LastByEngine = new Map();
    this.#tenants.forEach((tenant, index) => {
      if (!tenant || index === interval || tenant.from >= end || tenant.to <= addr) return;
      for (const touched of [tenant.writers, tenant.readers])
        for (const [engine, command] of touched) if ((last.get(engine) ?? -1) < command) last.set(engine, command);
    });
    return [...last.values()];
  }
}

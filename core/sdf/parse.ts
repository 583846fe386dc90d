/**
 * Graphs from JSON: one, or a list of {name, kind, actors: [{id, time}], channels: [{id, src, dst, prod, cons, tokens}]};
 * times and rates are lists with one entry a phase, or one number for all phases. Other fields are not read.
 */
import { notJson } from '#core/base/json-fault.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { SdfActor, SdfChannel, SdfGraph } from './graph.ts';

/** Graphs of a file: `isList` tells [graph] from graph. */
export interface SdfFile {
  readonly isList: boolean;
  readonly graphs: readonly SdfGraph[];
}

/** Rates and times of all phases, one number for all of them written out, above which a file is refused. */
export const MOST_PHASES = 2 ** 24;

/** Errors say where: `where.byteOffset` and `where.line` in what is not JSON, else `facts.place`, as `[2].channels[0].prod`. */
export function parseSdf(text: string): Result<SdfFile, Problem> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err(notJson('sdf.json', text));
  }
  const room = { left: MOST_PHASES };
  try {
    if (!Array.isArray(value)) return ok({ isList: false, graphs: [graphOf(value, '', room)] });
    return ok({ isList: true, graphs: value.map((one: unknown, index) => graphOf(one, `[${index}]`, room)) });
  } catch (cause) {
    if (cause instanceof Misread) return err(problem('sdf.graph', cause.message, { facts: { place: cause.place } }));
    throw cause;
  }
}

/** Thrown and caught in this file. */
class Misread extends Error {
  readonly place: string;

  constructor(place: string, what: string) {
    super(`${place === '' ? 'The graph' : place} ${what}`);
    this.place = place;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Misread(place, 'must be an object in braces');
  return { ...value };
}

function listOf(fields: Fields, key: string, place: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw new Misread(at(place, key), value === undefined ? 'is missing' : 'must be a list');
  return value;
}

function nameOf(fields: Fields, key: string, place: string): string {
  const value = fields[key];
  if (typeof value !== 'string' || value === '')
    throw new Misread(at(place, key), value === undefined ? 'is missing' : 'must be a text that is not empty');
  return value;
}

function wholeOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Misread(place, `must be a whole number from 0 to 2^53 − 1, not ${said(value)}`);
  return value;
}

function phasesOf(fields: Fields, key: string, place: string): readonly number[] {
  const value = fields[key];
  const here = at(place, key);
  if (typeof value === 'number') return [wholeOf(value, here)];
  if (!Array.isArray(value) || value.length === 0)
    throw new Misread(here, value === undefined ? 'is missing' : 'must be a list with a whole number for each phase');
  return value.map((one: unknown, index) => wholeOf(one, `${here}[${index}]`));
}

function graphOf(value: unknown, place: string, room: { left: number }): SdfGraph {
  const fields = fieldsOf(value, place);
  const name = fields.name === undefined ? 'graph' : nameOf(fields, 'name', place);
  const indices = new Map<string, number>();
  const times: (readonly number[])[] = [];
  listOf(fields, 'actors', place).forEach((one, index) => {
    const here = at(place, `actors[${index}]`);
    const actor = fieldsOf(one, here);
    const id = nameOf(actor, 'id', here);
    if (indices.has(id)) throw new Misread(at(here, 'id'), `names ${shortened(id)} again`);
    indices.set(id, index);
    times.push(phasesOf(actor, 'time', here));
  });
  const names = [...indices.keys()];
  const phases = times.map(({ length }) => length);
  const seen = new Set<string>();
  const raw = listOf(fields, 'channels', place).map((one, index) => {
    const here = at(place, `channels[${index}]`);
    const channel = fieldsOf(one, here);
    const end = (key: string): number => {
      const id = nameOf(channel, key, here);
      const actor = indices.get(id);
      if (actor === undefined) throw new Misread(at(here, key), `names ${shortened(id)}, which is no actor`);
      return actor;
    };
    const [from, to] = [end('src'), end('dst')];
    const id = channel.id === undefined ? `${names[from]}-${names[to]}-${index}` : nameOf(channel, 'id', here);
    if (seen.has(id)) throw new Misread(at(here, 'id'), `names ${shortened(id)} again`);
    seen.add(id);
    const [produce, consume] = [phasesOf(channel, 'prod', here), phasesOf(channel, 'cons', here)];
    phases[from] = Math.max(phases[from]!, produce.length);
    phases[to] = Math.max(phases[to]!, consume.length);
    const tokens = channel.tokens === undefined ? 0 : wholeOf(channel.tokens, at(here, 'tokens'));
    return { name: id, from, to, produce, consume, tokens };
  });
  const spread = (rates: readonly number[], actor: number, here: string): readonly number[] => {
    const count = phases[actor]!;
    room.left -= count;
    if (room.left < 0) throw new Misread(here, `makes more than ${MOST_PHASES} phases of all times and rates together`);
    if (rates.length === count) return checkedSum(rates, here);
    if (rates.length !== 1)
      throw new Misread(here, `has ${rates.length} phases where ${shortened(names[actor]!)} has ${count}`);
    return checkedSum(Array<number>(count).fill(rates[0]!), here);
  };
  const channels = raw.map((channel, index): SdfChannel => {
    const here = at(place, `channels[${index}]`);
    return {
      ...channel,
      produce: spread(channel.produce, channel.from, at(here, 'prod')),
      consume: spread(channel.consume, channel.to, at(here, 'cons')),
    };
  });
  const actors = times.map(
    (list, index): SdfActor => ({
      name: names[index]!,
      times: spread(list, index, at(place, `actors[${index}].time`)),
    }),
  );
  return { name, actors, channels };
}

function checkedSum(values: readonly number[], place: string): readonly number[] {
  const total = values.reduce((all, value) => all + value, 0);
  if (!Number.isSafeInteger(total)) throw new Misread(place, 'adds up to more than 2^53 − 1');
  return values;
}

/** A value of the file in a message: never long, however long or deep it is. */
function said(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function at(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}

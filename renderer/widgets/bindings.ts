/**
 * Which keys do what: the standard of each verb, and what the user chose instead, remembered on this machine. Two verbs
 * may share a key only where they never listen at once: the drawing's and a figure's.
 */
import { z } from 'zod';
import { remembered } from './remembered.ts';

/** Where a verb listens. */
export type KeyScope = 'everywhere' | 'drawing' | 'figure';

export interface Verb {
  readonly id: string;
  readonly label: string;
  readonly scope: KeyScope;
  /** The standard; the first is shown. */
  readonly keys: readonly string[];
}

/** Chosen keys by verb; one that is not here has its standard. */
export type Overrides = Readonly<Record<string, readonly string[]>>;

const overridesSchema = z.record(z.string(), z.array(z.string().min(1).max(40)).max(8));
const fileSchema = z.object({ format: z.literal('weft-keys/1'), keys: overridesSchema });

export const overrides = remembered<Overrides>('keys', {}, (stored) => overridesSchema.safeParse(stored).data ?? null);

export function keysOf(verb: Pick<Verb, 'id' | 'keys'>, chosen: Overrides = overrides.value): readonly string[] {
  return Object.hasOwn(chosen, verb.id) ? (chosen[verb.id] ?? []) : verb.keys;
}

const meet = (a: KeyScope, b: KeyScope) => a === b || a === 'everywhere' || b === 'everywhere';

/** The verbs that would answer to the same press as this one would with that key. */
export function holdersOf(key: string, verb: Verb, verbs: readonly Verb[], chosen: Overrides): readonly Verb[] {
  return verbs.filter(
    (other) => other.id !== verb.id && meet(other.scope, verb.scope) && keysOf(other, chosen).includes(key),
  );
}

export interface Clash {
  readonly key: string;
  readonly verbs: readonly Verb[];
}

/** Keys that several verbs answer to at once. */
export function clashesOf(verbs: readonly Verb[], chosen: Overrides): readonly Clash[] {
  const holders = new Map<string, Verb[]>();
  for (const verb of verbs)
    for (const key of new Set(keysOf(verb, chosen))) holders.set(key, [...(holders.get(key) ?? []), verb]);
  return [...holders].flatMap(([key, found]) => {
    const clashing = found.filter((verb) => found.some((other) => other !== verb && meet(other.scope, verb.scope)));
    return clashing.length > 0 ? [{ key, verbs: clashing }] : [];
  });
}

/** With these keys for the verb; its standard is not kept as a choice. */
export function withKeys(chosen: Overrides, verb: Verb, keys: readonly string[]): Overrides {
  const { [verb.id]: _, ...others } = chosen;
  return keys.join(' ') === verb.keys.join(' ') ? others : { ...others, [verb.id]: keys };
}

/** Gives the verb that key alone and takes it from all that held it. */
export function takeOver(chosen: Overrides, verb: Verb, key: string, verbs: readonly Verb[]): Overrides {
  const taken = holdersOf(key, verb, verbs, chosen).reduce(
    (left, holder) =>
      withKeys(
        left,
        holder,
        keysOf(holder, left).filter((each) => each !== key),
      ),
    chosen,
  );
  return withKeys(taken, verb, [key]);
}

/** The choices as text, to be kept or carried to another machine. */
export function bindingsText(chosen: Overrides): string {
  return `${JSON.stringify({ format: 'weft-keys/1', keys: chosen }, null, 2)}\n`;
}

/** Null where the text is not one of ours. Verbs it does not know are kept: another version may have them. */
export function parseBindings(text: string): Overrides | null {
  try {
    return fileSchema.safeParse(JSON.parse(text)).data?.keys ?? null;
  } catch {
    return null;
  }
}

/** What keys do in figures over time or size; figures look here, the shell's dialog shows and changes it. */
export const FIGURE_VERBS = [
  { id: 'figure.zoom-in', label: 'Zoom in', scope: 'figure', keys: ['W', '+'] },
  { id: 'figure.zoom-out', label: 'Zoom out', scope: 'figure', keys: ['S', '-'] },
  { id: 'figure.left', label: 'Move left', scope: 'figure', keys: ['A'] },
  { id: 'figure.right', label: 'Move right', scope: 'figure', keys: ['D'] },
  { id: 'figure.fit', label: 'Show everything', scope: 'figure', keys: ['F', '0'] },
  { id: 'figure.zoom-to', label: 'Zoom to the selection', scope: 'figure', keys: ['Z'] },
  { id: 'figure.measure', label: 'Measure a span', scope: 'figure', keys: ['M'] },
  { id: 'figure.find', label: 'Find in the figure', scope: 'figure', keys: ['/'] },
] as const satisfies readonly Verb[];
export type FigureVerb = (typeof FIGURE_VERBS)[number]['id'];

/** What that press does in a figure, or null. */
export function figureVerbFor(key: string): FigureVerb | null {
  const found = FIGURE_VERBS.find((verb) => keysOf(verb).includes(key));
  return found?.id ?? null;
}

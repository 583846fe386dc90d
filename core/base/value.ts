/** What a parameter can hold; plain JSON, so that documents, commands and files need no codec. */
export type ParameterValue = number | string | boolean | readonly number[];
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

export function isSameValue(a: ParameterValue | undefined, b: ParameterValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

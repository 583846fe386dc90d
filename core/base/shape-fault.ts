/** Where a value read from outside is not of the shape it should be, and what a schema says about it: the first such place. */

/** What a failed parse of zod has. */
interface Refused {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

export interface ShapeFault {
  /** Members from the top, joined by dots: `operators.62.utilisation`; empty for the top itself. */
  readonly at: string;
  /** `at operators.62.utilisation: Too small: …`. */
  readonly said: string;
}

export function shapeFault({ issues: [first] }: Refused): ShapeFault {
  const at = first?.path.map(String).join('.') ?? '';
  return { at, said: `at ${at || 'its top'}: ${first?.message ?? 'wrong shape'}` };
}

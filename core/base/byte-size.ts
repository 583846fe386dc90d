/** Sizes as people write them: `131072`, `128KiB`, `1.5 MiB`. */
const FACTORS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** Whole bytes, or null where the text is no size. Case of the prefix does not matter. */
export function parseByteSize(text: string): number | null {
  const [, figure, prefix = ''] = /^\s*(\d[\d,_]*(?:\.\d+)?)\s*(?:([KMG])iB|B)?\s*$/i.exec(text) ?? [];
  if (figure === undefined) return null;
  const factor = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[prefix.toUpperCase()] ?? 1;
  const bytes = Number(figure.replaceAll(/[,_]/g, '')) * factor;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest exact form that `parseByteSize` reads back: `128 KiB`, `1.5 MiB`, `131,073 B`. */
export function byteSizeText(bytes: number): string {
  for (const [prefix, factor] of Object.entries(FACTORS).reverse()) {
    const figure = bytes / factor;
    if (figure >= 1 && Number.isInteger(figure * 4) && factor > 1) return `${figure} ${prefix}`;
  }
  return `${String(bytes).replace(/\B(?=(\d{3})+$)/g, ',')} B`;
}

/**
 * A published figure with where it is from. `isChecked` says whether the figure was read in the source named (or agrees in
 * two independent transcriptions of it); a run uses no other without saying 'unverified' in its provenance.
 */
export interface Figure {
  /** Stable, dotted: `operation.int8.multiply`. */
  readonly id: string;
  readonly value: number;
  readonly unit: 'pJ' | 'µm²' | 'mm²' | '×';
  /** What it is for: an operation, a bit, a 64-bit access … */
  readonly per: string;
  /** Node and supply, or '' where the figure has none. */
  readonly technology: string;
  readonly source: string;
  readonly isChecked: boolean;
}

export function figure(
  id: string,
  value: number,
  unit: Figure['unit'],
  per: string,
  technology: string,
  source: string,
  isChecked = true,
): Figure {
  return { id, value, unit, per, technology, source, isChecked };
}

/** `0.2 pJ an operation at 45 nm, 0.9 V (Horowitz …)`, with 'unverified' where it is. */
export function figureText({ value, unit, per, technology, source, isChecked }: Figure): string {
  const at = technology === '' ? '' : ` at ${technology}`;
  return `${value} ${unit} ${per}${at} (${source}${isChecked ? '' : '; unverified'})`;
}

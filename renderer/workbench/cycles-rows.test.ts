import { describe, expect, it } from 'vitest';
import { techniques } from '#core/technique/registry.ts';
import { inModelOrder, MODEL_ORDER } from './cycles-rows.ts';

describe('the order of cycle models', () => {
  const titles = (ids: readonly string[]) => inModelOrder(ids.map((id) => ({ id }))).map(({ id }) => id);

  it('is the declared one, whatever order a run has them in', () => {
    expect(titles(MODEL_ORDER.toReversed())).toEqual(MODEL_ORDER);
    expect(titles(['array-model/new', 'array-model/drain-aware', 'array-model/newer', MODEL_ORDER[0]!])).toEqual([
      'array-model/scalesim-v3',
      'array-model/drain-aware',
      'array-model/new',
      'array-model/newer',
    ]);
  });

  it('knows every model there is', () => {
    expect(techniques['array-model'].map(({ manifest }) => manifest.id).toSorted()).toEqual(MODEL_ORDER.toSorted());
  });
});

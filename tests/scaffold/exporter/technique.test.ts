import { expect, it } from 'vitest';
import { emptyDocument } from '#core/document/document.ts';
import { technique } from './technique.ts';

it('exporter/example says why a model that is not whole cannot be written', () => {
  const lone = { id: 'a', type: 'softmax', name: 'A', x: 0, y: 0, parent: null, parameters: {} };
  const model = { ...emptyDocument('m', 'model', 'M'), nodes: new Map([[lone.id, lone]]) };
  const made = technique.export({ model, architecture: null, parameters: {}, files: {} });
  expect(made.ok ? null : made.error.where.node).toBe('a');
});

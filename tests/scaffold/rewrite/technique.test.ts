import { expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { emptyDocument } from '#core/document/document.ts';
import { technique } from './technique.ts';

it('rewrite/example finds nothing where nothing is drawn', () => {
  const machine = resolveMachine(PRESETS[0]!.build('a')).machine!;
  const made = technique.propose({
    model: emptyDocument('m', 'model', 'M'),
    machine,
    compiler: { passes: [], units: [] },
    settings: { format: 'int8', objective: 'cycles' },
    parameters: {},
  });
  expect(made.ok ? made.value.command : null).toBeNull();
});

import { expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { ProgramBuilder } from '#core/program/builder.ts';
import { technique } from './technique.ts';

it('simulator/example takes no time for nothing', () => {
  const machine = resolveMachine(PRESETS[0]!.build('a')).machine!;
  const program = new ProgramBuilder([]).build();
  expect(technique.simulate(program, machine, uncontrolled)?.makespan).toBe(0);
});

/** A drawn systolic array as a SCALE-Sim configuration; the writing is core/interchange/scale-sim. */
import { type ArrayUnit, resolveMachine } from '#core/architecture/machine.ts';
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { textOf } from '#core/catalog/parameter.ts';
import { machineConfig } from '#core/interchange/scale-sim/architecture.ts';
import { type Exporter, fileStem } from '#core/technique/exporter.ts';

export const technique: Exporter = {
  manifest: {
    id: 'exporter/scale-sim-config',
    kind: 'exporter',
    version: '1.0.0',
    title: 'SCALE-Sim configuration',
    summary: 'The architecture’s first systolic array and its buffers as a SCALE-Sim configuration (USER bandwidth).',
    maturity: 'stable',
    citations: [{ text: 'SCALE-Sim v3.0.0, scale_config', reference: 'github.com/scalesim-project/SCALE-Sim' }],
    parameters: [
      {
        id: 'dataflow',
        title: 'Dataflow',
        kind: 'choice',
        default: 'ws',
        choices: [
          { value: 'os', title: 'Output-stationary' },
          { value: 'ws', title: 'Weight-stationary' },
          { value: 'is', title: 'Input-stationary' },
        ],
        help: 'Where the drawing leaves it open: SCALE-Sim runs a whole network in one.',
        source: 'SCALE-Sim v3, Dataflow',
      },
    ],
  },
  extension: '.cfg',
  inputs: [],
  export({ architecture, parameters }) {
    if (!architecture)
      return err(problem('scale-sim.no-architecture', 'A configuration needs an architecture; none was given'));
    const where = { document: architecture.id };
    const { machine, problems } = resolveMachine(architecture);
    if (!machine) {
      const fault = problems.find(({ severity }) => severity === 'error');
      return err(fault ?? problem('scale-sim.no-architecture', 'The architecture is empty', { where }));
    }
    const unit = machine.units.find((one): one is ArrayUnit => one.kind === 'systolic-array');
    if (!unit) {
      const message = 'The architecture has no systolic array; a SCALE-Sim configuration describes one';
      return err(problem('scale-sim.no-array', message, { where }));
    }
    const [only] = unit.dataflows.length === 1 ? unit.dataflows : [];
    const chosen = (['os', 'ws', 'is'] as const).find((one) => one === textOf(parameters, 'dataflow', 'ws')) ?? 'ws';
    const name = `${fileStem(architecture.title)}.cfg`;
    const written = machineConfig(machine, unit, only ?? chosen, name);
    return ok({
      name,
      mediaType: 'text/plain',
      bytes: new TextEncoder().encode(written.text),
      problems: written.problems,
    });
  },
};

/** Models as C for Gemmini: the public macros of gemmini.h, loops around them, one function for the network. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { type Exported, type Exporter, fileStem } from '#core/technique/exporter.ts';
import type { Routine } from './loops.ts';
import { lowerNetwork, type Network } from './network.ts';
import { DEFAULT_PARAMETERS, type GemminiParameters, readParameters } from './parameters.ts';
import { play } from './play.ts';
import { routineText } from './print.ts';

/** Instructions whose addresses are replayed before a program is handed out; beyond it, that is told. */
const REPLAYED = 30_000_000;
export const PARAMETERS_FILE = 'gemmini_params.h';

export const technique: Exporter = {
  manifest: {
    id: 'exporter/gemmini',
    kind: 'exporter',
    version: '1.0.0',
    title: 'Gemmini C',
    summary: 'Writes a model as C with the macros of gemmini.h: tiled, double-buffered, every address checked.',
    maturity: 'experimental',
    citations: [
      {
        text: 'Genc et al., Gemmini: enabling systematic deep-learning architecture evaluation via full-stack integration, DAC 2021',
        reference: '10.1109/DAC18074.2021.9586216',
      },
      {
        text: 'Gemmini, README (ISA, memory addressing) and software/gemmini-rocc-tests',
        reference: 'github.com/ucb-bar/gemmini',
      },
    ],
    parameters: [],
  },
  extension: '.c',
  inputs: [
    {
      role: PARAMETERS_FILE,
      title: 'Parameters of the hardware',
      note: 'DIM, banks, rows and element types of the generated header; without it the default 16 × 16 configuration.',
      isRequired: false,
    },
  ],
  export({ model, files }) {
    const header = files[PARAMETERS_FILE];
    const read = header === undefined ? ok(DEFAULT_PARAMETERS) : readParameters(header);
    if (!read.ok) {
      const { line, message } = read.error;
      const where = { file: PARAMETERS_FILE };
      return err(
        problem('gemmini.parameters', `${PARAMETERS_FILE}${line === null ? '' : `, line ${line}`}: ${message}`, {
          where,
        }),
      );
    }
    return program(model, read.value);
  },
};

function program(model: Document, parameters: GemminiParameters): Result<Exported, Problem> {
  const { graph, problems } = buildModel(model);
  if (graph === null) return err(problems.find(({ severity }) => severity === 'error')!);
  if (graph.operators.length === 0)
    return err(problem('gemmini.nothing', 'The model has no operator to write a program for'));
  const network = lowerNetwork(graph, parameters);
  const unchecked = replay(network.routines, parameters);
  if (!unchecked.ok) return unchecked;
  const notices: Problem[] = [...network.problems];
  if (unchecked.value > 0)
    notices.push(
      problem(
        'gemmini.unchecked',
        `${unchecked.value} of ${network.routines.length} routines are too long to replay; their addresses were not checked`,
        {
          severity: 'warning',
          facts: { routines: unchecked.value },
        },
      ),
    );
  const stem = fileStem(model.title);
  const text = source(model.title, stem.replace(/[^a-z0-9]+/g, '_'), network, parameters);
  return ok({ name: `${stem}.c`, mediaType: 'text/x-c', bytes: new TextEncoder().encode(text), problems: notices });
}

/** Plays every routine on addresses alone. @returns how many were too long; a fault is a bug of this exporter. */
function replay(routines: readonly Routine[], parameters: GemminiParameters): Result<number, Problem> {
  let left = REPLAYED;
  let unchecked = 0;
  for (const routine of routines) {
    const played = play(routine, parameters, { memory: null, limit: left });
    if (played.ok) left -= played.value.instructions;
    else if (played.error.endsWith('more instructions than are played')) unchecked++;
    else return err(problem('gemmini.address', `The program is wrong: ${played.error}`));
  }
  return ok(unchecked);
}

function source(
  title: string,
  name: string,
  network: Network,
  { dim, bankNum, bankRows, accRows }: GemminiParameters,
): string {
  const { counts } = network;
  const formals = network.parameters.map((each) => `\n    ${each}`).join(',');
  return `${[
    `/*
 * ${title.replaceAll('*/', '')} for Gemmini: ${counts.mesh} operators on the mesh, ${counts.folded} folded into them, ${counts.views} views, ${counts.host} on the host.
 * Images lie channels last (N, H, W, C); other tensors, and all that host functions see, row-major in the shapes given.
 * Weights and scales are yours: define the extern arrays, and SCALE_… macros where a factor is not 1.
 */
#include <string.h>
#include "include/gemmini.h"

#if DIM != ${dim} || BANK_NUM * BANK_ROWS < ${bankNum * bankRows} || ACC_ROWS < ${accRows}
#error "made for DIM ${dim}, ${bankNum * bankRows} rows of scratchpad and ${accRows} of accumulator"
#endif

#define WEFT_ACC(row) ((1u << 31) | (uint32_t)(row))
#define WEFT_ACC_ADD(row) ((3u << 30) | (uint32_t)(row))
#define WEFT_ACC_FULL(row) ((5u << 29) | (uint32_t)(row))

static inline long weft_min(long a, long b) { return a < b ? a : b; }
static inline long weft_max(long a, long b) { return a > b ? a : b; }

/* Swaps the last two axes of batch x outer x inner: between channels first and channels last. */
static inline void weft_turn(const elem_t *from, elem_t *to, long batch, long outer, long inner) {
  for (long n = 0; n < batch; n++)
    for (long i = 0; i < outer; i++)
      for (long j = 0; j < inner; j++) to[(n * inner + j) * outer + i] = from[(n * outer + i) * inner + j];
}`,
    network.scales.map((scale) => `#ifndef ${scale}\n#define ${scale} ACC_SCALE_IDENTITY\n#endif`).join('\n'),
    network.externs.join('\n'),
    network.hosts.join('\n'),
    network.buffers.join('\n'),
    ...network.routines.map(routineText),
    `void ${name.replace(/^(?=\d)/, 'model_')}(${formals}) {\n${network.calls.map((call) => `  ${call}`).join('\n')}\n}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

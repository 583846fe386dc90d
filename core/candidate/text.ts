/** A candidate as text; `parseCandidate` reads it back. */
import { type Blocks, CANDIDATE_HEADER, type Candidate, type CommandLine, type Reference } from './candidate.ts';

/** What is said of a line in a comment; null says nothing. */
export interface CandidateComments {
  readonly kernel?: string;
  readonly alias?: (alias: string) => string | null;
  readonly command?: (index: number) => string | null;
}

export function candidateText(candidate: Candidate, comments: CandidateComments = {}): string {
  const { kernel, units, dmas, channels, tiling, operands, weights, results, commands } = candidate;
  const quoted = (name: string) => JSON.stringify(name);
  const lines = [CANDIDATE_HEADER, `kernel ${quoted(kernel.name)}${comment(comments.kernel)}`];
  const named = (head: string, { alias, name }: { readonly alias: string; readonly name: string }, place = '') =>
    lines.push(`${head} ${alias} ${quoted(name)}${place}${comment(comments.alias?.(alias))}`);
  for (const unit of units) named('unit', unit);
  for (const dma of dmas) named('dma', dma);
  for (const channel of channels) named('channel', channel);
  if (tiling.kind === 'chunks') lines.push(`chunks ${tiling.chunks}`);
  else {
    const { g, m, n, k } = tiling.extents;
    lines.push(`tile ${g > 1 ? `g ${g} ` : ''}m ${m} n ${n} k ${k} dataflow ${tiling.dataflow}`);
  }
  for (const operand of operands) named('operand', operand, ` ${operand.place}`);
  if (weights) lines.push(`weights ${weights.name}${comment(comments.alias?.(weights.name))}`);
  for (const result of results) named('result', result, ` ${result.place}`);
  lines.push('');
  commands.forEach((command, index) => {
    lines.push(`${commandText(command)}${comment(comments.command?.(index))}`);
  });
  return `${lines.join('\n')}\n`;
}

function comment(text: string | null | undefined): string {
  return text ? `  # ${text.replaceAll(/\s+/g, ' ')}` : '';
}

export function commandText(command: CommandLine): string {
  const label = command.label === null ? '' : `${command.label}: `;
  const after = command.after.length > 0 ? ` after ${command.after.map(({ name }) => name).join(' ')}` : '';
  return `${label}${bodyText(command)}${after}`;
}

function bodyText(command: CommandLine): string {
  switch (command.kind) {
    case 'fetch': {
      const { operand, elements, into, offset } = command;
      return `load ${operand.name} elements ${elements.from}:${elements.to} into @${into.name}+${offset}${wayText(command)}`;
    }
    case 'load': {
      const { operand, blocks, positions, unit, into, half } = command;
      const part = positions ? ` positions ${positions.from}:${positions.to}` : '';
      return `load ${operand.name}${blocksText(blocks)}${part} into ${unit.name}.${into.name}.${half}${wayText(command)}`;
    }
    case 'execute':
      return `execute${blocksText(command.blocks)} on ${command.unit.name}.${command.half}`;
    case 'store':
      return `store ${command.result.name}${blocksText(command.blocks)} from ${command.unit.name}.${command.half}${wayText(command)}`;
  }
}

function wayText({ dma, channel }: { readonly dma: Reference | null; readonly channel: Reference | null }): string {
  return dma ? ` by ${dma.name}${channel ? ` over ${channel.name}` : ''}` : '';
}

function blocksText(blocks: Blocks): string {
  return (['g', 'm', 'n', 'k'] as const)
    .map((axis) => (blocks[axis] === undefined ? '' : ` ${axis} ${blocks[axis]}`))
    .join('');
}

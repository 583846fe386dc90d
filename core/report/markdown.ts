/**
 * Report → Markdown (GitHub's tables) and an SVG file a figure, for a repository or a wiki. Every text that is not ours is
 * escaped so that it reads as it stands: no markup, no link, no HTML; a cell keeps to its line. A figure that is printed
 * is followed by the stored one, in brackets, wherever rounding hides it.
 */
import type { Metric } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { Block, Inline, Quantity, Report } from './blocks.ts';
import { escapeMarkdown as m, withoutControls } from './escape.ts';
import { isFigure, legendOfFigure, svgOf } from './figures/figure-blocks.ts';

export interface ReportFile {
  /** Relative, with forward slashes; of ours alone, never a text of the user's. */
  readonly name: string;
  readonly text: string;
}

/** `report.md` and `figures/<n>.svg`, n from 1. */
export function toMarkdown(report: Report): readonly ReportFile[] {
  const figures: ReportFile[] = [];
  let tables = 0;
  const parts: string[] = [];
  for (const block of report.front) parts.push(blockText(block));
  for (const { title, blocks } of report.sections) {
    parts.push(`## ${m(title)}`);
    for (const block of blocks) parts.push(blockText(block));
  }
  return [{ name: 'report.md', text: `${parts.filter((part) => part !== '').join('\n\n')}\n` }, ...figures];

  function blockText(block: Block): string {
    if (isFigure(block)) {
      const name = `figures/${figures.length + 1}.svg`;
      figures.push({ name, text: `${svgOf(block, true)}\n` });
      const caption = `Figure ${figures.length}. ${m(block.caption)}`;
      const legend = legendOfFigure(block).map(({ title }) => m(title));
      return `![${caption}](${name})\n\n*${caption}*${legend.length > 0 ? `  \nColours: ${legend.join(', ')}.` : ''}`;
    }
    switch (block.kind) {
      case 'title':
        return [
          `# ${m(block.title)}`,
          `**${m(block.seal.text)}.** ${inlines(block.verdict)}`,
          table(
            ['', ''],
            ['start', 'start'],
            block.fields.map(({ label, content }) => [m(label), inlines(content)]),
          ),
        ].join('\n\n');
      case 'subheading':
        return `### ${m(block.text)}`;
      case 'text':
        return inlines(block.content);
      case 'command':
        return fenced(block.text);
      case 'listing':
        return `${m(block.caption)}\n\n${fenced(block.text)}`;
      case 'metrics':
        return block.metrics.length === 0 ? '' : metricsText(block.metrics);
      case 'table': {
        tables++;
        const heads = block.columns.map(({ title, unit }) => m(title) + (unit && unit !== '1' ? ` (${m(unit)})` : ''));
        const aligns = block.columns.map(({ align }) => align ?? 'start');
        const rows = block.rows.map((row) => row.map(inlineText));
        return `*Table ${tables}. ${m(block.caption)}*\n\n${table(heads, aligns, rows)}`;
      }
      case 'problems':
        return block.problems.length === 0
          ? m(block.empty)
          : block.problems.map((one) => problemText(one, block.names)).join('\n');
    }
  }
}

function metricsText(metrics: readonly Metric[]): string {
  return table(
    ['Figure', 'Value', 'Kind', 'Formula'],
    ['start', 'end', 'start', 'start'],
    metrics.map(({ title, value, unit, badge, provenance: { formula, inputs } }) => {
      const given = inputs.map(
        (input) =>
          `${m(input.name)} = ${typeof input.value === 'number' ? quantity({ value: input.value, unit: input.unit }) : m(input.value)}`,
      );
      return [m(title), quantity({ value, unit }), badge, [m(formula), ...given].join('; ')];
    }),
  );
}

function table(
  heads: readonly string[],
  aligns: readonly ('start' | 'end')[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(aligns.map((align) => (align === 'end' ? '--:' : '---'))), ...rows.map(line)].join('\n');
}

function problemText(one: Problem, names: ReadonlyMap<string, string>): string {
  const where = one.where.node === undefined ? [] : [`At ${m(names.get(one.where.node) ?? one.where.node)}.`];
  const facts = Object.entries(one.facts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${m(name)} ${typeof value === 'number' ? exact(value, '') : m(value)}`);
  const fixes = one.fixes.map(({ title }) => `  - ${m(title)}`);
  const details = [...where, ...(facts.length > 0 ? [`${facts.join(', ')}.`] : [])].join(' ');
  return [`- **${one.severity}** ${m(one.message)}${details === '' ? '' : ` ${details}`}`, ...fixes].join('\n');
}

/** In a fence longer than any run of backticks inside; control characters that turn text around are taken out. */
function fenced(text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${withoutControls(text)}\n${fence}`;
}

function inlines(content: readonly Inline[]): string {
  return content.map(inlineText).join('');
}

function inlineText(content: Inline): string {
  if (typeof content === 'string') return m(content);
  return content.exact ? exact(content.value, content.unit) : quantity(content);
}

/** `34.0 kcycles [33984]`: what is read, and what is stored where that is not the same. */
function quantity({ value, unit, bare }: Quantity): string {
  const read = formatQuantity(value, unit);
  const isUnitSaid = bare && unit !== '1' && unit !== '' && read.endsWith(unit);
  const shown = isUnitSaid ? read.slice(0, -unit.length).trimEnd() : read;
  return shown === String(value) || read === formatExact(value, unit) ? m(shown) : `${m(shown)} \\[${value}\\]`;
}

/** The stored number too, where digits are grouped. */
function exact(value: number, unit: Quantity['unit']): string {
  return m(formatExact(value, unit));
}

/**
 * Report → one HTML file: opens offline, needs no script, asks nothing of any network, prints on A4. Every text
 * goes through `escapeMarkup`; a policy in the head forbids scripts even if one ever got in.
 */
import type { Metric } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { Block, Inline, Quantity, Report, Section, TableColumn } from './blocks.ts';
import { escapeMarkup as e } from './escape.ts';
import { type FigureBlock, legendOfFigure, svgOf } from './figures/figure-blocks.ts';
import { REPORT_STYLE } from './html-style.ts';
import { cssInk } from './palette.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function toHtml(report: Report): string {
  const counter = { figure: 0, table: 0 };
  const blocks = (all: readonly Block[]) => all.map((block) => blockHtml(block, counter)).join('\n');
  const body = [
    blocks(report.front),
    report.sections.length > LISTED_FROM ? contents(report.sections) : '',
    ...report.sections.map((one) => `${headingHtml(one)}\n${blocks(one.blocks)}`),
  ].join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${e(POLICY)}">
<meta name="referrer" content="no-referrer">
<title>${e(report.title)} · Weft report</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A report of more sections begins with a list of them. */
const LISTED_FROM = 4;

function contents(sections: readonly Section[]): string {
  const entries = sections.map(({ id, title }) => `<li><a href="#${e(id)}">${e(title)}</a></li>`).join('');
  return `<nav class="contents" aria-label="Contents"><ol>${entries}</ol></nav>`;
}

function headingHtml({ id, title, breakBefore }: Section): string {
  return `<h2 id="${e(id)}"${breakBefore ? ' class="new-page"' : ''}>${e(title)}</h2>`;
}

interface Counter {
  figure: number;
  table: number;
}

function blockHtml(block: Block, counter: Counter): string {
  switch (block.kind) {
    case 'title':
      return titleHtml(block);
    case 'subheading':
      return `<h3>${e(block.text)}</h3>`;
    case 'text':
      return `<p>${inlines(block.content)}</p>`;
    case 'command':
      return `<pre><code>${e(block.text)}</code></pre>`;
    case 'listing':
      return `<details class="listing" data-caption="${e(block.caption)}"><summary>${e(block.caption)}</summary><pre><code>${e(block.text)}</code></pre></details>`;
    case 'metrics':
      return `<section class="metrics" aria-label="Key figures">${block.metrics.map(metricHtml).join('')}</section>`;
    case 'table':
      return tableHtml(block, counter);
    case 'bars':
    case 'graph':
    case 'gantt':
    case 'stages':
    case 'memory-map':
    case 'curve':
    case 'roofline':
    case 'front':
      return figureHtml(block, counter);
    case 'problems':
      return block.problems.length === 0
        ? `<p>${e(block.empty)}</p>`
        : `<ul class="findings">${block.problems.map((one) => problemHtml(one, block.names)).join('')}</ul>`;
  }
}

function titleHtml(block: Extract<Block, { kind: 'title' }>): string {
  const fields = block.fields
    .map(({ label, content }) => `<div><dt>${e(label)}</dt><dd>${inlines(content)}</dd></div>`)
    .join('');
  return `<header class="title-block">
<div class="title-line"><p class="kind">Design report</p><p class="seal${block.seal.isProven ? ' proven' : ''}">${e(block.seal.text)}</p></div>
<h1>${e(block.title)}</h1>
<p class="verdict">${inlines(block.verdict)}</p>
<dl>${fields}</dl>
</header>`;
}

function metricHtml(metric: Metric): string {
  const { formula, inputs, source, technique } = metric.provenance;
  const rows = inputs
    .map(({ name, value, unit }) => {
      const shown = typeof value === 'number' ? quantity({ value, unit }) : e(value);
      return `<li>${e(name)} = ${shown}</li>`;
    })
    .join('');
  return `<div class="metric"><p class="label">${e(metric.title)}</p><p class="figure">${quantity(metric)}</p><p class="badge ${e(metric.badge)}">${e(metric.badge)}</p><details><summary>How it is calculated</summary><p>${e(formula)}</p>${rows && `<ul>${rows}</ul>`}<p>Source: ${e(source)}</p><p>${e(technique.id)} ${e(technique.version)}</p></details></div>`;
}

function tableHtml(block: Extract<Block, { kind: 'table' }>, counter: Counter): string {
  counter.table++;
  const head = block.columns
    .map((column) => {
      const unit = column.unit && column.unit !== '1' ? ` <span class="unit">${e(column.unit)}</span>` : '';
      return `<th scope="col"${cellClass(column)}>${e(column.title)}${unit}</th>`;
    })
    .join('');
  const rows = block.rows
    .map(
      (row) =>
        `<tr>${row.map((cell, at) => `<td${cellClass(block.columns[at] ?? { title: '' })}>${inline(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<div class="table${block.landscape ? ' landscape' : ''}"><table><caption><b>Table ${counter.table}.</b> ${e(block.caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${rows}
</tbody></table></div>`;
}

function cellClass(column: TableColumn): string {
  return column.align === 'end' ? ' class="end"' : column.wide ? ' class="wide"' : '';
}

function figureHtml(block: FigureBlock, counter: Counter): string {
  counter.figure++;
  const entries = legendOfFigure(block)
    .map(({ hue, title }) => `<li><i style="background:${cssInk.hue(hue)}"></i>${e(title)}</li>`)
    .join('');
  return `<figure>${svgOf(block)}${entries && `<ul class="legend">${entries}</ul>`}<figcaption><b>Figure ${counter.figure}.</b> ${e(block.caption)}</figcaption></figure>`;
}

function problemHtml(one: Problem, names: ReadonlyMap<string, string>): string {
  const where = one.where.node === undefined ? '' : (names.get(one.where.node) ?? one.where.node);
  // By name: members of a stored run have no order, and its report must be the same bytes.
  const facts = Object.entries(one.facts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${e(name)} ${typeof value === 'number' ? exact(value, '') : e(value)}`)
    .join(' · ');
  const fixes = one.fixes.map((fix) => `<li>${e(fix.title)}</li>`).join('');
  return `<li class="${e(one.severity)}"><p><span class="severity">${e(one.severity)}</span> ${e(one.message)}</p>${where && `<p class="detail">At ${e(where)}</p>`}${facts && `<p class="detail">${facts}</p>`}${fixes && `<p class="detail">What could be done:</p><ul>${fixes}</ul>`}</li>`;
}

function inlines(content: readonly Inline[]): string {
  return content.map(inline).join('');
}

function inline(content: Inline): string {
  if (typeof content === 'string') return e(content);
  return content.exact ? exact(content.value, content.unit) : quantity(content);
}

/** `<data>` keeps the stored value beside the rounded one that is read. */
function quantity({ value, unit, bare }: Quantity): string {
  const read = formatQuantity(value, unit);
  const shown =
    bare && unit !== '1' && unit !== '' && read.endsWith(unit) ? read.slice(0, -unit.length).trimEnd() : read;
  return `<data value="${value}" title="${e(formatExact(value, unit))}">${e(shown).replaceAll(' ', '\u202f')}</data>`;
}

function exact(value: number, unit: Unit): string {
  return `<data value="${value}">${e(formatExact(value, unit))}</data>`;
}

/** The pages of the in-app help: what is written, and what is generated from the catalogs and the techniques' manifests. */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import type { DocumentKind } from '#core/document/document.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Manifest, TECHNIQUE_KINDS } from '#core/technique/technique.ts';
import { adapterOf } from '../canvas/adapters.ts';
import commandLine from './pages/command-line.md?raw';
import files from './pages/files.md?raw';
import gettingStarted from './pages/getting-started.md?raw';
import metrics from './pages/metrics.md?raw';
import views from './pages/views.md?raw';

export interface HelpSection {
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

export interface HelpPage {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly HelpSection[];
}

/** A page as it is written: a section at each second-level heading. */
export function sectionsOf(source: string): readonly HelpSection[] {
  return source
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { title: part.slice(0, end).trim(), text: part.slice(end + 1).trim() };
    });
}

/** Within a table's cell a bar would end it. */
const cell = (text: string) => text.replaceAll('|', '∣').replaceAll('\n', ' ');
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const quantity = (value: number, unit: Unit) => formatQuantity(value, unit);

function rangeText(spec: ParameterSpec): string {
  switch (spec.kind) {
    case 'integer':
    case 'number':
    case 'integers':
      return `${quantity(spec.minimum, spec.unit)} … ${quantity(spec.maximum, spec.unit)}`;
    case 'choice':
      return spec.choices.map(({ title }) => title).join(', ');
    case 'boolean':
      return 'yes or no';
    case 'text':
      return 'text';
  }
}

function standardText(spec: ParameterSpec): string {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return quantity(spec.default, spec.unit);
    case 'integers':
      return spec.default.map((value) => quantity(value, spec.unit)).join(', ');
    case 'choice':
      return spec.choices.find(({ value }) => value === spec.default)?.title ?? spec.default;
    case 'boolean':
      return spec.default ? 'yes' : 'no';
    case 'text':
      return spec.default === '' ? '—' : spec.default;
  }
}

function parametersText(specs: readonly ParameterSpec[]): string {
  if (specs.length === 0) return '';
  return table(
    ['Parameter', 'What it is', 'Standard', 'Range'],
    specs.map((spec) => [
      spec.title,
      spec.source === undefined ? spec.help : `${spec.help} Source: ${spec.source}.`,
      standardText(spec),
      rangeText(spec),
    ]),
  );
}

const paragraphs = (parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');

/** One page a kind of document: every type of its catalog. */
function catalogPage(kind: DocumentKind): HelpPage {
  const { catalog } = adapterOf(kind);
  return {
    id: `catalog-${kind}`,
    title: { model: 'Operators', architecture: 'Components', tasks: 'Task graphs', fabric: 'Fabrics' }[kind],
    sections: catalog.map((entry) => ({
      title: entry.label,
      text: paragraphs([
        `**${entry.categoryTitle}.** ${entry.summary}`,
        parametersText(entry.parameters),
        entry.source === '' ? '' : `Source: ${entry.source}`,
      ]),
    })),
  };
}

const KIND_TITLES: Readonly<Record<(typeof TECHNIQUE_KINDS)[number], string>> = {
  importer: 'Importer',
  exporter: 'Exporter',
  pass: 'Compiler pass',
  rewrite: 'Rewrite',
  unit: 'Unit',
  'array-model': 'Cycle model of arrays',
  mapper: 'Mapper',
  scheduler: 'Scheduler',
  simulator: 'Simulator',
  explorer: 'Explorer',
};

function manifests(): readonly Manifest[] {
  const all: readonly { readonly manifest: Manifest }[] = Object.values(techniques).flat();
  return all.map(({ manifest }) => manifest);
}

function techniqueSection(manifest: Manifest): HelpSection {
  const cited = manifest.citations.map(({ text, reference }) => `- ${text}${reference ? ` (${reference})` : ''}`);
  return {
    title: manifest.title,
    text: paragraphs([
      `**${KIND_TITLES[manifest.kind]}** \`${manifest.id}\` ${manifest.version}${manifest.maturity === 'experimental' ? ', experimental' : ''}. ${manifest.summary}`,
      parametersText(manifest.parameters),
      cited.join('\n'),
    ]),
  };
}

function formatsSections(): readonly HelpSection[] {
  const read = techniques.importer.map(({ manifest, extensions }) => [
    manifest.title,
    extensions.join(', '),
    manifest.summary,
  ]);
  const written = techniques.exporter.map(({ manifest }) => [manifest.title, manifest.summary]);
  return [
    { title: 'Files that can be dropped', text: table(['Importer', 'Ending', 'What it reads'], read) },
    { title: 'Files for other tools', text: table(['Exporter', 'What it writes'], written) },
  ];
}

/** Every page but the one of keys, which only the registry of actions can tell. */
export function helpPages(): readonly HelpPage[] {
  return [
    { id: 'getting-started', title: 'Getting started', sections: sectionsOf(gettingStarted) },
    { id: 'views', title: 'Every view', sections: sectionsOf(views) },
    ...(['model', 'architecture', 'tasks', 'fabric'] as const).map(catalogPage),
    { id: 'techniques', title: 'Techniques', sections: manifests().map(techniqueSection) },
    { id: 'metrics', title: 'Metrics and badges', sections: sectionsOf(metrics) },
    { id: 'files', title: 'Files and importers', sections: [...formatsSections(), ...sectionsOf(files)] },
    { id: 'command-line', title: 'Command line', sections: sectionsOf(commandLine) },
  ];
}

export interface HelpHit {
  readonly page: HelpPage;
  readonly section: HelpSection;
  /** Within the page. */
  readonly at: number;
}

/** Sections that hold every word; those with a word in their title first. */
export function searchHelp(pages: readonly HelpPage[], query: string): readonly HelpHit[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return pages
    .flatMap((page) => page.sections.map((section, at) => ({ page, section, at })))
    .map((hit) => {
      const title = hit.section.title.toLowerCase();
      const text = `${title} ${hit.section.text.toLowerCase()}`;
      const isFound = words.every((word) => text.includes(word));
      return { hit, rank: isFound ? 1 + words.filter((word) => title.includes(word)).length : 0 };
    })
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ hit }) => hit);
}

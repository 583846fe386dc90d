// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { techniques } from '#core/technique/registry.ts';
import { adapterOf } from '../canvas/adapters.ts';
import { parseMarkdown } from '../widgets/markdown.ts';
import { panelsFor } from '../workbench/panels.ts';
import { helpPages, searchHelp, sectionsOf } from './pages.ts';

describe('help', () => {
  const pages = helpPages();

  it('reads sections at second-level headings', () => {
    expect(sectionsOf('## One\n\na\n\n## Two\n\nb **c**\n')).toEqual([
      { title: 'One', text: 'a' },
      { title: 'Two', text: 'b **c**' },
    ]);
  });

  it('has a section for every type and technique, each with words', () => {
    for (const kind of ['model', 'architecture', 'tasks', 'fabric'] as const)
      expect(pages.find(({ id }) => id === `catalog-${kind}`)?.sections.length).toBe(adapterOf(kind).catalog.length);
    const count = Object.values(techniques).flat().length;
    expect(pages.find(({ id }) => id === 'techniques')?.sections.length).toBe(count);
    for (const { sections } of pages)
      for (const { title, text } of sections) expect([title, text.length > 20]).toEqual([title, true]);
  });

  it('says what every view of a run is for', () => {
    const views = pages.find(({ id }) => id === 'views')?.sections ?? [];
    for (const [kind, title] of [
      ['program', "Views of a program's run"],
      ['simulation', "Views of a simulation's run"],
    ] as const) {
      const text = views.find((section) => section.title === title)?.text ?? '';
      const [table] = parseMarkdown(text);
      const named =
        table?.kind === 'table'
          ? text
              .split('\n')
              .slice(2)
              .map((line) => line.split('|')[1]?.trim())
          : [];
      expect(named).toEqual(panelsFor(kind).map((panel) => panel.title));
    }
  });

  it('gives parameters with their standard, unit and range, in tables whose rows are whole', () => {
    for (const { sections } of pages)
      for (const { text } of sections)
        for (const block of parseMarkdown(text))
          if (block.kind === 'table') for (const cells of block.rows) expect(cells.length).toBe(block.head.length);
    const [dram] = searchHelp(pages, 'off-chip bandwidth GB/s');
    expect(dram?.section.text).toContain('| Parameter | What it is | Standard | Range |');
  });

  it('is found by all words, titles first', () => {
    expect(searchHelp(pages, '  ')).toEqual([]);
    expect(searchHelp(pages, 'no such word as zqx')).toEqual([]);
    expect(searchHelp(pages, 'badges')[0]?.section.title).toBe('Badges');
    expect(searchHelp(pages, 'onnx drop').map(({ page }) => page.id)).toContain('getting-started');
  });
});

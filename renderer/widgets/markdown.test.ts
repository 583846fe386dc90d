import { describe, expect, it } from 'vitest';
import { parseMarkdown } from './markdown.ts';

const text = (plain: string) => [{ kind: 'text', text: plain }];

describe('Markdown', () => {
  it('knows what our READMEs are made of', () => {
    const source = [
      '# Title',
      '',
      '**Idea.** Of `one`',
      'thing.',
      '',
      '- first',
      '  goes on',
      '- second',
      '',
      '| a | b |',
      '| --- | --: |',
      '| 1 | 2 |',
      '',
      '```text',
      'x',
      '',
      'y',
      '```',
    ].join('\n');
    expect(parseMarkdown(source)).toEqual([
      { kind: 'heading', level: 1, text: text('Title') },
      {
        kind: 'paragraph',
        text: [
          { kind: 'bold', text: 'Idea.' },
          { kind: 'text', text: ' Of ' },
          { kind: 'code', text: 'one' },
          { kind: 'text', text: ' thing.' },
        ],
      },
      { kind: 'list', items: [text('first goes on'), text('second')] },
      { kind: 'table', head: [text('a'), text('b')], rows: [[text('1'), text('2')]] },
      { kind: 'code', text: 'x\n\ny' },
    ]);
  });

  it('takes anything', () => {
    expect(parseMarkdown('')).toEqual([]);
    expect(parseMarkdown('| a\n|---')).toHaveLength(1);
    expect(parseMarkdown('**open `too')).toEqual([{ kind: 'paragraph', text: text('**open `too') }]);
  });
});

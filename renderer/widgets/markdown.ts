/** The little Markdown our own READMEs use: headings, paragraphs, lists, tables, code, bold. Data, never markup. */
export type Inline = { readonly kind: 'text' | 'bold' | 'code'; readonly text: string };
export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: number; readonly text: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly text: readonly Inline[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: 'code'; readonly text: string };

function inline(text: string): readonly Inline[] {
  return text
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part): Inline => {
      const [, bold, code] = /^\*\*([^*]+)\*\*$|^`([^`]+)`$/.exec(part) ?? [];
      if (bold !== undefined) return { kind: 'bold', text: bold };
      return code === undefined ? { kind: 'text', text: part } : { kind: 'code', text: code };
    });
}

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => inline(cell.trim()));

/** Total: what it does not know is a paragraph. */
export function parseMarkdown(source: string): readonly MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  // Fenced code may hold blank lines; everything else ends at one.
  for (const [at, part] of source.split(/^```.*$/m).entries()) {
    if (at % 2 === 1) blocks.push({ kind: 'code', text: part.replace(/^\n|\n$/g, '') });
    else for (const text of part.split(/\n\s*\n/)) blocks.push(...blocksOf(text.replace(/^\n+|\n+$/g, '')));
  }
  return blocks;
}

function blocksOf(text: string): readonly MarkdownBlock[] {
  if (text.trim() === '') return [];
  const lines = text.split('\n');
  const heading = /^(#+) (.*)$/.exec(lines[0]!);
  if (heading) {
    const rest = lines.slice(1).join('\n');
    return [{ kind: 'heading', level: heading[1]!.length, text: inline(heading[2]!) }, ...blocksOf(rest)];
  }
  if (lines.length > 1 && /^\s*\|[\s:|-]+\|\s*$/.test(lines[1]!))
    return [{ kind: 'table', head: cells(lines[0]!), rows: lines.slice(2).map(cells) }];
  if (/^\s*[-*] /.test(lines[0]!))
    return [
      {
        kind: 'list',
        items: text
          .split(/^\s*[-*] /m)
          .slice(1)
          .map((item) => inline(item.replaceAll(/\s*\n\s*/g, ' ').trim())),
      },
    ];
  return [{ kind: 'paragraph', text: inline(lines.map((line) => line.trim()).join(' ')) }];
}

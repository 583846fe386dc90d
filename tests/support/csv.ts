/** Rows of a plain CSV with a header, as records of text; quoted cells are not needed by the data read here. */
import { readFileSync } from 'node:fs';

export function readCsv(path: string): readonly Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

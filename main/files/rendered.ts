/** What a report was rendered to, as the bytes of one file: several files become an archive. */
import type { Rendered } from '#core/report/render.ts';
import { writeZip } from '#projects/zip/write.ts';

export function renderedBytes(rendered: Rendered): Iterable<string | Uint8Array> {
  switch (rendered.kind) {
    case 'text':
      return [rendered.text];
    case 'pieces':
      return rendered.pieces;
    case 'files':
      return writeZip(rendered.files.map(({ name, text }) => ({ name, bytes: text })));
  }
}

/** What a report was rendered to, as the bytes of one file: several files become an archive. */
import type { SectionOutline } from '#core/report/blocks.ts';
import type { Rendered, RenderedRun } from '#core/report/render.ts';
import { writeZip } from '#projects/zip/write.ts';

/** The file in pieces: it may be longer than a string. */
export interface ReportPieces {
  readonly pieces: readonly Uint8Array[];
  readonly outline: readonly SectionOutline[];
}

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

export function inPieces({ rendered, outline }: RenderedRun): ReportPieces {
  const bytes = renderedBytes(rendered);
  return { outline, pieces: Array.from(bytes, (piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)) };
}

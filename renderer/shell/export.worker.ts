/** One export, off the page's thread: documents in, a file or a problem out. */
import { problem } from '#core/base/problem.ts';
import { err } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { type DocumentFile, fromFile } from '#core/document/document.ts';
import { exportWith } from '#core/technique/exporter.ts';
import { techniques } from '#core/technique/registry.ts';

export interface ExportJob {
  readonly id: string;
  readonly model: DocumentFile;
  readonly architecture: DocumentFile | null;
  readonly parameters: ParameterValues;
  /** Texts of the exporter's inputs, by role. */
  readonly files: Readonly<Record<string, string>>;
}

addEventListener('message', ({ data }: MessageEvent<ExportJob>) => {
  const exporter = techniques.exporter.find(({ manifest }) => manifest.id === data.id);
  postMessage(
    exporter
      ? exportWith(exporter, {
          model: fromFile(data.model),
          architecture: data.architecture && fromFile(data.architecture),
          parameters: data.parameters,
          files: data.files,
        })
      : err(problem('export.unknown', `There is no exporter ${data.id}`)),
  );
});

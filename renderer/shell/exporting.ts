/** Drawn documents → files of other tools, by the registered exporters; in a worker, since some play what they write. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { type Document, toFile } from '#core/document/document.ts';
import type { Exported, Exporter, ExportInput } from '#core/technique/exporter.ts';
import { techniques } from '#core/technique/registry.ts';
import { askWorker } from '../client/answering-worker.ts';
import type { ExportJob } from './export.worker.ts';

/** Some exporters play what they write. */
const LONGEST_EXPORT_MS = 120_000;

export interface ExportChoice {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly extension: string;
  readonly parameters: readonly ParameterSpec[];
  readonly inputs: readonly ExportInput[];
}

const exporters: readonly Exporter[] = techniques.exporter;
export const EXPORTS: readonly ExportChoice[] = exporters.map(({ manifest, extension, inputs }) => ({
  id: manifest.id,
  title: manifest.title,
  summary: manifest.summary,
  extension,
  parameters: manifest.parameters,
  inputs,
}));

/** @param files texts of the exporter's inputs, by role. */
export function exportDocuments(
  id: string,
  model: Document,
  architecture: Document | null,
  parameters: ParameterValues,
  files: Readonly<Record<string, string>>,
): Promise<Result<Exported, Problem>> {
  const worker = new Worker(new URL('./export.worker.ts', import.meta.url), { type: 'module' });
  const job: ExportJob = {
    id,
    model: toFile(model),
    architecture: architecture && toFile(architecture),
    parameters,
    files,
  };
  return askWorker<Result<Exported, Problem>, Exported>(worker, job, {
    what: 'The export',
    silenceMs: LONGEST_EXPORT_MS,
    read: (answer) => answer,
  }).done;
}

/** Saves bytes under a name, as the browser's download does. */
export function save({ name, mediaType, bytes }: Pick<Exported, 'name' | 'mediaType' | 'bytes'>): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mediaType }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The download has begun by the next task; the address is not needed longer.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** One proposal of a rewrite, off the page's thread: it predicts the model many times over. */
import { type DocumentFile, fromFile } from '#core/document/document.ts';
import { type ProposalRequest, propose } from '#core/technique/propose.ts';

export interface RewriteJob extends Omit<ProposalRequest, 'model' | 'architecture'> {
  readonly model: DocumentFile;
  readonly architecture: DocumentFile;
}

addEventListener('message', ({ data: { model, architecture, ...rest } }: MessageEvent<RewriteJob>) => {
  postMessage(propose({ ...rest, model: fromFile(model), architecture: fromFile(architecture) }));
});

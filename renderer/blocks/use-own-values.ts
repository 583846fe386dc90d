/** Which values of what is selected are a use's own, and what the block says instead. */
import { computed } from 'vue';
import type { ParameterValue } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { changeOf } from '#core/diff/parameters.ts';
import { groupsAround, usesOf } from '#core/document/block-uses.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';
import { followerOf, indexUses, isOwn, setOwn } from '#core/document/own-values.ts';
import { useDocuments } from '../client/documents-store.ts';

/** How a parameter of the selection stands to its block. */
export interface Ownership {
  readonly isOwn: boolean;
  /** What the block says, as shown; null where all uses have their own. */
  readonly said: string | null;
}

/** In the words of differences. */
export function shownValue(spec: ParameterSpec | undefined, value: ParameterValue | undefined): string {
  return changeOf('', spec, value ?? spec?.default, undefined).from ?? '';
}

export function useOwnValues(
  documentId: () => string,
  document: () => Document | null,
  nodes: () => readonly DocumentNode[],
) {
  const documents = useDocuments();
  const index = computed(() => indexUses(document() ? usesOf(document()!) : new Map()));

  /** All are parts of blocks used more than once: only there a value can differ. */
  const isShared = computed(() => {
    const now = document();
    const { uses, byBlock } = index.value;
    if (!now || uses.size < 2 || nodes().length === 0) return false;
    const isRepeated = (group: string) => (byBlock.get(uses.get(group)?.block ?? '')?.length ?? 0) > 1;
    return nodes().every((node) => groupsAround(now.nodes, node).some(isRepeated));
  });

  /** What the block says of a parameter of a node, as the field shows it. */
  function said(node: DocumentNode, spec: ParameterSpec): string | null {
    const now = document();
    const follower = now && followerOf(now, index.value, node.id, spec.id);
    return follower ? shownValue(spec, follower.parameters[spec.id]) : null;
  }

  function ownership(spec: ParameterSpec): Ownership | null {
    if (!isShared.value) return null;
    const own = nodes().filter((node) => isOwn(node, spec.id));
    return { isOwn: own.length > 0, said: own[0] ? said(own[0], spec) : null };
  }

  /** Makes the values the use's own, or the block's again. */
  function change(of: readonly string[], parameters: readonly string[], own: boolean): void {
    const now = document();
    const command = now && setOwn(now, index.value.uses, of, parameters, own);
    if (command) documents.run(documentId(), command);
  }

  return { ownership, said, change };
}

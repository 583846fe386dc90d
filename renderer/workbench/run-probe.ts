/**
 * Cross-probing: the one selected operator, and command, of the active run that every linked view follows, and what lights up
 * with it in the model and in the architecture.
 */
import { computed, type Ref, ref, watch } from 'vue';
import type { RunView } from '#core/contract/views.ts';
import type { RunData } from '#core/report/run-data.ts';
import { componentsOf, operatorsOn } from '#core/report/timeline-query.ts';
import { useSelection } from '../client/selection-store.ts';
import { programLinks as linksOf } from './program-links.ts';

export function useRunProbe(active: Ref<RunView | null>, data: Ref<RunData | null>) {
  const selection = useSelection();
  const selectedOperator = ref<number | null>(null);
  /** A command of the active run's program; its operator is the selected one. */
  const selectedCommand = ref<number | null>(null);

  /** Null where there is no result, or one of a version before commands were kept with intervals. */
  const programLinks = computed(() => (data.value ? linksOf(data.value.result.timeline) : null));

  /** Nodes selected in the drawing of the active run's architecture. */
  const selectedComponents = computed<ReadonlySet<string>>(
    () => selection.of(active.value?.architecture.document ?? null).nodes,
  );
  /** Operators they work for; null while none of them has a lane. */
  const componentOperators = computed(() =>
    data.value && selectedComponents.value.size > 0 ? operatorsOn(data.value, selectedComponents.value) : null,
  );

  /** Model nodes of the selected operator, else of those that the selected components work for. */
  const highlightedNodes = computed<ReadonlySet<string>>(() => {
    const index = selectedOperator.value;
    const chosen = index !== null ? [index] : (componentOperators.value ?? []);
    return new Set(chosen.flatMap((operator) => data.value?.result.operators[operator]?.nodes ?? []));
  });
  /** Architecture nodes that work for the selected operator. */
  const highlightedComponents = computed<ReadonlySet<string>>(() => {
    const index = selectedOperator.value;
    return index === null || !data.value ? new Set() : componentsOf(data.value, index);
  });

  function selectCommand(command: number | null): void {
    selectedCommand.value = command;
    if (command !== null) selectedOperator.value = programLinks.value?.operatorOf(command) ?? selectedOperator.value;
  }
  // An operator picked elsewhere is not about the command any more.
  watch(
    selectedOperator,
    (operator) => {
      const command = selectedCommand.value;
      if (command !== null && programLinks.value?.operatorOf(command) !== operator) selectedCommand.value = null;
    },
    { flush: 'sync' },
  );

  /** From a model node: selects the operator it belongs to, if the active run knows it. */
  function selectNode(node: string | null): void {
    selectedOperator.value = node === null ? null : (data.value?.operatorOfNode.get(node) ?? null);
  }

  function clear(): void {
    selectedCommand.value = null;
    selectedOperator.value = null;
  }

  return {
    selectedOperator,
    selectedCommand,
    programLinks,
    selectCommand,
    selectNode,
    selectedComponents,
    componentOperators,
    highlightedNodes,
    highlightedComponents,
    clear,
  };
}

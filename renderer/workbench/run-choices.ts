/** What the next runs are made with: settings of programs and of simulations, and candidate kernels by model. */
import { shallowReactive, shallowRef } from 'vue';
import { DEFAULT_SIMULATION, type SimulationSettings } from '#core/run/fabric/settings.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';

/** A candidate the next run of its model takes instead of the compiler's lowering. */
export interface ChosenCandidate {
  readonly id: string;
  readonly title: string;
  readonly operator: string;
  readonly text: string;
}

export function useRunChoices() {
  const settings = shallowRef<RunSettings>(DEFAULT_SETTINGS);
  const simulationSettings = shallowRef<SimulationSettings>(DEFAULT_SIMULATION);
  /** By model and by main node of the operator. */
  const candidates = shallowReactive(new Map<string, ReadonlyMap<string, ChosenCandidate>>());

  /** Puts a candidate of an operator into the next runs of its model, or takes it out. */
  function chooseCandidate(model: string, node: string, candidate: ChosenCandidate | null): void {
    const others = [...(candidates.get(model) ?? [])].filter(([other]) => other !== node);
    candidates.set(model, new Map(candidate ? [...others, [node, candidate]] : others));
  }

  /** The settings the next run of a model takes. */
  function settingsFor(model: string): RunSettings {
    const chosen = [...(candidates.get(model) ?? [])].map(([node, { text }]) => [node, text] as const);
    return chosen.length === 0 ? settings.value : { ...settings.value, candidates: Object.fromEntries(chosen) };
  }

  return { settings, simulationSettings, candidates, chooseCandidate, settingsFor };
}

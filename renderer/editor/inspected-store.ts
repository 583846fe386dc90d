/** The parameter in the inspector that had the focus or the pointer's press last: what verbs of one parameter are about. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface InspectedParameter {
  readonly document: string;
  readonly nodes: readonly string[];
  /** Of the parameter. */
  readonly id: string;
  readonly title: string;
}

export const useInspected = defineStore('inspected', () => ({
  /** Null once something else is selected. */
  parameter: shallowRef<InspectedParameter | null>(null),
}));

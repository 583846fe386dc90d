/** The component types of architectures; to add one, write a file in components/ and list it here. */
import type { ComponentType } from './component-type.ts';
import { bus } from './components/bus.ts';
import { dma } from './components/dma.ts';
import { dramChannel } from './components/dram-channel.ts';
import { scratchpad } from './components/scratchpad.ts';
import { specialFunctionUnit } from './components/special-function-unit.ts';
import { systolicArray } from './components/systolic-array.ts';
import { vectorUnit } from './components/vector-unit.ts';

export const COMPONENT_TYPES: readonly ComponentType[] = [
  systolicArray,
  vectorUnit,
  specialFunctionUnit,
  scratchpad,
  dma,
  bus,
  dramChannel,
];

const byId = new Map(COMPONENT_TYPES.map((type) => [type.id, type]));

export function componentType(id: string): ComponentType | undefined {
  return byId.get(id);
}

/** The component types of each kind of document; to add one, write a file in components/, tasks/ or fabric/ and list it here. */
import type { ComponentKind, ComponentType } from './component-type.ts';
import { bus } from './components/bus.ts';
import { dma } from './components/dma.ts';
import { dramChannel } from './components/dram-channel.ts';
import { scratchpad } from './components/scratchpad.ts';
import { specialFunctionUnit } from './components/special-function-unit.ts';
import { systolicArray } from './components/systolic-array.ts';
import { vectorUnit } from './components/vector-unit.ts';
import { computeCore } from './fabric/compute-core.ts';
import { device } from './fabric/device.ts';
import { memoryBank } from './fabric/memory-bank.ts';
import { offChipChannel } from './fabric/off-chip-channel.ts';
import { specialUnit } from './fabric/special-unit.ts';
import { designNote } from './tasks/design-note.ts';
import { offChipAccess, offChipTensor } from './tasks/off-chip.ts';
import { stream } from './tasks/stream.ts';
import { task } from './tasks/task.ts';

export const COMPONENT_TYPES: Readonly<Record<ComponentKind, readonly ComponentType[]>> = {
  architecture: [systolicArray, vectorUnit, specialFunctionUnit, scratchpad, dma, bus, dramChannel],
  tasks: [task, stream, offChipTensor, offChipAccess, designNote],
  fabric: [computeCore, specialUnit, memoryBank, offChipChannel, device],
};

const byId = new Map(
  Object.values(COMPONENT_TYPES)
    .flat()
    .map((type) => [type.id, type]),
);

/** A type of whatever kind of document. */
export function componentType(id: string): ComponentType | undefined {
  return byId.get(id);
}

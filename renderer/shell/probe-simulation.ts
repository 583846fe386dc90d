/** Cross-probing in a simulation: from a task or stream to the fabric it used, from a component to what used it. */
import { nextTick } from 'vue';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { counted } from '../widgets/format.ts';
import { useSimulation } from '../workbench/simulation-store.ts';
import { revealNode } from './run-links.ts';

/** Whether the document is one of the two of the active simulation. */
export function isSimulated(document: string): boolean {
  const simulation = useSimulation();
  return simulation.document === document || simulation.fabric === document;
}

/** Goes over to the other drawing, with everything of it selected that belongs to the node. */
export function probeSimulation(document: string, node: string): void {
  const simulation = useSimulation();
  const isFabric = document === simulation.fabric;
  const look = () => (isFabric ? simulation.selectComponent(node) : simulation.selectNode(node));
  look();
  const other = isFabric ? simulation.document : simulation.fabric;
  const found = other === null ? [] : [...simulation.litIn(other)];
  const [first] = found;
  if (other === null || first === undefined) {
    useNotices().tell(
      'probe.nothing',
      `Nothing of the ${isFabric ? 'task graph' : 'fabric'} belongs to it in this run`,
    );
    return;
  }
  void revealNode(other, first).then(async () => {
    useSelection().set(other, found);
    // What is looked at stays what one came from, not what was selected over there.
    await nextTick();
    look();
    useNotices().announce(`${counted(found.length, 'node')} selected`);
  });
}

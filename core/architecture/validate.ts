/**
 * Live validation of an architecture: types, parameters, ports, and whether the parts make a machine
 * (units reach a scratchpad, the scratchpad a DMA engine, that an off-chip channel). One pass, O(nodes + links).
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { componentType } from '#core/catalog/components.ts';
import { componentProblems } from '#core/document/components.ts';
import { type Document, type DocumentNode, isPart } from '#core/document/document.ts';

export function validateArchitecture(document: Document): readonly Problem[] {
  const nodes = [...document.nodes.values()].filter(isPart);
  if (nodes.length === 0) {
    return [
      problem(
        'architecture.empty',
        'The architecture is empty: add components from the palette, or start from a preset',
        { severity: 'info', where: { document: document.id } },
      ),
    ];
  }
  return [...componentProblems(document), ...machineProblems(document, nodes)];
}

/** What the machine still lacks; where it is drawn but not joined, the component is named. */
function machineProblems(document: Document, nodes: readonly DocumentNode[]): Problem[] {
  const found: Problem[] = [];
  const inputsOf = new Map<string, string[]>();
  const outputsOf = new Map<string, string[]>();
  for (const link of document.links.values()) {
    (inputsOf.get(link.to.node) ?? inputsOf.set(link.to.node, []).get(link.to.node)!).push(link.from.node);
    (outputsOf.get(link.from.node) ?? outputsOf.set(link.from.node, []).get(link.from.node)!).push(link.to.node);
  }
  const typeOf = (id: string) => document.nodes.get(id)?.type;
  const where = { document: document.id };
  const missing = (code: string, message: string) => found.push(problem(code, message, { where }));
  const loose = (node: DocumentNode, message: string) =>
    found.push(problem('architecture.unconnected', message, { where: { ...where, node: node.id } }));

  const compute = nodes.filter((node) => componentType(node.type)?.category === 'compute');
  const scratchpads = nodes.filter((node) => node.type === 'scratchpad');
  const engines = nodes.filter((node) => node.type === 'dma');
  if (compute.length === 0)
    missing('architecture.no-unit', 'Nothing here computes: add a systolic array or a vector unit');
  if (scratchpads.length === 0)
    missing('architecture.no-scratchpad', 'There is no scratchpad: add one between the DMA engine and the units');
  if (engines.length === 0)
    missing('architecture.no-dma', 'There is no DMA engine: add one between the off-chip channel and the scratchpad');
  if (!nodes.some((node) => node.type === 'dram-channel'))
    missing('architecture.no-channel', 'There is no off-chip channel: add a DRAM or HBM channel');
  for (const extra of scratchpads.slice(1)) {
    found.push(
      problem(
        'architecture.several-scratchpads',
        `${extra.name} is a second scratchpad; schedules fill one. Merge their capacities, or delete one`,
        {
          where: { ...where, node: extra.id },
          facts: { scratchpads: scratchpads.length, supported: 1 },
          fixes: [{ title: `Delete ${extra.name}`, edits: [{ type: 'remove-node', node: extra.id }] }],
        },
      ),
    );
  }
  for (const unit of compute) {
    if (!inputsOf.get(unit.id)?.some((id) => typeOf(id) === 'scratchpad'))
      loose(unit, `${unit.name} is not joined to a scratchpad`);
  }
  for (const scratchpad of scratchpads) {
    if (engines.length > 0 && !inputsOf.get(scratchpad.id)?.some((id) => typeOf(id) === 'dma'))
      loose(scratchpad, `${scratchpad.name} is not joined to a DMA engine`);
  }
  for (const dma of engines) {
    const sources = inputsOf.get(dma.id) ?? [];
    const reaches = sources.some(
      (id) =>
        typeOf(id) === 'dram-channel' ||
        (typeOf(id) === 'bus' && inputsOf.get(id)?.some((from) => typeOf(from) === 'dram-channel')),
    );
    if (!reaches) loose(dma, `${dma.name} does not reach an off-chip channel`);
    if (!outputsOf.get(dma.id)?.some((id) => typeOf(id) === 'scratchpad'))
      loose(dma, `${dma.name} is not joined to a scratchpad`);
  }
  return found;
}

/**
 * Live validation of a drawn fabric: types, parameters, ports; something that computes; clocks that share a tick; names
 * that task graphs can refer to. One pass, O(nodes + links).
 */
import { type Fix, type Problem, problem } from '#core/base/problem.ts';
import { lanesId } from '#core/catalog/fabric/common.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { TASK_FORMATS } from '#core/catalog/tasks/common.ts';
import { componentProblems, parametersOf } from '#core/document/components.ts';
import { type Document, type DocumentNode, isPart } from '#core/document/document.ts';

export const isCore = ({ type }: DocumentNode): boolean => type === 'compute-core' || type === 'special-unit';

/** Two clocks share a tick where their ratio is whole to this. */
const WHOLE = 1e-9;

export function fabricProblems(document: Document): readonly Problem[] {
  const nodes = [...document.nodes.values()].filter(isPart);
  if (nodes.length === 0) {
    return [
      problem('fabric.empty', 'The fabric is empty: press Space and type ‘core’, or start from a preset', {
        severity: 'info',
        where: { document: document.id },
      }),
    ];
  }
  const structural = componentProblems(document);
  return [
    ...structural,
    ...partProblems(document, nodes),
    ...(structural.length > 0 ? [] : clockProblems(document, nodes.filter(isCore))),
    ...nameProblems(document, nodes),
    ...reachProblems(document, nodes),
  ];
}

const remove = (node: DocumentNode): Fix => ({
  title: `Delete ${node.name}`,
  edits: [{ type: 'remove-node', node: node.id }],
});

function partProblems(document: Document, nodes: readonly DocumentNode[]): readonly Problem[] {
  const found: Problem[] = [];
  const cores = nodes.filter(isCore);
  const where = { document: document.id };
  if (cores.length === 0) found.push(problem('fabric.no-core', 'Nothing here computes: add a compute core', { where }));
  if (!nodes.some(({ type }) => type === 'off-chip-channel')) {
    const message = 'There is no off-chip channel: task graphs that load or store off-chip tensors do not run on it';
    found.push(problem('fabric.no-channel', message, { severity: 'info', where }));
  }
  for (const core of cores) {
    const p = parametersOf('fabric', core);
    if (TASK_FORMATS.some((format) => integerOf(p, lanesId(format)) > 0)) continue;
    const title = 'Set Lanes int16 to 16';
    found.push(
      problem('fabric.no-lanes', `${core.name} has no lanes in any number format: nothing runs on it`, {
        where: { ...where, node: core.id, parameter: lanesId('int16') },
        fixes: [
          { title, edits: [{ type: 'set-parameter', node: core.id, parameter: lanesId('int16'), value: 16 }] },
          remove(core),
        ],
      }),
    );
  }
  for (const extra of nodes.filter(({ type }) => type === 'device').slice(1)) {
    found.push(
      problem('fabric.several-devices', `${extra.name} is a second device; a fabric is on one`, {
        where: { ...where, node: extra.id },
        fixes: [remove(extra)],
      }),
    );
  }
  for (const bank of nodes.filter(({ type }) => type === 'memory-bank')) {
    if (integerOf(parametersOf('fabric', bank), 'capacityBytes') > 0) continue;
    found.push(
      problem('fabric.empty-bank', `${bank.name} holds nothing`, {
        severity: 'warning',
        where: { ...where, node: bank.id, parameter: 'capacityBytes' },
        fixes: [remove(bank)],
      }),
    );
  }
  return found;
}

function clockProblems(document: Document, cores: readonly DocumentNode[]): readonly Problem[] {
  const clock = (node: DocumentNode) => integerOf(parametersOf('fabric', node), 'clockMegahertz', 1);
  const fastest = Math.max(...cores.map(clock));
  return cores.flatMap((core) => {
    const ratio = fastest / clock(core);
    const whole = Math.round(ratio);
    if (Math.abs(ratio - whole) <= WHOLE * ratio) return [];
    const value = Number((fastest / whole).toPrecision(15));
    const title = `Set its clock to ${Number(value.toPrecision(6))} MHz, ${whole === 1 ? 'the fastest' : `a ${whole}th of it`}`;
    return [
      problem(
        'fabric.clock',
        `${core.name}: ${clock(core)} MHz does not go into ${fastest} MHz a whole number of times`,
        {
          where: { document: document.id, node: core.id, parameter: 'clockMegahertz' },
          facts: { clock: clock(core), fastest, ratio },
          fixes: [{ title, edits: [{ type: 'set-parameter', node: core.id, parameter: 'clockMegahertz', value }] }],
        },
      ),
    ];
  });
}

/** Task graphs name cores and channels. */
function nameProblems(document: Document, nodes: readonly DocumentNode[]): readonly Problem[] {
  const seen = new Set<string>();
  return nodes.flatMap((node) => {
    if (!isCore(node) && node.type !== 'off-chip-channel') return [];
    const isRepeated = seen.has(node.name);
    seen.add(node.name);
    const fault = isRepeated
      ? 'is the name of another part too; a task graph that names it means the first'
      : node.name.includes(',')
        ? 'has a comma; a task graph cannot name it'
        : null;
    if (fault === null) return [];
    const where = { document: document.id, node: node.id };
    return [problem('fabric.name', `‘${node.name}’ ${fault}`, { severity: 'warning', where })];
  });
}

/** What each node is fed by, directly or through one bank. */
export function reachOf(document: Document): (node: string) => ReadonlySet<string> {
  const sources = new Map<string, string[]>();
  for (const { from, to } of document.links.values())
    (sources.get(to.node) ?? sources.set(to.node, []).get(to.node)!).push(from.node);
  const of = (node: string) => sources.get(node) ?? [];
  return (node) => new Set(of(node).flatMap((source) => [source, ...of(source)]));
}

/** Banks and channels that no core reaches. A core that no bank (no channel) is joined to reaches them all. */
function reachProblems(document: Document, nodes: readonly DocumentNode[]): readonly Problem[] {
  const reaches = reachOf(document);
  const ofCores = nodes.filter(isCore).map(({ id }) => reaches(id));
  return ['memory-bank', 'off-chip-channel'].flatMap((type) => {
    const parts = nodes.filter((node) => node.type === type);
    const isJoined = (reached: ReadonlySet<string>) => parts.some(({ id }) => reached.has(id));
    if (ofCores.length === 0 || !ofCores.every(isJoined)) return [];
    return parts
      .filter(({ id }) => !ofCores.some((reached) => reached.has(id)))
      .map((node) =>
        problem('fabric.unreached', `No core reaches ${node.name}: join it to one`, {
          severity: 'warning',
          where: { document: document.id, node: node.id },
          fixes: [remove(node)],
        }),
      );
  });
}

/** Models on the canvas: operators of the catalog, ports expanded where variadic. */
import { OPERATOR_CATEGORIES } from '#core/catalog/operator-type.ts';
import { OPERATOR_TYPES, operatorType } from '#core/catalog/operators.ts';
import { booleanOf, textOf } from '#core/catalog/parameter.ts';
import type { DocumentNode } from '#core/document/document.ts';
import { canConnect } from '#core/model/connection.ts';
import { operatorPorts } from '#core/model/ports.ts';
import { OPERATOR_COLOURS } from '../widgets/palette.ts';
import { type Adapter, catalogEntry, categoryTitle, namedPorts } from './adapter.ts';

const ranks: ReadonlyMap<string, number> = new Map(OPERATOR_CATEGORIES.map((category, index) => [category, index]));
const catalog = OPERATOR_TYPES.map((type) => catalogEntry(type, OPERATOR_COLOURS[type.category], type.inPalette)).sort(
  (a, b) => categoryRank(a.category) - categoryRank(b.category),
);
const byId = new Map(catalog.map((entry) => [entry.id, entry]));

function categoryRank(category: string): number {
  return ranks.get(category) ?? ranks.size;
}

export const modelAdapter: Adapter = {
  kind: 'model',
  noun: 'operator',
  catalog,
  entry: (type) => byId.get(type),
  ports: (node, linked) => {
    const type = operatorType(node.type);
    return type ? operatorPorts(type, node.parameters, linked) : namedPorts(linked);
  },
  detail: modelDetail,
  canConnect,
};

/** Types whose one choice says it all: `ReLU`, `Add`. */
const NAMED_BY_CHOICE: ReadonlySet<string> = new Set(['activation', 'elementwise', 'compare']);

/** What it is, with kernel, stride and extents as the field writes them: `Convolution 3×3 /2 · 64`. */
function modelDetail(node: DocumentNode): string {
  const type = operatorType(node.type);
  if (!type) return `Unknown operator ${node.type}`;
  const { parameters } = node;
  const list = (id: string) => {
    const value = parameters[id];
    return Array.isArray(value) && value.length > 0 ? value : null;
  };
  const choice = type.parameters
    .flatMap((spec) => (spec.kind === 'choice' && (spec.id === 'function' || spec.id === 'operation') ? [spec] : []))
    .map((spec) => spec.choices.find((candidate) => candidate.value === parameters[spec.id])?.title)[0];
  if (choice !== undefined && NAMED_BY_CHOICE.has(type.id)) return categoryTitle(choice);
  const parts = [type.title];
  if (choice !== undefined) parts.push(choice.toLowerCase());
  if (type.id === 'opaque') parts.push(textOf(parameters, 'operator'));
  if (booleanOf(parameters, 'global')) parts.push('global');
  else {
    const kernel = list('kernel');
    if (kernel) parts.push(kernel.join('×'));
    const strides = list('strides');
    if (strides?.some((stride) => stride !== 1)) parts.push(`/${Math.max(...strides)}`);
  }
  const shape = list('shape');
  if (shape) parts.push(shape.join('×'));
  const extent = ['outChannels', 'units', 'hidden', 'width', 'k']
    .map((id) => parameters[id])
    .find((value) => typeof value === 'number');
  if (extent !== undefined) parts.push(`· ${extent}`);
  return parts.join(' ');
}

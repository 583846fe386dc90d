/** `--axis WHERE.PARAMETER=V,V,V`: a node by id or name, all nodes of a type, or the settings; values as their parameter declares. */
import { parseByteSize } from '#core/base/byte-size.ts';
import type { ParameterValue } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import type { DocumentFile } from '#core/document/document.ts';
import { nodeSpecs, type StudyDocuments, settingSpecs } from '#core/study/space.ts';
import type { StudyAxis, StudyMetric, StudySpec } from '#core/study/study.ts';
import { type OptionValues, UsageError } from './command.ts';
import { readValue } from './set-option.ts';

export function axesOf(
  options: OptionValues,
  documents: StudyDocuments,
  { kind, settings }: Pick<StudySpec, 'kind' | 'settings'>,
): readonly StudyAxis[] {
  const given = options.axis;
  const texts = Array.isArray(given) ? given.map(String) : [];
  if (texts.length === 0) throw new UsageError('--axis is needed, once for each parameter to sweep');
  return texts.map((text) => {
    const [, left = '', values = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const dot = left.indexOf('.') < 0 ? -1 : left.startsWith('settings.') ? 'settings'.length : left.lastIndexOf('.');
    if (dot < 1 || values === '') throw new UsageError(`--axis takes NODE.PARAMETER=VALUE,VALUE…, not '${text}'`);
    const place = left.slice(0, dot);
    const parameter = left.slice(dot + 1);
    if (place === 'settings') {
      const specs = settingSpecs(kind, settings);
      const spec = specs.find(({ id }) => id === parameter);
      if (!spec)
        throw new UsageError(`the settings have no ${parameter}; they have ${specs.map(({ id }) => id).join(', ')}`);
      return axisOf('settings', [], spec, values, spec.title);
    }
    for (const part of ['architecture', 'model'] as const) {
      const file = documents[part];
      const nodes = nodesOf(file, place);
      if (nodes.length === 0) continue;
      const [first] = nodes;
      const specs = nodeSpecs(file.kind, first!.type);
      const spec = specs.find(({ id }) => id === parameter);
      if (!spec) throw new UsageError(`${place} has no ${parameter}; it has ${specs.map(({ id }) => id).join(', ')}`);
      return axisOf(
        part,
        nodes.map(({ id }) => id),
        spec,
        values,
        `${place} ${spec.title.toLowerCase()}`,
      );
    }
    throw new UsageError(`--axis ${text}: neither a node nor a type of node is called ${place}`);
  });
}

/** By id, by name, or all of a type. */
function nodesOf({ nodes }: DocumentFile, place: string) {
  const exact = nodes.filter(({ id }) => id === place);
  if (exact.length > 0) return exact;
  const named = nodes.filter(({ name }) => name === place);
  return named.length > 0 ? named.slice(0, 1) : nodes.filter(({ type }) => type === place);
}

function axisOf(
  of: StudyAxis['of'],
  nodes: readonly string[],
  spec: ParameterSpec,
  values: string,
  title: string,
): StudyAxis {
  const { id: parameter } = spec;
  const unit = 'unit' in spec ? spec.unit : '';
  return { of, nodes, parameter, title, unit, values: values.split(',').map((text) => axisValue(spec, text.trim())) };
}

/** Sizes as 64KiB; lists of numbers as 3x3. */
function axisValue(spec: ParameterSpec, text: string): ParameterValue {
  if (spec.kind === 'integers') return readValue(spec, text.replaceAll('x', ','));
  if ('unit' in spec && spec.unit === 'B') return parseByteSize(text) ?? Number.NaN;
  return readValue(spec, text);
}

/** Metrics by id, or by a part of it that no other has: `cycles`, `energy`, `area`. */
export function objectivesNamed(names: readonly string[], metrics: readonly StudyMetric[]): readonly string[] {
  return names.map((name) => {
    const exact = metrics.find(({ id }) => id === name);
    const parts = metrics.filter(({ id }) => id.split('.').includes(name));
    const found = exact ?? (parts.length === 1 ? parts[0] : undefined);
    if (!found)
      throw new UsageError(`--objectives takes some of ${metrics.map(({ id }) => id).join(', ')}, not '${name}'`);
    return found.id;
  });
}

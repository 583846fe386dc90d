/** `--set ID=VALUE`: parameters of a technique, read and checked as its manifest declares them. */
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { type Option, type OptionValues, UsageError } from './command.ts';

export const SET_OPTION = {
  type: 'string',
  multiple: true,
  value: 'ID=VALUE',
  help: 'One of its parameters; may be given several times. An unknown one lists those there are.',
} as const satisfies Option;

/** Only what was set. */
export function parametersSet(options: OptionValues, specs: readonly ParameterSpec[]): ParameterValues {
  const set: Record<string, ParameterValue> = {};
  const given = options.set;
  for (const text of Array.isArray(given) ? given : []) {
    const [, id = '', value = ''] = /^([^=]+)=(.*)$/s.exec(String(text)) ?? [];
    const spec = specs.find((one) => one.id === id);
    if (!spec)
      throw new UsageError(
        `--set takes ID=VALUE with ID one of ${specs.map((one) => one.id).join(', ')}, not '${String(text)}'`,
      );
    const read = readValue(spec, value);
    const fault = parameterFault(spec, read);
    if (fault) throw new UsageError(`--set ${id}: ${fault}`);
    set[id] = read;
  }
  return set;
}

/** Of a text as its parameter declares it; what is none is left for `parameterFault`. */
export function readValue(spec: ParameterSpec, text: string): ParameterValue {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return text.trim() === '' ? Number.NaN : Number(text);
    case 'integers':
      return text === '' ? [] : text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'choice':
    case 'text':
      return text;
  }
}

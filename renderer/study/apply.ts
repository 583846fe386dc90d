/** A point put into the drawings: which values change, as one undoable command a document. Pure. */
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import { nodeSpecs, pointChanges, settingSpecs } from '#core/study/space.ts';
import type { StudySpec } from '#core/study/study.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { valueText } from './units.ts';

export interface ChangeLine {
  /** Empty for settings. */
  readonly node: string;
  readonly parameter: string;
  /** `Array: rows`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface DocumentChange {
  readonly document: string;
  readonly title: string;
  /** Null where every value is as drawn. */
  readonly command: Command | null;
  readonly lines: readonly ChangeLine[];
  /** Nodes of the study that are no longer drawn. */
  readonly missing: number;
}

/** @param what names the point: the label of the step. */
export function documentChange(
  document: Document,
  changes: Readonly<Record<string, ParameterValues>>,
  what: string,
): DocumentChange {
  const commands: Command[] = [];
  const lines: ChangeLine[] = [];
  let missing = 0;
  for (const [id, values] of Object.entries(changes)) {
    const node = document.nodes.get(id);
    if (!node) {
      missing++;
      continue;
    }
    const specs = nodeSpecs(document.kind, node.type);
    for (const [parameter, value] of Object.entries(values)) {
      const spec = specs.find((one) => one.id === parameter);
      const before = node.parameters[parameter] ?? spec?.default;
      if (JSON.stringify(before) === JSON.stringify(value)) continue;
      const unit = spec && 'unit' in spec ? spec.unit : '';
      commands.push({ type: 'node.set-parameter', node: id, parameter, value });
      lines.push({
        node: id,
        parameter,
        what: `${node.name}: ${(spec?.title ?? parameter).toLowerCase()}`,
        before: before === undefined ? '–' : valueText(before, unit),
        after: valueText(value, unit),
      });
    }
  }
  return {
    document: document.id,
    title: document.title,
    command: commands.length === 0 ? null : { type: 'batch', label: what, commands },
    lines,
    missing,
  };
}

/** The settings of the next run with the point's axes, and what that changes. */
export function settingsChange<T extends StudySpec['settings']>(
  spec: StudySpec,
  choice: Choice,
  current: T,
): { readonly settings: StudySpec['settings']; readonly lines: readonly ChangeLine[] } {
  const { settings } = pointChanges({ ...spec, settings: current }, choice);
  const specs = settingSpecs(spec.kind, current);
  const read = (of: StudySpec['settings'], parameter: string): ParameterValue | null => {
    const flat: Readonly<Record<string, unknown>> = 'scheduler' in of ? { ...of, ...schedulerValues(of) } : { ...of };
    const value = flat[parameter] ?? specs.find(({ id }) => id === parameter)?.default;
    return isValue(value) ? value : null;
  };
  const lines = spec.axes.flatMap(({ of, parameter, title, unit }) => {
    if (of !== 'settings') return [];
    const isOverride = parameter === 'scratchpadBytes';
    const was = isOverride && 'scheduler' in current ? current.scratchpadBytes : read(current, parameter);
    const now = read(settings, parameter);
    if (now === null || JSON.stringify(was) === JSON.stringify(now)) return [];
    return [
      {
        node: '',
        parameter,
        what: title,
        before: was === null ? 'as drawn' : valueText(was, unit),
        after: valueText(now, unit),
      },
    ];
  });
  return { settings, lines };
}

function schedulerValues({ scheduler }: Extract<StudySpec['settings'], { scheduler: unknown }>): ParameterValues {
  return Object.fromEntries(Object.entries(scheduler.parameters).map(([id, value]) => [`scheduler.${id}`, value]));
}

function isValue(value: unknown): value is ParameterValue {
  return ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
}

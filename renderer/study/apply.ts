/** A point put into the drawings: which values change, as one undoable command a document. Pure. */
import type { ParameterValues } from '#core/base/value.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import { nodeSpecs, pointChanges, SCHEDULER_AXIS, settingSpecs } from '#core/study/space.ts';
import type { StudySpec } from '#core/study/study.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { settingValue } from './axes.ts';
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

/**
 * The settings of the next run with the point's axes, and what that changes. Parameters of a scheduler mean nothing to
 * another one: where they are swept, the study's scheduler comes with them.
 */
export function settingsChange(
  spec: StudySpec,
  choice: Choice,
  current: StudySpec['settings'],
): { readonly settings: StudySpec['settings']; readonly lines: readonly ChangeLine[] } {
  const { settings } = pointChanges({ ...spec, settings: withSweptScheduler(spec, current) }, choice);
  const specs = settingSpecs(spec.kind, settings);
  const lines = spec.axes.flatMap(({ of, parameter, title, unit }): readonly ChangeLine[] => {
    const declared = of === 'settings' ? specs.find(({ id }) => id === parameter) : undefined;
    if (!declared) return [];
    const [was, now] = [settingValue(declared, current), settingValue(declared, settings)];
    if (now === null || JSON.stringify(was) === JSON.stringify(now)) return [];
    const before = was === null ? 'as drawn' : valueText(was, unit);
    return [{ node: '', parameter, what: title, before, after: valueText(now, unit) }];
  });
  const [before, after] = [schedulerOf(current), schedulerOf(settings)];
  if (before === after) return { settings, lines };
  return { settings, lines: [{ node: '', parameter: 'scheduler', what: 'Scheduler', before, after }, ...lines] };
}

/** Its id; empty for a simulation. */
const schedulerOf = (settings: StudySpec['settings']): string => ('scheduler' in settings ? settings.scheduler.id : '');

function withSweptScheduler({ axes, settings }: StudySpec, current: StudySpec['settings']): StudySpec['settings'] {
  const isSwept = axes.some(({ of, parameter }) => of === 'settings' && parameter.startsWith(SCHEDULER_AXIS));
  if (!isSwept || !('scheduler' in settings) || !('scheduler' in current)) return current;
  return settings.scheduler.id === current.scheduler.id ? current : { ...current, scheduler: settings.scheduler };
}

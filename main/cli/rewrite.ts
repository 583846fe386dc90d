/** `weft rewrite`: what a rewrite would do to a model on an architecture, and the rewritten model. */
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { ok } from '#core/base/result.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { apply } from '#core/document/apply.ts';
import { toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS, MAPPING_OBJECTIVES, RUN_FORMATS } from '#core/run/settings.ts';
import { propose, rewrites } from '#core/technique/propose.ts';
import type { LayerFigures, Predicted, Proposal } from '#core/technique/rewrite.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import { formatDocument } from '#projects/text.ts';
import {
  type Command,
  choiceOption,
  DONE,
  FAILED,
  printProblems,
  required,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { tableText } from './scheduling.ts';
import { parametersSet, SET_OPTION } from './set-option.ts';

const slugOf = (id: string): string => id.slice(id.indexOf('/') + 1);
const NAMES = rewrites.map(({ manifest }) => slugOf(manifest.id));

export const rewriteCommand: Command = {
  name: 'rewrite',
  positionals: ['MODEL'],
  summary: 'Proposes a change of the model that suits it to an architecture, and writes the changed model.',
  details: `A rewrite changes what the model computes: it has to be retrained. Figures are predicted, layers one after the
other. --out writes the rewritten model as a document; a model that nothing is proposed for is written as it is. With
--json: {technique, parameters, label, finding, layers: [{node, name, change, before: {cycles, macs, unit, utilisation, because},
after}], before: {cycles, macs, meanUtilisation, utilisation}, after, file, problems}; label and change are null where nothing
is changed, utilisation is the share of an array's cell-cycles that multiply-accumulate (0 to 1, 0 on other units).
${rewrites.map(({ manifest }) => `${slugOf(manifest.id)}: ${manifest.summary}\n${manifest.parameters.map(({ id, help }) => `  ${id}: ${help}`).join('\n')}`).join('\n')}`,
  options: {
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture of any form that can be imported, or a project; unless given, the one in the project.',
    },
    technique: { type: 'string', value: 'NAME', help: `${NAMES.join(', ')}.` },
    set: SET_OPTION,
    format: { type: 'string', value: 'FORMAT', help: `${RUN_FORMATS.join(', ')}; int8 unless given.` },
    objective: {
      type: 'string',
      value: 'WHAT',
      help: `${MAPPING_OBJECTIVES.join(', ')}: what mapping minimises; cycles unless given.`,
    },
    out: { type: 'string', value: 'FILE', help: 'Where the rewritten model goes, as a JSON document.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const technique = required(choiceOption(options, 'technique', NAMES), 'technique');
    const { manifest } = rewrites[NAMES.indexOf(technique)]!;
    const parameters = { ...defaultParameters(manifest.parameters), ...parametersSet(options, manifest.parameters) };
    const settings = {
      format: choiceOption(options, 'format', RUN_FORMATS) ?? DEFAULT_SETTINGS.format,
      objective: choiceOption(options, 'objective', MAPPING_OBJECTIVES) ?? DEFAULT_SETTINGS.objective,
    };
    const out = textOption(options, 'out');
    const loaded = loadModel(source, choicesOf(options));
    if (!loaded.ok) return failed([loaded.error]);
    const { model, problems } = loaded.value;
    const named = textOption(options, 'architecture');
    if (named === undefined && loaded.value.architecture === null)
      throw new UsageError('--architecture is needed: a preset, a document or a project');
    const architecture = named === undefined ? ok(loaded.value.architecture!) : loadArchitecture(named);
    if (!architecture.ok) return failed([architecture.error]);

    const made = propose({ id: manifest.id, model, architecture: architecture.value, settings, parameters });
    if (!made.ok) return failed([...problems, made.error]);
    const { command, ...figures } = made.value;
    const applied = command && apply(model, command);
    if (applied && !applied.ok) return failed([...problems, applied.error]);
    if (out !== undefined) {
      const written = writeFileAtomic(out, formatDocument(toFile(applied ? applied.value.document : model)));
      if (!written.ok) return failed([written.error]);
    }
    printProblems(problems, io);
    const label = applied ? applied.value.label : null;
    if (options.json)
      io.out(JSON.stringify({ technique: manifest.id, parameters, label, ...figures, file: out ?? null, problems }));
    else {
      io.out(`${manifest.title}. ${made.value.finding}`);
      io.out(proposalText(made.value, (unit) => architecture.value.nodes.get(unit)?.name ?? unit));
      if (label !== null) io.out('The rewritten model computes something else: it has to be retrained.');
      if (out !== undefined) io.out(out);
    }
    return DONE;

    function failed(found: readonly Problem[]): number {
      printProblems(found, io);
      if (options.json) io.out(JSON.stringify({ problems: found }));
      return FAILED;
    }
  },
};

/** Changed layers, all where there is none; totals last. */
function proposalText({ command, layers, before, after }: Proposal, nameOf: (unit: string) => string): string {
  const pair = (was: string, is: string) => (command === null ? was : `${was} → ${is}`);
  const figures = (was: Figures, is: Figures) => [
    pair(share(was.utilisation), share(is.utilisation)),
    pair(formatExact(was.cycles, ''), formatExact(is.cycles, '')),
    pair(formatExact(was.macs, ''), formatExact(is.macs, '')),
  ];
  const why = ({ because, unit }: LayerFigures) => because ?? (unit === null ? 'no unit' : `on ${nameOf(unit)}`);
  const rows = layers
    .filter(({ change }) => command === null || change !== null)
    .map(({ name, change, before: was, after: is }) => [name, change ?? '', ...figures(was, is), why(was)]);
  const mean = ({ meanUtilisation: utilisation, cycles, macs }: Predicted): Figures => ({ utilisation, cycles, macs });
  return tableText(
    '<<>>><',
    ['layer', 'change', 'utilisation', 'cycles', 'MACs', 'idle because'],
    [...rows, ['all layers, mean and sums', '', ...figures(mean(before), mean(after)), '']],
  );
}

type Figures = Pick<LayerFigures, 'utilisation' | 'cycles' | 'macs'>;
const share = (value: number) => formatQuantity(value, '1');

import { validateArchitecture } from '#core/architecture/validate.ts';
import { buildModel } from '#core/model/build.ts';
import { type Command, DONE, FAILED, printProblems, textOption } from './command.ts';
import { choicesOf, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';

export const checkCommand: Command = {
  name: 'check',
  positionals: ['FILE_OR_PROJECT'],
  summary: 'Validates a model, and an architecture where there is one, without running.',
  details:
    'Exit code 0 when there is no error (warnings are printed), 1 when there is. With --json: {errors, warnings, problems}.',
  options: {
    architecture: { type: 'string', value: 'PRESET_OR_FILE', help: 'An architecture to validate too.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const loaded = loadModel(source, choicesOf(options));
    const named = textOption(options, 'architecture');
    const architecture = named === undefined ? null : loadArchitecture(named);
    const drawn = architecture?.ok ? architecture.value : loaded.ok ? loaded.value.architecture : null;
    const problems = [
      ...(loaded.ok ? [...loaded.value.problems, ...buildModel(loaded.value.model).problems] : [loaded.error]),
      ...(architecture && !architecture.ok ? [architecture.error] : []),
      ...(drawn ? validateArchitecture(drawn) : []),
    ];
    printProblems(problems, io);
    const count = (severity: string) => problems.filter((found) => found.severity === severity).length;
    if (options.json) io.out(JSON.stringify({ errors: count('error'), warnings: count('warning'), problems }));
    else io.out(`${count('error')} errors, ${count('warning')} warnings`);
    return count('error') === 0 ? DONE : FAILED;
  },
};

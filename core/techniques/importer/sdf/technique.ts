/** SDF and CSDF graphs (JSON) as task graphs: actors become tasks of explicit times, channels streams. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { tasksOfSdf } from '#core/taskgraph/sdf.ts';
import type { Importer } from '#core/technique/importer.ts';

const LARGEST_FILE = 64 * 2 ** 20;

export const technique: Importer = {
  manifest: {
    id: 'importer/sdf',
    kind: 'importer',
    version: '1.0.0',
    title: 'SDF graph',
    summary: 'Opens synchronous and cyclo-static dataflow graphs (JSON: actors, channels) as task graphs.',
    maturity: 'stable',
    citations: [
      {
        text: 'Lee, Messerschmitt, Synchronous data flow, Proc. IEEE 75(9), 1987',
        reference: '10.1109/PROC.1987.13876',
      },
      { text: 'Stuijk, Geilen, Basten, SDF³: SDF for free, ACSD 2006', reference: '10.1109/ACSD.2006.23' },
    ],
    parameters: [],
  },
  extensions: ['.json'],
  match(name, head) {
    const text = new TextDecoder().decode(head);
    return /\.json$/i.test(name) && /"actors"\s*:/.test(text) && !/"format"\s*:\s*"weft-/.test(text);
  },
  open(source, { document, file }) {
    const failed = (message: string) => err(problem('sdf.unreadable', `${file}: ${message}`, { where: { file } }));
    if (source.size > LARGEST_FILE) return failed(`larger than ${LARGEST_FILE} bytes`);
    const read = parseSdf(new TextDecoder().decode(source.read(0, source.size)));
    if (!read.ok) {
      const { message, where, facts } = read.error;
      return err(problem('sdf.unreadable', `${file}: ${message}`, { where: { ...where, file }, facts }));
    }
    const [first, ...rest] = read.value.graphs;
    if (!first) return failed('there is no graph in it');
    const { graph, isConsistent } = tasksOfSdf(first);
    const problems: Problem[] = [];
    const tell = (code: string, message: string, severity: 'warning' | 'info') =>
      problems.push(problem(`sdf.${code}`, message, { severity, where: { document, file } }));
    if (rest.length > 0) {
      const others = rest.map(({ name }) => name).join(', ');
      tell(
        'several',
        `${first.name} is the first of ${rest.length + 1} graphs; the others are left out: ${others}`,
        'warning',
      );
    }
    if (!isConsistent)
      tell(
        'inconsistent',
        `${first.name} is not consistent: its tokens cannot balance, every task fires its phases once`,
        'warning',
      );
    const overlapping = first.actors.filter(
      (_, actor) => !first.channels.some(({ from, to }) => from === actor && to === actor),
    );
    if (overlapping.length > 0) {
      const names = overlapping
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ');
      const and = overlapping.length > 3 ? ` and ${overlapping.length - 3} more` : '';
      tell(
        'overlap',
        `Firings of ${names}${and} may overlap in the graph; a task fires one firing after another`,
        'info',
      );
    }
    const title =
      graph.title === 'graph' ? file.replace(/^.*[/\\]/, '').replace(/\.json$/i, '') || 'Graph' : graph.title;
    return ok({
      document: drawTaskGraph({ ...graph, title }, document),
      problems,
      facts: null,
      source: { format: 'SDF graph', producer: '', opsets: {} },
    });
  },
};

import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import { EVALUATION_LIMIT } from '#core/sdf/buffers.ts';
import type { SdfGraph } from '#core/sdf/graph.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { type AnalysisView, analysisView, bufferView } from '#core/sdf/view.ts';
import { drawnSdf } from '#core/stages/sdf.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { PROJECT_EXTENSION } from '#projects/project.ts';
import { readDocumentFile } from '#projects/text.ts';
import { type Command, DONE, FAILED, integerOption, printProblems, textOption, UsageError } from './command.ts';
import { loadFiles } from './inputs.ts';

export const sdfCommand: Command = {
  name: 'sdf',
  positionals: ['GRAPH_OR_PROJECT'],
  summary:
    'Analyses synchronous and cyclo-static dataflow graphs: consistency, deadlock, throughput, latency, buffers.',
  details: `Reads one graph or a list: {name, actors: [{id, time}], channels: [{id, src, dst, prod, cons, tokens}]}, times and
rates with one entry a phase; or the task graphs of a project or document: tasks as built, on as many lanes as they are unrolled
for, one firing after another, FIFOs as deep as drawn (with --buffers as deep as it takes). Firings of actors overlap unless a channel from the actor to itself forbids it. With --json: {name,
consistent, inconsistency, repetition: {actor: firings}, repetitionSum, deadlock, deadlockCycle, throughput, critical,
timelessCycles, latency}; for a list without --graph a list of these. throughput is iterations a tick with unbounded
buffers: "p/q" in lowest terms, "0" on deadlock, null when inconsistent, "infinity" where no cycle takes time.
With --buffers: the Pareto list [{size, throughput, distributions, sizeWithSelfLoops}] from the least size that runs to
the least that is as fast as unbounded buffers; size is Σ capacity, in tokens, over channels between different actors. For
a list without --graph: [{name, isComplete, exactTo, buffers}].`,
  options: {
    graph: { type: 'string', value: 'NAME', help: 'This graph of a list.' },
    buffers: { type: 'boolean', help: 'Buffer sizes against throughput.' },
    limit: {
      type: 'string',
      value: 'N',
      help: `Distributions of buffers to analyse at most (${EVALUATION_LIMIT}, fewer for large graphs).`,
    },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run([file = ''], options, io) {
    const limit = integerOption(options, 'limit', 1);
    if (limit !== undefined && !options.buffers) throw new UsageError('--limit goes with --buffers');
    const read = readGraphs(file, textOption(options, 'graph'), options.buffers !== true);
    if (!read.ok) return failed([read.error]);
    const { graphs, isList } = read.value;
    const problems: Problem[] = [];
    if (options.buffers) {
      const views = graphs.map((graph) => {
        const found = bufferView(graph, limit === undefined ? {} : { evaluations: limit });
        if (!found.ok) {
          problems.push(found.error);
          return { name: graph.name, isComplete: false, exactTo: null, buffers: [] };
        }
        if (!found.value.isComplete)
          problems.push(
            problem(
              'sdf.limit',
              `${graph.name}: the search ended after ${found.value.evaluations} distributions; the list is whole up to size ${found.value.exactTo}`,
            ),
          );
        const { isComplete, exactTo, buffers } = found.value;
        return { name: graph.name, isComplete, exactTo, buffers };
      });
      if (options.json) io.out(JSON.stringify(isList ? views : views[0]!.buffers));
      else
        for (const { name, buffers } of views) {
          io.out(`${name}: ${buffers.length === 0 ? 'no buffers let it run' : 'size  throughput'}`);
          for (const { size, throughput } of buffers) io.out(`  ${String(size).padStart(8)}  ${throughput}`);
        }
    } else {
      const views = graphs.map((graph) => {
        const found = analysisView(graph);
        if (found.problem) problems.push(found.problem);
        return found.view;
      });
      if (options.json) io.out(JSON.stringify(isList ? views : views[0]));
      else for (const view of views) io.out(said(view));
    }
    printProblems(problems, io);
    return problems.length === 0 ? DONE : FAILED;

    function failed(found: readonly Problem[]): number {
      printProblems(found, io);
      if (options.json) io.out(JSON.stringify({ problems: found }));
      return FAILED;
    }
  },
};

function said(view: AnalysisView): string {
  const { name, repetition, latency, critical } = view;
  if (view.inconsistency) return `${name}: inconsistent: ${view.inconsistency.message}`;
  const lines = [`${name}: consistent, ${view.repetitionSum} firings an iteration`];
  lines.push(
    `  repetition  ${Object.entries(repetition ?? {})
      .map(([actor, count]) => `${actor} ${count}`)
      .join(', ')}`,
  );
  if (view.deadlockCycle) lines.push(`  deadlock    ${view.deadlockCycle.map(({ message }) => message).join('; ')}`);
  else
    lines.push(
      `  throughput  ${view.throughput ?? 'not known'}${view.throughput === 'infinity' ? '' : ' iterations a tick'}`,
    );
  if (critical) lines.push(`  critical    ${critical.actors.join(', ')} on ${critical.channels.join(', ')}`);
  for (const cycle of view.timelessCycles) lines.push(`  no time     passes on the cycles of ${cycle.join(', ')}`);
  if (latency) {
    lines.push(`  latency     first iteration ${latency.firstIteration} ticks`);
    for (const { from, to, ticks } of latency.steady)
      lines.push(`              ${from} to ${to}: ${ticks === null ? 'none' : `${ticks} ticks`}`);
  }
  return lines.join('\n');
}

interface Graphs {
  readonly isList: boolean;
  readonly graphs: readonly SdfGraph[];
}

function readGraphs(file: string, name: string | undefined, isBounded: boolean): Result<Graphs, Problem> {
  if (!existsSync(file)) return err(problem('file.missing', `There is no file ${file}`, { where: { file } }));
  const isProject = statSync(file).isDirectory() || extname(file).toLowerCase() === PROJECT_EXTENSION;
  const read = isProject ? drawnGraphs(file, isBounded) : fileGraphs(file, isBounded);
  if (!read.ok || name === undefined) return read;
  const { graphs } = read.value;
  const graph = graphs.find((one) => one.name === name);
  if (graph) return ok({ isList: false, graphs: [graph] });
  const names = graphs.map((one) => one.name).join(', ');
  return err(problem('sdf.graph', `There is no graph ${name}; there are ${names || 'none'}`, { where: { file } }));
}

/** Dataflow graphs, else a drawn task graph; where it is neither, why it is not the first. */
function fileGraphs(file: string, isBounded: boolean): Result<Graphs, Problem> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(fileProblem('file.read-failed', `${file} could not be read`, file, cause));
  }
  const parsed = parseSdf(text);
  if (parsed.ok) return parsed;
  return readDocumentFile(file).ok ? drawnGraphs(file, isBounded) : err({ ...parsed.error, where: { file } });
}

/** The task graphs of a project or of a document's file. */
function drawnGraphs(file: string, isBounded: boolean): Result<Graphs, Problem> {
  const files = loadFiles(file);
  if (!files.ok) return files;
  const drawings = files.value.filter(({ kind }) => kind === 'tasks');
  if (drawings.length === 0) return err(problem('sdf.no-tasks', `${file} holds no task graph`, { where: { file } }));
  const graphs: SdfGraph[] = [];
  for (const drawing of drawings) {
    const { graph, problems } = readTaskGraph(fromFile(drawing));
    if (graph === null) {
      const wrong = problems.find(({ severity }) => severity === 'error');
      return err(wrong ?? problem('sdf.no-tasks', `${drawing.title} is empty`, { where: { file } }));
    }
    const drawn = drawnSdf(graph, isBounded);
    if (!drawn.ok) return drawn;
    graphs.push({ ...drawn.value, name: drawing.title });
  }
  return ok({ isList: graphs.length > 1, graphs });
}

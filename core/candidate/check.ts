/**
 * Checks one candidate of a compiled model and times it against the compiler's own lowering: the operator alone from cold, and
 * the whole run with and without it. Deterministic: the same text on the same inputs gives the same report.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Program } from '#core/program/program.ts';
import { trafficOf } from '#core/program/verify.ts';
import { type ProgramRun, type ProgramServices, programRun } from '#core/run/program-run.ts';
import type { RunInputs } from '#core/run/result.ts';
import { techniques } from '#core/technique/registry.ts';
import { admission, loweredAlone, placesIn } from './admit.ts';
import { aloneOf, alonePieces, aloneProgram } from './alone.ts';
import { parseCandidate } from './parse.ts';
import type { CandidateComparison, CandidateCost, CandidateReport } from './report.ts';
import { type ResolvedCandidate, resolveCandidate } from './resolve.ts';
import { noOperator, operatorOf } from './use.ts';

export interface CandidateCheck {
  /** Without candidates of the operator. */
  readonly inputs: RunInputs;
  /** Any document node of the operator. */
  readonly node: string;
  readonly text: string;
}

/**
 * A candidate that is wrong gives a report that says so. Problems: those of a run without it, `candidate.no-operator`,
 * `run.cancelled`.
 */
export function checkCandidate(check: CandidateCheck, services: ProgramServices): Result<CandidateReport, Problem> {
  const { settings } = check.inputs;
  const compiler = programRun({ ...check.inputs, settings: withoutCandidate(settings, check.node) }, services);
  return compiler.ok ? checkAgainst(compiler.value, check, services) : compiler;
}

function withoutCandidate({ candidates, ...settings }: RunInputs['settings'], node: string): RunInputs['settings'] {
  const others = Object.entries(candidates ?? {}).filter(([other]) => other !== node);
  return others.length === 0 ? settings : { ...settings, candidates: Object.fromEntries(others) };
}

/** The same against a run of the compiler's own lowering that is at hand. */
export function checkAgainst(
  compiler: ProgramRun,
  { inputs, node, text }: CandidateCheck,
  services: ProgramServices,
): Result<CandidateReport, Problem> {
  const { compiled, machine, problem: instance, bodies } = compiler;
  const { graph } = compiled;
  const operator = operatorOf(graph, node);
  if (operator === -1) return err(noOperator(node));
  const kernel = graph.operators[operator]!;
  const report: CandidateReport = {
    format: 'weft-candidate-report/1',
    node: kernel.nodes[0]!,
    operator: kernel.name,
    isAccepted: false,
    failedAt: null,
    problems: [],
    commands: 0,
    mapping: null,
    values: null,
    alone: null,
    run: null,
  };
  const parsed = parseCandidate(text);
  const resolved = parsed.ok
    ? resolveCandidate(parsed.value, operator, {
        graph,
        problem: instance,
        machine,
        models: techniques.unit,
        settings: inputs.settings,
      })
    : parsed;
  if (!resolved.ok) return ok({ ...report, failedAt: 'text', problems: [resolved.error] });
  const known = {
    ...report,
    commands: resolved.value.candidate.commands.length,
    mapping: resolved.value.mapped.mapping.description,
  };
  const [simulator] = techniques.simulator;
  const { control } = services;
  const { settings } = inputs;
  const admitted = admission({ resolved: resolved.value, graph, bodies, machine, settings, simulator, control });
  if (!admitted.ok) {
    if (admitted.error.code === 'run.cancelled') return admitted;
    const failedAt = admitted.error.code === 'candidate.budget' ? 'values' : 'text';
    return ok({ ...known, failedAt, problems: [admitted.error] });
  }
  const { stage, problems, played, cases, firstWrong } = admitted.value;
  const values = stage === 'order' ? null : { played, of: cases, firstWrong };
  if (stage) return ok({ ...known, failedAt: stage, problems, values });

  const alone = compareAlone(compiler, resolved.value, inputs, services);
  if (!alone.ok) return alone;
  const candidates = { ...withoutCandidate(settings, node).candidates, [node]: text };
  const whole = programRun(
    { ...inputs, settings: { ...settings, candidates } },
    { ...services, candidatesAreProved: true },
  );
  if (!whole.ok) {
    if (whole.error.code === 'run.cancelled') return whole;
    return ok({ ...known, failedAt: 'schedule', problems: [whole.error], values, alone: alone.value });
  }
  const run = comparison(costOf(whole.value.program, whole.value.timing), costOf(compiler.program, compiler.timing));
  return ok({ ...known, isAccepted: true, values, alone: alone.value, run });
}

function compareAlone(
  { compiled: { graph, mapped }, bodies, machine }: ProgramRun,
  resolved: ResolvedCandidate,
  { settings }: RunInputs,
  { control }: ProgramServices,
): Result<CandidateComparison, Problem> {
  const { operator } = resolved;
  const [simulator] = techniques.simulator;
  const { format } = settings;
  const alone = aloneOf({ graph, bodies, operator, machine, format, ...placesIn(resolved), isObserved: false });
  const candidate = loweredAlone(alone, resolved, machine, false);
  if (!candidate.ok) return candidate;
  const own = mapped[operator]!;
  const compiler = aloneProgram(alone, own, alonePieces(alone, own), null);
  const [ours, theirs] = [candidate.value.program, compiler.program].map((program) => {
    const timing = simulator.simulate(program, alone.machine, control);
    return timing && costOf(program, timing);
  });
  if (!ours || !theirs)
    return err(problem('run.cancelled', 'Checking the candidate was stopped', { severity: 'info' }));
  return ok(comparison(ours, theirs));
}

function costOf(program: Program, { makespan }: { readonly makespan: number }): CandidateCost {
  const { compulsory, spill, refetch } = trafficOf(program);
  return { cycles: makespan, offChipBytes: compulsory + spill + refetch, commands: program.length };
}

function comparison(candidate: CandidateCost, compiler: CandidateCost): CandidateComparison {
  return { candidate, compiler, speedup: compiler.cycles / candidate.cycles };
}

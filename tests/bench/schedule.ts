/**
 * The scheduler on known networks: `npm run bench schedule`, or `node tests/bench/schedule.ts` with
 *   --family classic|nas|transformer   --network NAME   --mode MODE   --S LABEL   (each may be repeated; default all)
 *   --solver ID   --set parameter=value   --seconds LIMIT (a case, 30)   --write (the table into the README)
 * Every answer is verified, and recounted by ../shared/tools/check-schedule.mjs where that is present.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { schedulerById } from '#core/technique/registry.ts';
import { machineLine } from '../support/measure.ts';
import { type NamedNetwork, NETWORKS } from '../support/networks/index.ts';
import { type Target, targetsOf } from '../support/networks/targets.ts';
import { sharedPath } from '../support/shared.ts';

const KIB = 1024;
const POLICIES = ['fileOrder+lru', 'fileOrder+belady', 'fileOrder+greedy', 'fileOrder+optimalResidency', 'noReuse'];
const README = new URL('../../core/schedule/README.md', import.meta.url);

const { values: flags } = parseArgs({
  options: {
    family: { type: 'string', multiple: true },
    network: { type: 'string', multiple: true },
    mode: { type: 'string', multiple: true },
    S: { type: 'string', multiple: true },
    solver: { type: 'string', default: DEFAULT_SETTINGS.scheduler.id },
    set: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '30' },
    write: { type: 'boolean', default: false },
  },
});

interface Outcome extends Target {
  readonly network: NamedNetwork;
  readonly operators: number;
  readonly seconds: number;
  /** Processor time, seconds: what the search takes where the machine does nothing else. */
  readonly processor: number;
  /** Longest time without a report, and from the limit to the answer, seconds. */
  readonly silence: number;
  readonly afterLimit: number;
  readonly answer: ScheduleAnswer | null;
  /** What the verifier or the independent checker holds against the answer. */
  readonly fault: string | null;
}

const has = (wanted: readonly string[] | undefined, value: string): boolean =>
  wanted === undefined || wanted.some((one) => one.toLowerCase() === value.toLowerCase());

type Checker = (
  problem: ScheduleProblem,
  answer: ScheduleAnswer,
  target: { S: number; mode: ScheduleMode },
) => { ok: boolean; errors: readonly string[]; addressed: boolean; nonCompulsory: number };

const checkerPath = sharedPath('tools/check-schedule.mjs');
const check: Checker | null = checkerPath ? (await import(pathToFileURL(checkerPath).href)).checkSchedule : null;

function recount(problem: ScheduleProblem, answer: ScheduleAnswer): string | null {
  if (!check) return null;
  const { ok, errors, addressed, nonCompulsory } = check(problem, answer, answer);
  if (!ok) return `checker: ${errors[0]}`;
  if (!addressed) return 'checker: addresses are missing';
  return nonCompulsory === answer.objective ? null : `checker: ${nonCompulsory} B, claimed ${answer.objective}`;
}

const found = schedulerById(flags.solver);
if (!found.ok) {
  console.error(found.error.message);
  process.exit(2);
}
const scheduler = found.value;
const parameters: ParameterValues = {
  ...defaultParameters(scheduler.manifest.parameters),
  ...Object.fromEntries(
    flags.set.map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name, Number.isNaN(Number(value)) ? value : Number(value)];
    }),
  ),
};
const mip = await loadHighs();

function run(network: NamedNetwork, problem: ScheduleProblem, target: Target): Outcome {
  const limit = Number(flags.seconds);
  const begun = performance.now();
  const used = process.cpuUsage();
  let heard = begun;
  let silence = 0;
  let stoppedAt: number | null = null;
  const hear = (): number => {
    const now = performance.now();
    silence = Math.max(silence, now - heard);
    heard = now;
    return now;
  };
  const control = {
    report: hear,
    cancelled: () => {
      const now = performance.now();
      if (now - begun > limit * 1000) stoppedAt ??= now;
      return stoppedAt !== null;
    },
  };
  const result = scheduleAndVerify(scheduler, problem, { mode: target.mode, S: target.S, parameters, mip, control });
  const ended = hear();
  const { user, system } = process.cpuUsage(used);
  const answer = result.ok ? result.value : null;
  return {
    ...target,
    network,
    operators: problem.ops.length,
    seconds: (ended - begun) / 1000,
    processor: (user + system) / 1e6,
    silence: silence / 1000,
    afterLimit: Math.max(0, (ended - begun) / 1000 - limit),
    answer,
    fault: result.ok ? recount(problem, result.value) : (result.error[0]?.message ?? 'no answer'),
  };
}

const grouped = (value: number): string => value.toLocaleString('en');
const percent = (share: number): string => `${(share * 100).toFixed(share !== 0 && Math.abs(share) < 0.1 ? 1 : 0)} %`;
/** A change by which less is moved: −12 %. */
const less = (share: number): string => (share === 0 ? '0 %' : `${share > 0 ? '−' : '+'}${percent(Math.abs(share))}`);
/** Share by which the answer undercuts a policy; null where there is nothing to undercut. */
const reduction = ({ answer }: Outcome, policy: string): number | null => {
  const bytes = answer?.baselines[policy];
  return bytes ? 1 - answer!.objective / bytes : null;
};

function cells(outcome: Outcome): readonly string[] {
  const { network, operators, mode, S, label, answer, seconds, processor, fault } = outcome;
  const head = [network.name, String(operators), mode, mode === 'stream' ? label : `${label}: ${grouped(S)}`];
  if (!answer) return [...head, `none: ${fault}`];
  const { objective, bound } = answer;
  return [
    ...head,
    grouped(objective),
    objective === bound ? 'proven' : grouped(bound),
    objective === bound ? '0' : percent((objective - bound) / objective),
    seconds.toFixed(2),
    processor.toFixed(2),
    fault ?? answer.stop ?? '',
    ...POLICIES.map((policy) => {
      const bytes = answer.baselines[policy];
      const share = reduction(outcome, policy);
      return bytes === undefined ? '?' : share === null ? grouped(bytes) : `${grouped(bytes)} (${less(share)})`;
    }),
  ];
}

const HEAD = [
  'network',
  'operators',
  'mode',
  'S, bytes',
  'objective',
  'bound',
  'gap',
  'seconds',
  'processor',
  'stop',
  ...POLICIES,
];
const WIDTHS = [20, 9, 14, 18, 11, 11, 6, 7, 9, 9];

function summaryRow(title: string, outcomes: readonly Outcome[]): readonly string[] {
  const proven = outcomes.filter(({ answer }) => answer?.optimal).length;
  const worst = outcomes.reduce((most, one) => (one.processor > most.processor ? one : most));
  const gaps = outcomes.flatMap(({ answer }) =>
    answer && answer.objective > answer.bound ? [1 - answer.bound / answer.objective] : [],
  );
  const means = POLICIES.map((policy) => {
    const shares = outcomes.map((one) => reduction(one, policy)).filter((share) => share !== null);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return shares.length === 0 ? '–' : `${less(mean)} of ${shares.length}`;
  });
  return [
    title,
    `${proven} of ${outcomes.length}`,
    gaps.length === 0 ? '–' : percent(Math.max(...gaps)),
    `${worst.processor.toFixed(2)} (${worst.network.name}, ${worst.mode}, ${worst.label})`,
    ...means,
  ];
}

function summary(outcomes: readonly Outcome[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  for (const family of new Set(NETWORKS.map((network) => network.family)))
    for (const mode of SCHEDULE_MODES) {
      const own = outcomes.filter((one) => one.network.family === family && one.mode === mode);
      if (own.length > 0) rows.push(summaryRow(`${family}, ${mode}`, own));
    }
  return [...rows, summaryRow('all', outcomes)];
}

const SUMMARY_HEAD = [
  'cases',
  'proven',
  'largest gap',
  'most processor time, seconds',
  ...POLICIES.map((one) => `against ${one}`),
];
const COMPARISON =
  'Reductions are averages over the cases in which the policy moves any non-compulsory byte at all. COSMA reports ' +
  '−84 % on average, −85 % on NAS networks, in strict mode at M_R, M_H and M_P against Belady and greedy ' +
  '(arXiv 2311.18246). The figures here are measured on our reconstructions of the networks and our implementations of ' +
  'the policies: comparable in kind, not the same experiment.';

const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
const markdown = (head: readonly string[], rows: readonly (readonly string[])[], words: number): string =>
  [line(head), line(head.map((_, column) => (column < words ? '---' : '--:'))), ...rows.map(line)].join('\n');

const outcomes: Outcome[] = [];
console.log(HEAD.map((title, column) => title.padEnd(WIDTHS[column] ?? 24)).join('  '));
for (const network of NETWORKS) {
  if (!has(flags.family, network.family) || !has(flags.network, network.name)) continue;
  const problem = network.build();
  for (const target of targetsOf(network, problem)) {
    if (!has(flags.mode, target.mode)) continue;
    if (flags.S && !target.label.split(' = ').some((label) => has(flags.S, label))) continue;
    const outcome = run(network, problem, target);
    outcomes.push(outcome);
    console.log(
      cells(outcome)
        .map((cell, column) =>
          column > 3 && column < 9 ? cell.padStart(WIDTHS[column]!) : cell.padEnd(WIDTHS[column] ?? 24),
        )
        .join('  '),
    );
  }
}
if (outcomes.length === 0) {
  console.error(`no case is left; networks: ${NETWORKS.map((network) => network.name).join(', ')}`);
  process.exit(2);
}

const faults = outcomes.filter(({ fault }) => fault !== null);
const most = (pick: (outcome: Outcome) => number): string => Math.max(...outcomes.map(pick)).toFixed(2);
const conditions =
  `${scheduler.manifest.id} ${scheduler.manifest.version}, at most ${flags.seconds} s a case; ${machineLine()}; largest resident ` +
  `set ${Math.round(process.resourceUsage().maxRSS / KIB)} MiB; longest silence between two reports ${most((one) => one.silence)} s, ` +
  `longest from the limit to the answer ${most((one) => one.afterLimit)} s. ${outcomes.length} answers, ` +
  `${faults.length === 0 ? 'all' : `${outcomes.length - faults.length}`} verified${check ? ' and accepted by the independent checker' : ''}.`;
const block = [
  conditions,
  COMPARISON,
  markdown(SUMMARY_HEAD, summary(outcomes), 1),
  markdown(HEAD, outcomes.map(cells), 4),
].join('\n\n');

console.log(`\n${conditions}\n\n${COMPARISON}\n\n${markdown(SUMMARY_HEAD, summary(outcomes), 1)}`);
if (flags.write) {
  if (flags.family || flags.network || flags.mode || flags.S) throw new Error('only the whole table is written');
  const text = readFileSync(README, 'utf8');
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'] as const;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${README.pathname} has no ${begin} … ${end}`);
  writeFileSync(README, `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`);
  // Tables as the formatter leaves them.
  spawnSync('npx', ['biome', 'format', '--write', fileURLToPath(README)], { stdio: 'inherit' });
}
process.exit(faults.length === 0 ? 0 : 1);

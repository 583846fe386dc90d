/**
 * The networks the scheduler is measured on, against other people's figures: parameters and MACs as published, problems
 * and scratchpad limits of ../shared/data/schedule, and what is known of the searched cells' schedules.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { checkProblem } from '#core/schedule/check.ts';
import { evict } from '#core/schedule/eviction.ts';
import { gapObjective, gapView } from '#core/schedule/gaps.ts';
import { orderByName } from '#core/schedule/orders.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { SCHEDULERS, solved } from '../property/schedule-trials.ts';
import { nasNetA } from '../support/networks/cells.ts';
import { NETWORKS, networkByName } from '../support/networks/index.ts';
import { shuffleNet } from '../support/networks/residual.ts';
import { type Target, targetsOf } from '../support/networks/targets.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

interface Recount {
  readonly ok: boolean;
  readonly errors: readonly string[];
  readonly addressed: boolean;
  readonly nonCompulsory: number;
}
type Checker = (problem: ScheduleProblem, answer: ScheduleAnswer, target: Target) => Recount;

const isWithin = (value: number, published: number, share: number) => Math.abs(value / published - 1) <= share;

describe('networks built in code', () => {
  it.each(NETWORKS.map((network) => [network.name, network] as const))('%s is well-formed', (name, network) => {
    const problem = network.build();
    expect(problem.name).toBe(name);
    expect(checkProblem(problem)).toEqual([]);
    // One byte an element, and nothing is made that nobody uses.
    expect(problem.tensors.every(({ shape, bytes }) => shape.reduce((a, b) => a * b, 1) === bytes)).toBe(true);
    const used = new Set(problem.ops.flatMap((op) => op.inputs));
    expect(problem.tensors.every(({ id, kind }) => used.has(id) === (kind !== 'output'))).toBe(true);
  });

  // torchvision's weight tables for ResNet-50, MobileNetV2, DenseNet-121, SqueezeNet 1.1 and Inception-v3 (27,161,264
  // less the auxiliary classifier's 3,326,696); Caffe's bvlc_googlenet without auxiliaries; pretrained-models.pytorch's
  // bninception; the encoder of bert-base (109,482,240 less embeddings and pooler) and the blocks of gpt2-medium
  // (354,823,168 less embeddings and the last normalisation).
  it.each([
    ['ResNet-50', 25_557_032, 4.089e9],
    ['MobileNetV2', 3_504_872, 0.301e9],
    ['GoogLeNet', 6_998_552, null],
    ['Inception-v2', 11_295_240, null],
    ['Inception-v3', 23_834_568, 5.713e9],
    ['DenseNet-121', 7_978_856, 2.834e9],
    ['SqueezeNet', 1_235_496, 0.349e9],
    ['BERT-base', 85_054_464, null],
    ['BERT-base by heads', 85_054_464, null],
    ['GPT-2 medium by heads', 302_309_376, null],
  ])('%s: parameters exactly, MACs to three digits, as published', (name, parameters, macs) => {
    const network = networkByName(name).sketch();
    expect(network.parameters).toBe(parameters);
    if (macs !== null) expect(isWithin(network.macs, macs, 0.002)).toBe(true);
  });

  // Papers round: NASNet-A table 2, PNASNet table 5, RandWire table 2 (WS(4, 0.75), 583 ± 6.2 M), GPipe table 1,
  // DARTS table 3, U-Net's widely quoted 31 M, ShuffleNet table 2 (1×, g = 3).
  it.each([
    ['NASNet-A', networkByName('NASNet-A').sketch(), 5.3e6, 564e6],
    ['NASNet-A 6 @ 4032', nasNetA('large', { repeats: 6, channels: 168, stem: 96, size: 331 }), 88.9e6, 23.8e9],
    ['PNASNet-5', networkByName('PNASNet-5').sketch(), 5.1e6, 588e6],
    ['RandWire', networkByName('RandWire').sketch(), 5.6e6, 583e6],
    ['AmoebaNet-D', networkByName('AmoebaNet-D').sketch(), 82e6, null],
    ['DARTS', networkByName('DARTS').sketch(), 4.7e6, null],
    ['U-Net', networkByName('U-Net').sketch(), 31.0e6, null],
    ['ShuffleNet 1× g = 3', shuffleNet({ groups: 3, channels: 240, narrowing: 4 }), null, 137e6],
  ])('%s: parameters and MACs within 1.5 %% of the paper', (_, network, parameters, macs) => {
    if (parameters !== null) expect(isWithin(network.parameters, parameters, 0.015)).toBe(true);
    if (macs !== null) expect(isWithin(network.macs, macs, 0.015)).toBe(true);
  });

  it.each([
    ['ResNet-50', 2352],
    ['MobileNetV2', 1470],
    ['Inception-v3', 2026],
    ['DenseNet-121', 1568],
  ])('%s: the largest working set is %i KiB', (name, kibibytes) => {
    expect(Math.round(largestWorkingSet(networkByName(name).build(), 'strict')!.bytes / 1024)).toBe(kibibytes);
  });

  it.each([
    ['DARTS', 377],
    ['NASNet-A', 479],
    ['NASNet-A N=10', 1001],
    ['BERT-base by heads', 960],
    ['GPT-2 medium by heads', 2496],
  ])('%s: %i operators', (name, operators) => {
    expect(networkByName(name).build().ops).toHaveLength(operators);
  });

  it('NASNet-A at M_R in file order spills 2,596,608 bytes under Belady', () => {
    const problem = networkByName('NASNet-A').build();
    const S = largestWorkingSet(problem, 'strict')!.bytes;
    const view = gapView(problem, { mode: 'strict', S, granule: 1 }, orderByName(problem, 'file'));
    expect(gapObjective(view, evict(view, 'belady'))).toBe(2_596_608);
  });
});

describe.skipIf(!sharedPath('data/schedule'))(
  `problems of ../shared/data/schedule${sharedPath('data/schedule') ? '' : ` (${skippedWithoutShared})`}`,
  () => {
    /** Everything but names, types and axes of length one. */
    const essence = ({ tensors, ops }: ScheduleProblem) => ({
      tensors: tensors.map(({ bytes, kind, shape }) => [bytes, kind, shape.filter((length) => length > 1)]),
      ops: ops.map(({ inputs, outputs, weightBytes }) => [inputs, outputs, weightBytes]),
    });
    it.each([
      ['ResNet-50', 'resnet50'],
      ['MobileNetV2', 'mobilenetv2'],
      ['BERT-base', 'bert_base'],
    ])('%s is built as it stands there', (name, file) => {
      const published: ScheduleProblem & { readonly limits_strict: { readonly MR: number } } = JSON.parse(
        readFileSync(sharedPath(`data/schedule/${file}.json`)!, 'utf8'),
      );
      const built = networkByName(name).build();
      expect(essence(built)).toEqual(essence(published));
      expect(largestWorkingSet(built, 'strict')!.bytes).toBe(published.limits_strict.MR);
    });
  },
);

describe('the default scheduler', () => {
  let mip: MipSolver;
  let check: Checker | null = null;
  beforeAll(async () => {
    mip = await loadHighs();
    const path = sharedPath('tools/check-schedule.mjs');
    if (path) check = (await import(pathToFileURL(path).href)).checkSchedule;
  });

  const scheduler = SCHEDULERS.find(({ manifest }) => manifest.id === DEFAULT_SETTINGS.scheduler.id)!;
  function proven(problem: ScheduleProblem, target: Target): ScheduleAnswer {
    const answer = solved(scheduler, problem, target, { mip });
    expect([target.label, answer.optimal, answer.stop]).toEqual([target.label, true, 'proven']);
    const recount = check?.(problem, answer, target);
    if (recount)
      expect(recount).toMatchObject({ ok: true, errors: [], addressed: true, nonCompulsory: answer.objective });
    return answer;
  }

  const classic = NETWORKS.filter(({ family }) => family === 'classic');
  it.each(classic.map((network) => [network.name, network] as const))(
    '%s is proven in every mode and size',
    (_, network) => {
      const problem = network.build();
      for (const target of targetsOf(network, problem)) proven(problem, target);
    },
  );

  it.each(['NASNet-A', 'DARTS', 'PNASNet-5', 'BERT-base by heads'])('%s is proven in strict mode', (name) => {
    const network = networkByName(name);
    const problem = network.build();
    const answers = targetsOf(network, problem)
      .filter(({ mode }) => mode === 'strict')
      .map((target) => proven(problem, target).objective);
    expect(answers.at(-1)).toBe(0);
    // The optimum at M_R that another program proved.
    if (name === 'NASNet-A') expect(answers[0]).toBe(379_456);
  });
});

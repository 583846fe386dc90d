/** Closed forms: chains, rings, two rates, cyclo-static distributors; and graphs that are none, stand still or take no time. */
import { describe, expect, it } from 'vitest';
import { fractionText } from './fraction.ts';
import { parseSdf } from './parse.ts';
import { analysisView, bufferView } from './view.ts';

type Channel = readonly [src: string, dst: string, prod: number[], cons: number[], tokens: number];

function graph(actors: Readonly<Record<string, number[]>>, channels: readonly Channel[]) {
  const read = parseSdf(
    JSON.stringify({
      name: 'test',
      actors: Object.entries(actors).map(([id, time]) => ({ id, time })),
      channels: channels.map(([src, dst, prod, cons, tokens], i) => ({ id: `c${i}`, src, dst, prod, cons, tokens })),
    }),
  );
  if (!read.ok) throw new Error(read.error.message);
  return read.value.graphs[0]!;
}
const analysed = (...parts: Parameters<typeof graph>) => analysisView(graph(...parts)).view;
const alone = (actor: string, tokens = 1): Channel => [actor, actor, [1], [1], tokens];

describe('throughput in closed form', () => {
  it('a chain runs at its slowest actor’s rate, and takes the sum of its times', () => {
    const view = analysed({ a: [3], b: [7], c: [2] }, [
      ['a', 'b', [1], [1], 0],
      ['b', 'c', [1], [1], 0],
      ...['a', 'b', 'c'].map((actor) => alone(actor)),
    ]);
    expect(view).toMatchObject({ throughput: '1/7', critical: { actors: ['b'], channels: ['c3'] } });
    expect(view.latency).toEqual({ firstIteration: 12, steady: [{ from: 'a', to: 'c', ticks: '12' }] });
  });

  it.each([1, 2, 3, 4, 5, 9])('a ring of four with %d tokens: tokens ÷ sum, up to the slowest actor', (tokens) => {
    const ring: Channel[] = [
      ['a', 'b', [1], [1], tokens],
      ['b', 'c', [1], [1], 0],
      ['c', 'd', [1], [1], 0],
      ['d', 'a', [1], [1], 0],
    ];
    const time = { a: [2], b: [5], c: [1], d: [4] };
    const lowest = (n: number, d: number) => fractionText({ numerator: BigInt(n), denominator: BigInt(d) });
    const [p, q] = tokens % 2 === 0 ? [tokens / 2, 6] : tokens % 3 === 0 ? [tokens / 3, 4] : [tokens, 12];
    expect(analysed(time, ring).throughput).toBe(tokens === 4 ? '1/3' : lowest(p, q));
    const alones = Object.keys(time).map((actor) => alone(actor));
    const limited = tokens / 12 < 1 / 5 ? lowest(p, q) : '1/5';
    expect(analysed(time, [...ring, ...alones]).throughput).toBe(limited);
  });

  it('two rates: an actor that fires q times an iteration, k at once, limits it to k ÷ (q · t)', () => {
    const view = analysed({ a: [10], b: [4] }, [['a', 'b', [2], [3], 0], alone('a'), alone('b', 3)]);
    expect(view).toMatchObject({ repetition: { a: 3, b: 2 }, repetitionSum: 5, throughput: '1/30' });
    expect(analysed({ a: [1], b: [4] }, [['a', 'b', [2], [3], 0], alone('b', 3)]).throughput).toBe('3/8');
  });

  it('a cyclo-static distributor gives in turn; each branch fires once a round', () => {
    const channels: Channel[] = [
      ['split', 'even', [1, 0], [1], 0],
      ['split', 'odd', [0, 1], [1], 0],
      ['even', 'join', [1], [1, 0], 0],
      ['odd', 'join', [1], [0, 1], 0],
      ['split', 'split', [1, 1], [1, 1], 1],
      ['join', 'join', [1, 1], [1, 1], 1],
      alone('even'),
      alone('odd'),
    ];
    const view = analysed({ split: [1, 2], even: [8], odd: [5], join: [1, 1] }, channels);
    expect(view).toMatchObject({ repetition: { split: 2, even: 1, odd: 1, join: 2 }, throughput: '1/8' });
    expect(analysed({ split: [6, 3], even: [8], odd: [5], join: [1, 1] }, channels).throughput).toBe('1/9');
  });

  it('is a whole number over 1 where it is one, and of a part times its share in the whole', () => {
    const channels: Channel[] = [alone('b', 4), ['b', 'a', [1], [6], 0]];
    expect(analysed({ a: [9], b: [2] }, channels)).toMatchObject({ repetition: { a: 1, b: 6 }, throughput: '1/3' });
    expect(analysed({ a: [1] }, [alone('a', 2)]).throughput).toBe('2/1');
  });

  it('times of 10^12 are leapt over, rates of 10^6 outside cycles not expanded', () => {
    const view = analysed({ a: [10 ** 12], b: [1] }, [['a', 'b', [10 ** 6], [999_999], 0], alone('a'), alone('b')]);
    expect(view).toMatchObject({ repetitionSum: 1_999_999, throughput: `1/${999_999n * 10n ** 12n}` });
  });

  it('parts without a connection each have their least vector, and the slowest counts', () => {
    const view = analysed({ a: [2], b: [1], c: [9] }, [['a', 'b', [1], [2], 0], alone('a'), alone('b'), alone('c')]);
    expect(view).toMatchObject({ repetition: { a: 2, b: 1, c: 1 }, throughput: '1/9' });
  });
});

describe('graphs without a throughput', () => {
  it('nothing limits a chain whose firings overlap, nor cycles that take no time; the latter are named', () => {
    const chain = analysed({ a: [3], b: [4] }, [['a', 'b', [1], [1], 0]]);
    expect(chain).toMatchObject({ throughput: 'infinity', deadlock: false, timelessCycles: [] });
    expect(chain.latency!.firstIteration).toBe(7);
    const timeless: Channel[] = [
      ['a', 'b', [1], [1], 1],
      ['b', 'a', [1], [1], 0],
    ];
    expect(analysed({ a: [0], b: [0] }, timeless)).toMatchObject({
      throughput: 'infinity',
      timelessCycles: [['a', 'b']],
    });
    expect(analysed({ a: [0], b: [5] }, timeless).throughput).toBe('1/5');
  });

  it('an inconsistent one names the channel and its balance', () => {
    const channels: Channel[] = [
      ['a', 'b', [2], [1], 0],
      ['b', 'c', [1], [1], 0],
      ['a', 'c', [1], [1], 0],
    ];
    expect(analysed({ a: [1], b: [1], c: [1] }, channels)).toMatchObject({
      consistent: false,
      inconsistency: { channel: expect.stringMatching(/^c[012]$/) },
      repetition: null,
      deadlock: null,
      throughput: null,
    });
    expect(analysed({ a: [1], b: [1] }, [['a', 'b', [0], [1], 5]]).inconsistency).toEqual({
      channel: 'c0',
      message: 'on c0 from a to b tokens are taken but never given',
    });
    expect(analysed({ a: [1] }, [['a', 'a', [2], [1], 5]])).toMatchObject({ consistent: false, throughput: null });
  });

  it('a deadlock names the cycle and what is missing on it', () => {
    const stuck = analysed({ a: [1], b: [1], c: [1] }, [
      ['a', 'b', [2], [3], 0],
      ['b', 'a', [3], [2], 3],
      ['b', 'c', [1], [1], 0],
    ]);
    expect(stuck).toMatchObject({ consistent: true, deadlock: true, throughput: '0', latency: null });
    expect(stuck.deadlockCycle!.map(({ actor, channel, missing }) => [actor, channel, missing])).toEqual([
      ['a', 'c1', 1],
      ['b', 'c0', 1],
    ]);
    const alone0 = analysed({ a: [1] }, [alone('a', 0)]);
    expect(alone0.deadlockCycle![0]!.message).toBe('a (firing 0) needs 1 on c0 from a, 0 there');
  });

  it('an iteration too long to expand is refused, its repetition vector still said', () => {
    const channels: Channel[] = [
      ['a', 'b', [10 ** 7], [10 ** 7 - 1], 0],
      ['b', 'a', [10 ** 7 - 1], [10 ** 7], 3 * 10 ** 7],
    ];
    const { view, problem } = analysisView(graph({ a: [1], b: [1] }, channels));
    expect(problem?.code).toBe('sdf.too-large');
    expect(view).toMatchObject({ consistent: true, repetitionSum: 2 * 10 ** 7 - 1, throughput: null });
  });
});

describe('several channels and overlapping firings', () => {
  it('of parallel channels the one with fewest tokens counts', () => {
    const channels = (tokens: number): Channel[] => [
      ['a', 'b', [1], [1], 0],
      ['a', 'b', [1], [1], 2],
      ['b', 'a', [1], [1], 9],
      ['b', 'a', [1], [1], tokens],
    ];
    expect(analysed({ a: [2], b: [3] }, channels(1)).throughput).toBe('1/5');
    expect(analysed({ a: [2], b: [3] }, channels(4)).throughput).toBe('4/5');
  });

  it('a short phase that overtakes a long one delivers after it', () => {
    // Both phases start at 0; the reader gets its first token at 10 and its second no earlier.
    const view = analysed({ a: [10, 1], b: [1] }, [
      ['a', 'b', [1, 1], [1], 0],
      ['b', 'a', [1], [1, 1], 2],
    ]);
    expect(view.throughput).toBe('1/11');
  });
});

describe('buffers in closed form', () => {
  it('producer and consumer: one place alternates, two overlap', () => {
    const found = bufferView(graph({ a: [3], b: [2] }, [['a', 'b', [1], [1], 0], alone('a'), alone('b')]), {});
    expect(found.ok && found.value.buffers.map(({ size, throughput }) => [size, throughput])).toEqual([
      [1, '1/5'],
      [2, '1/3'],
    ]);
  });

  it('the example of Stuijk, Geilen & Basten (DAC 2006, figure 1): 6, 8, 9 and 10 tokens', () => {
    // a (1) –2:3→ b (2) –1:2→ c (2), one firing of each at a time.
    const found = bufferView(
      graph({ a: [1], b: [2], c: [2] }, [
        ['a', 'b', [2], [3], 0],
        ['b', 'c', [1], [2], 0],
        ...['a', 'b', 'c'].map((actor) => alone(actor)),
      ]),
      {},
    );
    expect(found.ok && found.value.buffers.map(({ size, throughput }) => [size, throughput])).toEqual([
      [6, '1/7'],
      [8, '1/6'],
      [9, '1/5'],
      [10, '1/4'],
    ]);
  });

  it('a graph that stands still has none; one that nothing limits ends at the limit and says so', () => {
    expect(bufferView(graph({ a: [1] }, [alone('a', 0)]), {})).toMatchObject({
      value: { isComplete: true, buffers: [] },
    });
    const open = bufferView(graph({ a: [1], b: [1] }, [['a', 'b', [1], [1], 0]]), { evaluations: 4 });
    expect(open).toMatchObject({ value: { isComplete: false, exactTo: 4, evaluations: 4 } });
    expect(open.ok && open.value.buffers.map(({ throughput }) => throughput)).toEqual(['1/2', '1/1', '3/2', '2/1']);
  });
});

describe('reading', () => {
  it.each([
    ['{', /^Not JSON/],
    ['3', /^The graph must be an object/],
    ['[{"actors": []}]', /^\[0\]\.channels is missing/],
    [
      '{"actors": [{"id": "a", "time": [1.5]}], "channels": []}',
      /^actors\[0\]\.time\[0\] must be a whole number .* not 1\.5/,
    ],
    [
      '{"actors": [{"id": "a", "time": [1]}, {"id": "a", "time": [1]}], "channels": []}',
      /^actors\[1\]\.id names a again/,
    ],
    [
      '{"actors": [{"id": "a", "time": [1]}], "channels": [{"src": "a", "dst": "b", "prod": [1], "cons": [1]}]}',
      /^channels\[0\]\.dst names b, which is no actor/,
    ],
    [
      '{"actors": [{"id": "a", "time": [1, 2]}], "channels": [{"src": "a", "dst": "a", "prod": [1, 1, 1], "cons": [1]}]}',
      /^actors\[0\]\.time has 2 phases where a has 3/,
    ],
    [
      '{"actors": [{"id": "a", "time": [1]}], "channels": [{"src": "a", "dst": "a", "prod": [-1], "cons": [1]}]}',
      /^channels\[0\]\.prod\[0\] must be a whole number/,
    ],
  ])('%s', (text, message) => {
    const read = parseSdf(text);
    expect(read.ok ? '' : read.error.message).toMatch(message);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { runKey, runPipeline } from '#core/run/pipeline.ts';
import { programRun } from '#core/run/program-run.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { type CandidateBench, smallBench } from '../../tests/support/candidates.ts';
import { loweredAlone, placesIn, playedCases } from './admit.ts';
import { aloneOf } from './alone.ts';
import { parseCandidate } from './parse.ts';
import { resolveCandidate } from './resolve.ts';
import { candidateText } from './text.ts';

let mip: MipSolver;
let streamed: CandidateBench;
let resident: CandidateBench;
beforeAll(async () => {
  mip = await loadHighs();
  streamed = smallBench(mip);
  resident = smallBench(mip, 'strict');
});

describe('the text', () => {
  it('says what it says, and reads back', () => {
    const text = streamed.template('conv');
    const parsed = parseCandidate(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const plain = candidateText(parsed.value);
    const again = parseCandidate(plain);
    expect(again.ok && candidateText(again.value)).toBe(plain);
    expect(text).toContain('tile m 24 n 8 k 9 dataflow os');
    expect(text).toContain('load x m 1 k 0 positions 12:36 into u0.x.0');
  });

  it.each([
    ['', 1, 1, "expected the first line 'weft-candidate/1', found the end of the line"],
    ['weft-candidate/2', 1, 1, "expected the first line 'weft-candidate/1'"],
    ['weft-candidate/1\nkernel conv', 2, 8, "expected the name of the kernel in quotes, found 'conv'"],
    ['weft-candidate/1\nkernel "c"\ntile m 4 k 2', 3, 10, "expected 'n', found 'k'"],
    ['weft-candidate/1\nkernel "c"\ntile m 0 n 1 k 1 dataflow ws', 3, 8, 'expected the extent of a tile along m'],
    ['weft-candidate/1\nkernel "c"\ntile m 1 n 1 k 1 dataflow rs', 3, 27, 'expected one of os, ws, is'],
    ['weft-candidate/1\noperand x "x" chip', 2, 15, "expected one of off-chip, scratchpad, found 'chip'"],
    ['weft-candidate/1\n  e: execute m 1 in u.0', 2, 18, "expected 'on', found 'in'"],
    ['weft-candidate/1\nexecute on u.2', 2, 14, 'expected the half of the buffer, 0 or 1'],
    ['weft-candidate/1\nload x positions 4:4 into u.x.0', 2, 20, 'expected a number above 4'],
    ['weft-candidate/1\nload x into u.x.0 after', 2, 24, 'expected the label of an earlier command'],
    ['weft-candidate/1\nwait e0', 2, 1, "expected one of load, execute, store, found 'wait'"],
    ['weft-candidate/1\nstore y from u.0 now', 2, 18, "expected the end of the line, found 'now'"],
    ['weft-candidate/1\nkernel "c" $', 2, 12, "expected the end of the line, found '$'"],
    ['weft-candidate/1\nexecute on u.0\nunit u "U"', 3, 1, 'names come before the first command'],
    ['weft-candidate/1\nkernel "c"', 2, 11, 'the text ends without a line: tile'],
  ])('tells line, column and what was expected (%#)', (text, line, column, message) => {
    const parsed = parseCandidate(text);
    if (parsed.ok) throw new Error('it parses');
    expect(parsed.error.message).toContain(`Line ${line}, column ${column}: `);
    expect(parsed.error.message).toContain(message);
    expect(parsed.error.facts).toMatchObject({ line, column });
  });

  it('is bounded', () => {
    const long = parseCandidate('x'.repeat(2 ** 21 + 1));
    expect(long).toMatchObject({ error: { code: 'candidate.budget' } });
    const many = parseCandidate(`weft-candidate/1\n${'execute on u.0\n'.repeat(20_001)}`);
    expect(many).toMatchObject({ error: { code: 'candidate.budget', facts: { line: 20_002 } } });
  });
});

describe('a right candidate', () => {
  it("the compiler's own is accepted, as fast as it is", () => {
    for (const bench of [streamed, resident])
      for (const operator of ['conv', 'second']) {
        const report = bench.check(operator, bench.template(operator));
        expect(report).toMatchObject({ isAccepted: true, failedAt: null, problems: [] });
        expect(report.alone?.candidate).toEqual(report.alone?.compiler);
        expect(report.run?.candidate).toEqual(report.run?.compiler);
        expect(report.values?.played).toHaveLength(10);
      }
  });

  it('with reuse across tiles: two blocks side by side in both halves of the results load the weights half as often', () => {
    const report = streamed.check('conv', sideBySide(streamed.template('conv')));
    expect(report.problems).toEqual([]);
    expect(report.isAccepted).toBe(true);
    // 6 blocks of rows over 4 of k: 24 loads of weights become 12, of 8 × 9 × 4 B and biases of 8 × 4 B in every fourth.
    const { candidate, compiler } = report.alone!;
    expect(compiler.offChipBytes - candidate.offChipBytes).toBeGreaterThanOrEqual(3 * (8 * 36 * 4));
    expect(report.alone!.speedup).toBeGreaterThan(1);
    expect(report.run!.speedup).toBeGreaterThan(1);
  });

  it('may leave out what the order of a queue implies', () => {
    // Weights come behind the operand in one queue: who waits for them waits for both.
    const text = streamed.template('conv').replace(' after x_2 w_2', ' after w_2');
    expect(streamed.check('conv', text).isAccepted).toBe(true);
  });

  it('may stream what the compiler keeps, and the schedule follows', () => {
    const report = resident.check('second', streamed.template('second'));
    // Its neighbour leaves the operand where it was made: off chip, as 3000 B have it in either case.
    expect(report.isAccepted).toBe(true);
  });
});

/** Two blocks of m at a time; whole pieces, each operand half waits for its last reader. */
function sideBySide(template: string): string {
  const head = template.slice(0, template.indexOf('\n\n')).replaceAll('u0', 'u');
  const lines = [head, ''];
  const last = new Map<string, string>();
  const load = (label: string, what: string, half: string) => {
    const before = last.get(half);
    lines.push(`${label}: load ${what} into u.${half}${before ? ` after ${before}` : ''}`);
  };
  for (let pair = 0; pair < 3; pair++) {
    for (let k = 0; k < 4; k++) {
      const weights = `w${pair}_${k}`;
      load(weights, `w k ${k}`, `w.${k % 2}`);
      for (const side of [0, 1]) {
        const m = 2 * pair + side;
        load(`x${m}_${k}`, `x m ${m} k ${k}`, `x.${side}`);
        const stored = k === 0 && pair > 0 ? ` s${m - 2}` : '';
        lines.push(`e${m}_${k}: execute m ${m} k ${k} on u.${side} after x${m}_${k} ${weights}${stored}`);
        last.set(`x.${side}`, `e${m}_${k}`);
        last.set(`w.${k % 2}`, `e${m}_${k}`);
      }
    }
    for (const side of [0, 1]) {
      const m = 2 * pair + side;
      lines.push(`s${m}: store y m ${m} from u.${side} after e${m}_3`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('wrong ones are caught', () => {
  /** By what is wrong: a text and what is put in its place (all of them), where it fails, what is said. */
  it.each([
    ['a missing store', /s2: store.*\n/, '', 'text', 'no earlier command has the label s2'],
    ['a missing store nobody waits for', /\nstore y m 5 .*/, '', 'order', 'block g 0 m 5 n 0 of y is never stored'],
    ['stored twice', /(\nstore y m 5 .*)/, '$1$1', 'order', 'stores this block of y a second time'],
    [
      'stored from the other half',
      /(s2: store y m 2 from u0\.)0/,
      '$11',
      'order',
      'is not, or not whole, in that half',
    ],
    ['swapped results', /store y m 2 from u0.0/, 'store y m 3 from u0.0', 'order', 'stores a block of y that is not'],
    [
      'swapped tiles',
      /execute m 2 k 1 on u0.0/,
      'execute m 3 k 1 on u0.0',
      'order',
      'which its buffer does not hold then',
    ],
    [
      'sums out of order',
      /execute m 2 k 2 on u0.0/,
      'execute m 2 k 3 on u0.0',
      'order',
      'which its buffer does not hold then',
    ],
    [
      'sums in the other half',
      /execute m 2 k 2 on u0.0/,
      'execute m 2 k 2 on u0.1',
      'order',
      'adds k 2 where the sums',
    ],
    [
      'a tile left out',
      /\ne22: .*(\n.*) after e22/,
      '$1 after e19',
      'order',
      'stores a block of y that is not, or not whole',
    ],
    [
      'a tile twice',
      /(e3: (execute m 0 k 3 on u0.0 after.*))\n/,
      '$1\n$2\n',
      'order',
      'executes tile g 0 m 0 n 0 k 3 a second time',
    ],
    [
      'a missing dependency on an operand',
      / after x_2 w_2/,
      '',
      'order',
      'does not wait for line 15, which fills the buffer of x it reads',
    ],
    [
      'a missing dependency on weights',
      / after x_2 w_2/,
      ' after x_2',
      'order',
      'which fills the buffer of w it reads',
    ],
    [
      'overwritten while it is read',
      /(x_2: load x m 0 k 2 into u0.x.0) after e0/,
      '$1',
      'order',
      'which still reads what it overwrites of x',
    ],
    [
      'stored before it is computed',
      /(s0: store y m 0 from u0.0) after e3/,
      '$1 after e2',
      'order',
      'which computes what it stores',
    ],
    ['computed before it is stored', / s0\b(?=.*\n)/, '', 'order', 'which stores what is in that half'],
    ['a stale buffer', /w_5: load w k 1 into/, 'w_5: load w k 0 into', 'order', 'reads w for tile g 0 m 1 n 0 k 1'],
    [
      'the other half filled',
      /w_5: load w k 1 into u0.w.1/,
      'w_5: load w k 1 into u0.w.0',
      'order',
      'does not wait for',
    ],
    [
      'a halo short of a position',
      /positions 12:36/,
      'positions 13:36',
      'order',
      'reads positions 12:60 of x for tile g 0 m 1',
    ],
    [
      'a last row short of a position',
      /positions 36:60/,
      'positions 36:59',
      'order',
      'reads positions 59:60 of x for tile g 0 m 1',
    ],
    ['a halo too far', /positions 12:36/, 'positions 11:36', 'text', 'the block has positions 12:60, not 11:36'],
    [
      'a block that is not there',
      /load x m 1 k 0 positions/,
      'load x m 9 k 0 positions',
      'text',
      'there is no block m 9: m has 6',
    ],
    ['an axis it has not', /load w k 1/, 'load w m 1 k 1', 'text', 'w has no blocks of m'],
    ["another operand's buffer", /into u0.x.0/, 'into u0.w.0', 'text', 'x goes to the buffer of x, not that of w'],
    ['a unit that is not drawn', /unit u0 "Array"/, 'unit u0 "Tensor core"', 'text', 'no unit "Tensor core"'],
    ['a unit that is not named', /execute m 0 k 0 on u0/, 'execute m 0 k 0 on u7', 'text', 'no unit is called u7'],
    ['an engine that is not named', /(w_0: load w k 0 into u0.w.0)/, '$1 by d9', 'text', 'no DMA engine is called d9'],
    ['tiles larger than the buffers', /tile m 24 n 8 k 9/, 'tile m 144 n 8 k 36', 'text', 'weight buffer of Array'],
    ['tiles larger than the product', /tile m 24 n 8/, 'tile m 24 n 9', 'text', "larger than the product's 8"],
    ['another operator', /kernel "conv"/, 'kernel "second"', 'text', 'it is of "second", not of "conv"'],
    ['a label twice', /w_1:/, 'w_0:', 'text', 'the label w_0 is given twice'],
    [
      'a wait for what comes later',
      / after x_0 w_0/,
      ' after x_0 w_0 w_9',
      'text',
      'no earlier command has the label w_9',
    ],
    ['an operand without a name', /operand x .*\n/, '', 'text', 'a line is missing for the operand "image"'],
    ['weights without a name', /weights w\n/, '', 'text', 'has weights, which have no name'],
    ['loaded for nothing', /(w_0: load)/, 'load x m 5 k 3 into u0.x.1\n$1', 'order', ''],
    [
      'not where the schedule has it',
      /operand x (.*) off-chip/,
      'operand x $1 scratchpad',
      'text',
      'is read from the scratchpad here',
    ],
  ])('%s', (_what, pattern, instead, failedAt, message) => {
    const template = streamed.template('conv').replaceAll(/ {2}#.*/g, '');
    const text = template.replace(pattern, instead);
    expect(text).not.toBe(template);
    const report = streamed.check('conv', text);
    expect(report, JSON.stringify(report.problems)).toMatchObject({
      isAccepted: false,
      failedAt,
      alone: null,
      run: null,
    });
    expect(report.problems.map((found) => found.message).join('\n')).toContain(message);
  });

  it.each([
    ['a wrong address', /@x\+0/, '@x+4', 'element 0 of x lies at @x+0, not +4'],
    ['more elements than there are', /elements 0:576/, 'elements 0:577', 'x has 576 elements, not 577'],
    ['elements left out', /elements 0:576/, 'elements 0:572', 'before all of it is written'],
    ['elements brought twice', /(x_0: load x elements 0:576 into @x\+0)/, 'load x elements 0:576 into @x+0\n$1', ''],
    ['what is stored, not kept', /result y (.*) off-chip/, 'result y $1 scratchpad', 'it is not stored'],
  ])('in the scratchpad: %s', (_what, pattern, instead, message) => {
    const template = resident.template('conv');
    const text = template.replace(pattern, instead);
    expect(text).not.toBe(template);
    const report = resident.check('conv', text);
    expect(report.isAccepted).toBe(false);
    expect(report.problems.map((found) => found.message).join('\n')).toContain(message);
  });

  it('by their numbers, with the first wrong element and the line that stored it, should the order be right', () => {
    const { compiler, inputs } = streamed;
    const { graph } = compiler.compiled;
    const { bodies, machine, problem } = compiler;
    const { settings } = inputs;
    const parsed = parseCandidate(streamed.template('conv'));
    if (!parsed.ok) throw new Error(parsed.error.message);
    const site = { graph, problem, machine, models: techniques.unit, settings };
    const resolved = resolveCandidate(parsed.value, 0, site);
    if (!resolved.ok) throw new Error(resolved.error.message);
    const places = { operator: 0, format: settings.format, isObserved: true, ...placesIn(resolved.value) };
    const alone = aloneOf({ graph, bodies, machine, ...places });
    const made = loweredAlone(alone, resolved.value, machine, true);
    if (!made.ok) throw new Error(made.error.message);
    // A machine whose windows read one position to the left from row 48 on, the first of block m 2.
    const { gemm } = made.value.pieces;
    const { form } = gemm!;
    const shifted = (m: number, k: number) => (m < 48 ? form.position(m, k) : Math.max(48, form.position(m, k) - 1));
    const pieces = { ...made.value.pieces, gemm: { ...gemm!, form: { ...form, position: shifted } } };
    const [simulator] = techniques.simulator;
    const played = playedCases(
      { resolved: resolved.value, graph, bodies, machine, settings, simulator, control: uncontrolled },
      alone,
      { ...made.value, pieces },
    );
    if (!played.ok) throw new Error(played.error.message);
    const { stage, firstWrong, problems } = played.value;
    expect(stage).toBe('values');
    expect(firstWrong).toMatchObject({ case: 'random, seed 1', index: 48 });
    expect(firstWrong?.command).toMatch(/^s2: store y m 2 from u0.0/);
    expect(problems[0]?.facts.line).toBe(firstWrong?.line);
  });
});

describe('in a run', () => {
  const withText = (bench: CandidateBench, text: string) => ({
    ...bench.inputs,
    settings: { ...bench.inputs.settings, candidates: { [bench.node('conv')]: text } },
  });

  it('is used, said, and in the key', () => {
    const inputs = withText(streamed, sideBySide(streamed.template('conv')));
    const run = runPipeline(inputs, { mip, control: uncontrolled, appVersion: 'test' });
    if (!run.ok) throw new Error(run.error.message);
    expect(run.value.operators[0]?.mapping).toMatch(/^candidate: output-stationary/);
    expect(run.value.findings).toContainEqual(expect.objectContaining({ code: 'candidate.in-use' }));
    expect(run.value.certificate).toMatchObject({ isVerified: true });
    expect(run.value.certificate).toMatchObject({ statement: expect.stringContaining('conv runs a candidate') });
    expect(runKey(inputs, 'test')).not.toBe(runKey(streamed.inputs, 'test'));
  });

  it('a wrong one is refused with its reason, and so is one of no operator', () => {
    const services = { mip, control: uncontrolled };
    const wrong = withText(streamed, streamed.template('conv').replace(/\nstore y m 5 .*/, ''));
    expect(programRun(wrong, services)).toMatchObject({
      ok: false,
      error: { code: 'candidate.refused', where: { node: streamed.node('conv') }, facts: { code: 'candidate.order' } },
    });
    const settings = { ...streamed.inputs.settings, candidates: { nowhere: '' } };
    expect(programRun({ ...streamed.inputs, settings }, services)).toMatchObject({
      error: { code: 'candidate.no-operator' },
    });
  });

  it('one that does not go with the schedule is refused', () => {
    const stream = smallBench(mip, 'stream', null);
    const report = stream.check('conv', streamed.template('conv'));
    expect(report).toMatchObject({ isAccepted: false, failedAt: 'schedule' });
    expect(report.problems[0]?.message).toContain(
      "the candidate has y (\"relu\") 'off-chip', this schedule has it 'scratchpad'",
    );
  });
});

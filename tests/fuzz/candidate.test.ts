/** Damaged candidates: read or refused in bounded time, never an exception; what is accepted computes what it should. */
import { beforeAll, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { parseCandidate } from '#core/candidate/parse.ts';
import { candidateText } from '#core/candidate/text.ts';
import { randomSource } from '#core/reference/source.ts';
import { certify } from '#core/run/certify.ts';
import { programRun } from '#core/run/program-run.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { type CandidateBench, smallBench } from '../support/candidates.ts';
import { cases } from '../support/cases.ts';
import { shakenTiming } from '../support/shaken.ts';

let mip: MipSolver;
let bench: CandidateBench;
let template: string;
beforeAll(async () => {
  mip = await loadHighs();
  bench = smallBench(mip);
  template = bench.template('conv').replaceAll(/ {2}#.*/g, '');
});

const TEXTS = cases(1000, 100_000);

const SCRAPS = [
  '',
  '0',
  ' ',
  '\n',
  '9',
  'x',
  '"',
  '.',
  ':',
  '@',
  '99999999999999999999',
  ' after e0',
  'load',
  '\u0000',
  '𝕏',
];

/** Characters put in the place of others. */
function scratched(text: string, rng: Rng): string {
  const at = rng.below(text.length);
  return `${text.slice(0, at)}${SCRAPS[rng.below(SCRAPS.length)]}${text.slice(at + rng.below(5))}`;
}

/** A command changed, moved or left out so that the text mostly still reads. */
function rearranged(text: string, rng: Rng): string {
  const lines = text.trimEnd().split('\n');
  const first = lines.indexOf('') + 1;
  const any = () => first + rng.below(lines.length - first);
  const a = any();
  const b = any();
  const [label = '', body = '', after = ''] = partsOf(lines[a]!);
  const [otherLabel = '', otherBody = '', otherAfter = ''] = partsOf(lines[b]!);
  const changed = (line: string) => lines.with(a, line).join('\n');
  const another = (pattern: RegExp) => body.replace(pattern, (_whole, head: string) => `${head}${rng.below(6)}`);
  switch (rng.below(8)) {
    case 0: {
      const awaited = after.split(' ').slice(2);
      const fewer = awaited.toSpliced(rng.below(awaited.length + 1), 1);
      return changed(`${label}${body}${fewer.length > 0 ? ` after ${fewer.join(' ')}` : ''}`);
    }
    case 1:
      return lines.with(a, `${label}${otherBody}${after}`).with(b, `${otherLabel}${body}${otherAfter}`).join('\n');
    case 2:
      return changed(`${label}${body.replace(/\.([01])$/, (_whole, half) => `.${1 - Number(half)}`)}${after}`);
    case 3:
      return changed(`${label}${another(/( m )\d/)}${after}`);
    case 4:
      return changed(`${label}${another(/( k )\d/)}${after}`);
    case 5: {
      const shift = rng.below(2) === 0 ? -1 : 1;
      const moved = (number: string) => String(Math.max(0, Number(number) + shift));
      return changed(
        `${label}${body.replace(/positions (\d+)/, (_whole, from) => `positions ${moved(from)}`)}${after}`,
      );
    }
    case 6: {
      const name = label.slice(0, -2);
      const without = lines.toSpliced(a, 1).join('\n');
      return name === ''
        ? without
        : without.replaceAll(new RegExp(` ${name}(?= |$)`, 'gm'), '').replaceAll(/ after$/gm, '');
    }
    default:
      return lines
        .toSpliced(a, 1)
        .toSpliced(Math.min(lines.length - 1, a + 1 + rng.below(4)), 0, lines[a]!)
        .join('\n');
  }
}

/** `label: `, what it does, ` after …`. */
function partsOf(line: string): readonly string[] {
  return (
    /^(\w+: )?(.*?)( after .*)?$/
      .exec(line)
      ?.slice(1)
      .map((part) => part ?? '') ?? []
  );
}

it(`P-17 candidates: ${TEXTS} damaged texts are read or refused with a place`, () => {
  const rng = createRng(3);
  let read = 0;
  for (let i = 0; i < TEXTS; i++) {
    let text = template;
    for (let change = rng.below(4); change >= 0; change--) text = scratched(text, rng);
    const parsed = parseCandidate(text);
    if (parsed.ok) {
      read++;
      const again = candidateText(parsed.value);
      const second = parseCandidate(again);
      expect(second.ok && candidateText(second.value)).toBe(again);
    } else expect(parsed.error.facts.line).toBeGreaterThan(0);
  }
  expect(read).toBeGreaterThan(20);
  expect(read).toBeLessThan(TEXTS * 0.98);
});

it('rearranged texts are checked; those accepted give the right outputs in their run', () => {
  const rng = createRng(11);
  const failures = new Map<string | null, number>();
  const texts = cases(300, 10_000);
  for (let i = 0; i < texts; i++) {
    let text = template;
    for (let change = rng.below(2); change >= 0; change--) text = rearranged(text, rng);
    if (text === template) continue;
    const report = bench.check('conv', text);
    failures.set(report.failedAt, (failures.get(report.failedAt) ?? 0) + 1);
    if (!report.isAccepted) {
      expect(report.problems.length).toBeGreaterThan(0);
      continue;
    }
    const settings = { ...bench.inputs.settings, candidates: { [bench.node('conv')]: text } };
    const run = programRun({ ...bench.inputs, settings }, { mip, control: uncontrolled, candidatesAreProved: true });
    if (!run.ok) throw new Error(run.error.message);
    const { program, machine, model } = run.value;
    // Under other times too: what is right must not be so by luck.
    for (const timing of [run.value.timing, shakenTiming(program, machine, rng), shakenTiming(program, machine, rng)]) {
      const options = { format: 'model', candidate: { program, timing } } as const;
      const certificate = certify(run.value, randomSource(model, 1000 + i), options);
      expect(certificate, text).toMatchObject({ ok: true, value: { isVerified: true } });
    }
  }
  expect(failures.get('order')).toBeGreaterThan(texts / 4);
  expect(failures.get(null)).toBeGreaterThan(texts / 60);
  // What the order lets pass is right: the numbers find nothing more.
  expect(failures.get('values') ?? 0).toBe(0);
});

it('texts made to take long are refused or checked in bounded work', () => {
  const head = template.slice(0, template.indexOf('\n\n') + 2);
  const loads = Array.from(
    { length: 19_000 },
    (_, i) => `load x m 0 k 0 positions ${i % 36}:${(i % 36) + 1} into u0.x.${i % 2}`,
  );
  expect(bench.check('conv', `${head}${loads.join('\n')}\n`).isAccepted).toBe(false);
  const same = Array.from({ length: 19_000 }, () => 'load w k 0 into u0.w.0');
  expect(bench.check('conv', `${head}${same.join('\n')}\n`).isAccepted).toBe(false);
  const labels = Array.from(
    { length: 5000 },
    (_, i) =>
      `a${i}: execute m 0 k 0 on u0.0${i > 0 ? ` after ${Array.from({ length: Math.min(i, 200) }, (_unused, j) => `a${j}`).join(' ')}` : ''}`,
  );
  expect(bench.check('conv', `${head}${labels.join('\n')}\n`).isAccepted).toBe(false);
  for (const text of ['((((('.repeat(1e5), '"'.repeat(1e6), '\n'.repeat(1e6), 'a-'.repeat(1e6), '\\'.repeat(1e6)])
    expect(bench.check('conv', text)).toMatchObject({ isAccepted: false, failedAt: 'text' });
});

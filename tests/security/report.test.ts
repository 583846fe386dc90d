// @vitest-environment happy-dom
/** P-22: text from a document, a finding or a technique stays text in a report; a foreign run file is checked whole. */
import { describe, expect, it } from 'vitest';
import { encodeColumn } from '#core/base/columns.ts';
import { createRng } from '#core/base/rng.ts';
import { parseRun } from '#core/report/parse.ts';
import { type RenderedRun, renderReport, renderRun } from '#core/report/render.ts';
import { renderSimulation, renderSimulationRun } from '#core/report/simulation/render.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { PAYLOADS } from '../support/payloads.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { fixtureSimulation } from '../support/simulation-fixture.ts';

const ALLOWED_TAGS = new Set(
  (
    'html head meta title style body main header nav ol a section div p span b i h1 h2 h3 dl dt dd ul li data details summary ' +
    'figure figcaption table caption thead tbody tr th td pre code svg rect line text path g clippath'
  ).split(' '),
);

/** The fixture with `payload` in every text, of the user's and of techniques alike. */
function poisoned(payload: string): RunResult {
  const run = fixtureRun({ text: (plain) => `${plain}${payload}` });
  const metric = (one: RunResult['totals'][number]) => ({
    ...one,
    title: payload,
    provenance: {
      formula: payload,
      source: payload,
      inputs: [{ name: payload, value: payload, unit: '' as const }],
      technique: { id: payload, version: payload },
    },
  });
  const text = { title: payload, formula: payload, source: payload };
  return {
    ...run,
    appVersion: payload,
    key: payload,
    totals: run.totals.map(metric),
    columns: run.columns.map((column) => ({ ...column, ...text })),
    operators: run.operators.map((operator) => ({ ...operator, type: payload, unit: payload })),
    findings: run.findings.map((finding) => ({
      ...finding,
      where: { node: payload },
      facts: { [payload]: payload },
    })),
    techniques: run.techniques.map(() => ({ id: payload, version: payload, title: payload, role: payload })),
  };
}

describe('P-22 HTML report', () => {
  it('tries fifty payloads', () => {
    expect(new Set(PAYLOADS).size).toBe(50);
  });

  it.each(PAYLOADS)('keeps %j inert in every text', (payload) => {
    const html = renderReport(poisoned(payload), 'html');
    expect(html.includes(payload)).toBe(false);
    const document = new DOMParser().parseFromString(html, 'text/html');
    for (const element of document.querySelectorAll('*')) {
      const tag = element.tagName.toLowerCase();
      // An SVG <title> is a tool tip; happy-dom and browsers read it as the element of that name.
      expect(ALLOWED_TAGS.has(tag), tag).toBe(true);
      for (const { name, value } of element.attributes) {
        expect(name.startsWith('on'), name).toBe(false);
        // Links lead to sections of the report alone, by names of ours.
        if (name === 'href') expect(value).toMatch(/^#[a-z-]+$/);
        expect(['src', 'srcdoc', 'xlink:href', 'action'].includes(name), name).toBe(false);
        if (name === 'style') expect(value).toMatch(/^background:\s?var\(--hue-[\w-]+\);?$/);
      }
    }
    expect(document.querySelectorAll('style')).toHaveLength(1);
  });

  it('asks nothing of any network and forbids scripts', () => {
    const html = renderReport(fixtureRun(), 'html');
    expect(html).not.toMatch(/https?:|@import|<script|<link|<img|url\((?!#)/);
    expect(html).toContain('default-src &#39;none&#39;');
  });

  it('drops characters that turn text around or end it', () => {
    const html = renderReport(fixtureRun({ text: () => 'a\u202eb\u0000c\ud800d' }), 'html');
    for (const forbidden of ['\u0000', '\u202e', '\ud800']) expect(html.includes(forbidden)).toBe(false);
  });
});

describe('P-22 simulation reports and Markdown', () => {
  const say = (payload: string): SimulationResult => {
    const plain = fixtureSimulation();
    const graph = (file: SimulationResult['inputs']['tasks']) => ({
      ...file,
      title: payload,
      nodes: file.nodes.map((node) => ({ ...node, name: payload })),
    });
    return {
      ...plain,
      title: payload,
      key: payload,
      appVersion: payload,
      inputs: { ...plain.inputs, tasks: graph(plain.inputs.tasks), fabric: graph(plain.inputs.fabric) },
      tasks: plain.tasks.map((task) => ({ ...task, name: payload })),
      streams: plain.streams.map((stream) => ({ ...stream, name: payload })),
      channels: plain.channels.map((channel) => ({ ...channel, name: payload })),
      levers: plain.levers.map((lever) => ({ ...lever, title: payload, method: payload })),
      measured: { cycles: 5, source: payload, error: 0.1, calibration: 'none', claim: payload },
    };
  };
  const filesOf = ({ rendered }: RenderedRun) => (rendered.kind === 'files' ? rendered.files : []);

  it.each(PAYLOADS.filter((payload) => payload.includes('alert(1)')))('keep %j inert in every text', (payload) => {
    const html = renderSimulation(say(payload), 'html');
    expect(html.includes(payload)).toBe(false);
    const document = new DOMParser().parseFromString(html, 'text/html');
    for (const element of document.querySelectorAll('*')) {
      expect(ALLOWED_TAGS.has(element.tagName.toLowerCase()), element.tagName).toBe(true);
      for (const { name } of element.attributes) expect(name.startsWith('on'), name).toBe(false);
    }
  });

  const MARKDOWN = [
    ...PAYLOADS.filter((payload) => payload.includes('alert(1)')),
    '[x](javascript:alert(1))',
    '![x](//x/y.png)',
    '<javascript:alert(1)>',
    'a | b\n| --- |',
    '\n\n# heading\n',
    '```\n</code>',
    '[x]: javascript:alert(1)',
    'https://x.example www.x.example a@x.example',
    '&lt;script&gt;',
    '- item',
    '1. item',
  ];
  it.each(MARKDOWN)('say %j in Markdown as it stands', (payload) => {
    const all = [
      ...filesOf(renderRun(poisoned(payload), 'markdown')),
      ...filesOf(renderSimulationRun(say(payload), 'markdown')),
    ];
    for (const { name, text } of all) {
      if (!name.endsWith('.md')) {
        expect(text).not.toMatch(/<script|<iframe|<img|<a |\son\w+=["']/i);
        continue;
      }
      // Outside fenced text, where all is shown as it is: no HTML, no link but to our figures, no line of a reader's making.
      const prose = text.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
      expect(prose).not.toMatch(/[<>]/);
      const bare = prose.replace(/\\[\\*_[\]#~`$^{}.)\-+=]/g, '');
      expect(bare).not.toMatch(/https?:|www\.|mailto:|@/i);
      for (const [, target] of bare.matchAll(/\]\(([^)]*)\)/g)) expect(target).toMatch(/^figures\/\d+\.svg$/);
      for (const line of bare.split('\n')) {
        const isOurs = /^(#{1,3} |\||!\[Figure|\*(Figure|Table) \d|- \*\*| {2}- |Colours: |\*\*|$)/.test(line);
        if (!isOurs) expect(line).not.toMatch(/^\s*([-+*>#]|\d+[.)])\s/);
      }
      const widths = prose.split('\n').filter((line) => line.startsWith('|'));
      for (const row of widths) expect(row.endsWith(' |')).toBe(true);
    }
  });
});

describe('P-22 CSV', () => {
  it.each(['=cmd|x', '+1', '-1+cmd', '@SUM', '\t=1', '\r=1', '\uff1d1'])(
    'starts no cell of any table with %j',
    (text) => {
      const { rendered } = renderRun(poisoned(text), 'tables');
      if (rendered.kind !== 'files') throw new Error('files were expected');
      for (const { name, text: csv } of rendered.files)
        expect(`,${csv}`, name).not.toMatch(/[,\n]"?[=@\t\uff1d]|[,\n]"?[+-](?!\d*\.?\d+(e[+-]\d+)?[,\r])/);
    },
  );

  it.each(['=cmd|x', '+1', '-1+cmd', '@SUM', '\t=1', '\r=1', '\uff1d1'])(
    'starts no cell with the formula %j',
    (text) => {
      const csv = renderReport(fixtureRun({ text: () => text }), 'csv');
      const names = csv
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[1]);
      for (const name of names) expect(name).toMatch(/^"?'/);
    },
  );
});

type Mutation = (run: Record<string, unknown>) => void;

/** Every path of a JSON value, so that each member is tried. */
function paths(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (value === null || typeof value !== 'object') return [at];
  const members = Array.isArray(value)
    ? value.slice(0, 2).map((one, index) => [index, one] as const)
    : Object.entries(value);
  return [...(at.length > 0 ? [at] : []), ...members.flatMap(([key, member]) => paths(member, [...at, key]))];
}

function setAt(root: unknown, path: readonly (string | number)[], value: unknown): void {
  let holder = root;
  for (const key of path.slice(0, -1)) holder = Reflect.get(Object(holder), key);
  Reflect.set(Object(holder), path.at(-1)!, value);
}

describe('a run file from outside', () => {
  const good = renderReport(fixtureRun(), 'json');
  const mutated = (change: Mutation) => {
    const run: Record<string, unknown> = JSON.parse(good);
    change(run);
    return parseRun(JSON.stringify(run));
  };

  it('rejects a member of the wrong type wherever it stands', () => {
    const all = paths(JSON.parse(good));
    expect(all.length).toBeGreaterThan(300);
    for (const path of all) {
      const result = mutated((run) => setAt(run, path, { surprise: {} }));
      expect(result.ok, path.join('.')).toBe(false);
      if (!result.ok) expect(result.error.code).toMatch(/^run-file\./);
    }
  });

  it('rejects members it does not know', () => {
    expect(mutated((run) => setAt(run, ['extra'], 1)).ok).toBe(false);
    expect(mutated((run) => setAt(run, ['operators', 0, 'extra'], 1)).ok).toBe(false);
    expect(mutated((run) => setAt(run, ['schedule', 'answer', 'extra'], 1)).ok).toBe(false);
  });

  it.each([
    ['another format', ['format'], 'weft-run/2', 'run-file.shape'],
    ['a key that is no hash', ['key'], 'x', 'run-file.shape'],
    ['a huge number', ['totals', 0, 'value'], '1e999', 'run-file.shape'],
    ['operators out of order', ['operators', 0, 'index'], 1, 'run-file.inconsistent'],
    ['a tensor that is not there', ['schedule', 'problem', 'ops', 0, 'inputs'], [999], 'run-file.inconsistent'],
    ['an operator run twice', ['schedule', 'answer', 'order', 0], 1, 'run-file.inconsistent'],
    ['a residency after the end', ['schedule', 'answer', 'intervals', 0, 'to'], 99, 'run-file.inconsistent'],
    [
      'an address beyond the scratchpad',
      ['schedule', 'answer', 'intervals', 0, 'addr'],
      524_288,
      'run-file.inconsistent',
    ],
    ['a bound above the objective', ['schedule', 'answer', 'bound'], 1e9, 'run-file.inconsistent'],
    ['a false claim of optimality', ['schedule', 'answer', 'bound'], 0, 'run-file.inconsistent'],
    ['a column too short', ['timeline', 'start', 'base64'], 'AAAA', 'run-file.inconsistent'],
    ['a column that is not base64', ['timeline', 'start', 'base64'], '****', 'run-file.shape'],
    ['fewer lanes than used', ['timeline', 'lanes'], [], 'run-file.inconsistent'],
    ['a column of another type', ['timeline', 'kind', 'type'], 'f64', 'run-file.shape'],
    ['a makespan before the last interval', ['timeline', 'makespanCycles'], 1, 'run-file.inconsistent'],
    ['a certificate of neither kind', ['certificate', 'isVerified'], 'yes', 'run-file.shape'],
    [
      'an estimate of an operator that is not there',
      ['arrayModels', 0, 'operators', 0, 'operator'],
      99,
      'run-file.inconsistent',
    ],
    ['energy of fewer operators', ['energy', 'operators'], [], 'run-file.inconsistent'],
    ['energy of fewer levels', ['energy', 'levels'], [], 'run-file.shape'],
    ['more commands shown than there are', ['program', 'commands'], 0, 'run-file.inconsistent'],
    ['weights without a digest', ['inputs', 'weights'], { name: 'a', bytes: 1, sha256: 'x' }, 'run-file.shape'],
    ['a model that is an architecture', ['inputs', 'model', 'kind'], 'architecture', 'run-file.inconsistent'],
  ])('rejects %s', (_title, path, value, code) => {
    const result = mutated((run) => setAt(run, path, value));
    expect(result.ok ? 'accepted' : result.error.code).toBe(code);
  });

  it.each([
    ['lane', encodeColumn(Uint16Array.from({ length: 24 }, () => 9))],
    ['operator', encodeColumn(Int32Array.from({ length: 24 }, () => 99))],
    ['command', encodeColumn(Int32Array.from({ length: 24 }, () => 2000))],
    ['command', encodeColumn(Int32Array.from({ length: 24 }, () => -1))],
    ['kind', encodeColumn(Uint8Array.from({ length: 24 }, () => 9))],
    ['bytes', encodeColumn(Float64Array.from({ length: 24 }, () => -1))],
    ['start', encodeColumn(Float64Array.from({ length: 24 }, () => Number.NaN))],
    ['end', encodeColumn(Float64Array.from({ length: 24 }, () => Number.POSITIVE_INFINITY))],
    ['start', encodeColumn(Float64Array.from({ length: 24 }, (_, row) => -row))],
  ])('rejects impossible values in the column %s', (name, column) => {
    expect(fixtureRun().timeline.lane.length).toBe(24);
    const result = mutated((run) => setAt(run, ['timeline', name], column));
    expect(result.ok ? 'accepted' : result.error.code).toBe('run-file.inconsistent');
  });

  it('answers a thousand damaged texts with a Problem or an intact run, never with an exception', () => {
    const rng = createRng(7);
    for (let round = 0; round < 1000; round++) {
      const at = rng.below(good.length);
      const damaged =
        round % 3 === 0
          ? good.slice(0, at)
          : `${good.slice(0, at)}${String.fromCharCode(32 + rng.below(95))}${good.slice(at + 1 + rng.below(4))}`;
      const result = parseRun(damaged);
      if (result.ok) expect(() => renderReport(result.value, 'html')).not.toThrow();
      else expect(result.error.code).toMatch(/^run-file\./);
    }
  });
});

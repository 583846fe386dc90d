// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { problem } from '#core/base/problem.ts';
import type { CrossoverView } from '#core/contract/views.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import type { Surface } from '#core/report/figures/surface.ts';
import { inkOf } from '#core/report/palette.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import type { Mode } from '#core/stages/design.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { aCore, aFabric, aGraph, aTask } from '../../tests/support/random-task-graph.ts';
import { type FakeHost, fakeHost } from '../client/fake/fake-host.ts';
import { useSession } from '../client/session-store.ts';
import { useLiveSimulation } from '../editor/live-simulation-store.ts';
import CrossoverPanel from './CrossoverPanel.vue';
import {
  crossoverHit,
  drawnCell,
  modeColour,
  modesOf,
  paintCrossover,
  pointAt,
  pointText,
  strengthOf,
} from './crossover-plot.ts';
import { useRuns } from './runs-store.ts';
import { project } from './test-support.ts';

const mode = (name: Mode, cycles: number, isPlayed = false) => ({
  mode: name,
  title: name,
  predicted: cycles,
  simulated: isPlayed ? cycles : null,
  offChipBytes: 64,
});
const point = (
  memoryBytes: number,
  efficiency: number,
  margin: number | null,
  ...modes: ReturnType<typeof mode>[]
) => ({
  memoryBytes,
  efficiency,
  margin,
  modes,
  isSimulated: modes[0]?.simulated !== null && modes.length > 0,
});
/** Small and slow: dataflow; small and fast: nothing fits; large: sequential; the last was not decided any more. */
const study: CrossoverStudy = {
  format: 'weft-crossover/1',
  tasks: 'Chain',
  fabric: 'Two cores',
  variant: 'as-built',
  grid: 'coarse',
  memoryBytes: [1024, 4096],
  efficiencies: [0.5, 1],
  drawn: { memoryBytes: 4096, bytesPerTick: 64 },
  points: [
    point(1024, 0.5, 0.25, mode('dataflow', 1000, true), mode('sequential', 1250, true)),
    point(1024, 1, null),
    point(4096, 0.5, 0, mode('sequential', 900), mode('dataflow', 900)),
  ],
  corrected: 1,
  stoppedEarly: true,
};

/** What is painted, by kind. */
function recorded() {
  const texts: string[] = [];
  const fills: string[] = [];
  const lines: number[] = [];
  const surface: Surface = {
    rect: (_x, _y, _w, _h, fill) => void fills.push(fill),
    line: (_a, _b, _c, _d, _stroke, style) => void lines.push(style?.width ?? 1),
    text: (_x, _y, text) => void texts.push(text),
    path: () => {},
    clip: (_x, _y, _w, _h, draw) => draw(),
  };
  return { surface, texts, fills, lines };
}

describe('the drawing of a crossover map', () => {
  it('names modes, cycles, axes; marks what was simulated and, where it was decided, what is drawn', () => {
    const { surface, texts, lines } = recorded();
    const frame = { height: 240, theme: 'light', ink: inkOf('light'), title: 'T', focused: null } as const;
    paintCrossover(surface, study, { ...frame, width: 600 });
    expect(texts).toEqual(
      expect.arrayContaining(['T', '1 KiB', '4 KiB', '50 %', '100 %', 'Dataflow', 'Sequential', '–']),
    );
    expect(texts.filter((text) => text === '●')).toHaveLength(1);
    expect(texts).not.toContain('◆');
    // Only between dataflow and sequential side by side.
    expect(lines.filter((width) => width === 2)).toHaveLength(1);
    const whole = {
      ...study,
      points: [...study.points, point(4096, 1, 0.1, mode('sequential', 800), mode('dataflow', 880))],
    };
    const narrow = recorded();
    paintCrossover(narrow.surface, whole, { ...frame, width: 180 });
    expect(narrow.texts).toEqual(expect.arrayContaining(['D', 'S', '◆']));
    expect(narrow.texts).not.toContain('Dataflow');
  });

  it('is fainter the closer the next mode is, from the mode’s colour to near the ground', () => {
    expect(strengthOf(null)).toBe(1);
    expect(strengthOf(0.5)).toBe(1);
    expect(strengthOf(3)).toBe(1);
    const between = [0, 0.01, 0.05, 0.2].map(strengthOf);
    expect(between).toEqual([...between].sort((a, b) => a - b));
    expect(between[0]).toBeGreaterThan(0.2);
    expect(modeColour('sequential', null, 'light', '#ffffff')).toBe('#0072b2');
    expect(modeColour('sequential', 0, 'dark', '#171c23')).not.toBe('#171c23');
  });

  it('finds the point under a place, and the places of points', () => {
    // Cells of 265 × 81 pixels from (58, 42).
    expect(crossoverHit(study, 600, 240, 60, 44)).toEqual({ column: 0, row: 1 });
    expect(crossoverHit(study, 600, 240, 587, 203)).toEqual({ column: 1, row: 0 });
    expect(crossoverHit(study, 600, 240, 30, 100)).toBeNull();
    expect(crossoverHit(study, 600, 240, 300, 210)).toBeNull();
    expect(drawnCell(study)).toEqual({ column: 1, row: 1 });
    expect(pointAt(study, { column: 1, row: 1 })).toBeNull();
    expect(modesOf(study)).toEqual(['sequential', 'dataflow']);
  });

  it('says a point in words', () => {
    const said = study.points.map((one) => pointText(one, String));
    expect(said).toEqual([
      'Dataflow, 1000, simulated, 25 % ahead of sequential',
      'no design fits',
      'Sequential, 900, by the time model, level with dataflow',
    ]);
    expect(pointText(null, String)).toBe('not decided');
  });
});

describe('the panel', () => {
  let host: FakeHost;
  let kept: CrossoverView;
  const asked: unknown[] = [];
  const site = { tasks: 't', fabric: 'f', variant: 'as-built' } as const;
  const nothing: CrossoverView = { ...site, isRunning: false, progress: null, failure: null, found: null };

  beforeEach(async () => {
    setActivePinia(createPinia());
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe() {}
        disconnect() {}
      },
    );
    asked.length = 0;
    kept = nothing;
    const tasks = drawTaskGraph(aGraph([aTask('a', { work: 1 })]), 't');
    host = fakeHost([tasks, drawFabric(aFabric([aCore('c', 1)]), 'f')]);
    const answer = (name: string) => (input: unknown) => {
      asked.push([name, input]);
      return Promise.resolve(name === 'start' ? { ...kept, isRunning: true } : kept);
    };
    const crossovers = { get: answer('get'), start: answer('start'), cancel: answer('cancel') };
    const client = new Proxy(host.client, {
      get: (target, name) => (name === 'crossovers' ? crossovers : Reflect.get(target, name)),
    });
    useSession().attach({ ...host, client });
    host.connect();
    const view = project([]);
    useRuns().adopt({
      ...view,
      documents: [
        { id: 't', kind: 'tasks', title: 'Chain', revision: 1, nodes: 1 },
        { id: 'f', kind: 'fabric', title: 'Two cores', revision: 4, nodes: 1 },
      ],
    });
  });

  it('says what to draw, then what to press; asks for a map, shows how far it is, and can stop it', async () => {
    const panel = mount(CrossoverPanel);
    expect(panel.text()).toContain('Draw a task graph and a fabric');
    useLiveSimulation().pair = { tasks: 't', fabric: 'f' };
    await vi.waitFor(() => expect(asked).toEqual([['get', site]]));
    await nextTick();
    expect(panel.text()).toContain('Compute the map');
    await panel.find('[aria-label="Crossover map of"]').trigger('submit');
    await vi.waitFor(() => expect(asked.at(-1)).toEqual(['start', { ...site, grid: 'coarse' }]));
    const progress = { phase: 'crossover.model', fraction: 0.4, message: '10 of 25 points' };
    host.tell({ type: 'crossover.changed', crossover: { ...nothing, isRunning: true, progress } });
    await vi.waitFor(() => expect(panel.text()).toContain('10 of 25 points'));
    await panel
      .findAll('button')
      .find((button) => button.text() === 'Stop, keep points')
      ?.trigger('click');
    expect(asked.at(-1)).toEqual(['cancel', site]);
    const failure = problem('crossover.no-banks', 'no bank');
    host.tell({ type: 'crossover.changed', crossover: { ...nothing, failure } });
    await vi.waitFor(() => expect(panel.find('[role="alert"]').text()).toBe('no bank'));
    panel.unmount();
  });

  it('shows the kept map as figure, words and table, goes from point to point by keys, and says when it is stale', async () => {
    kept = { ...nothing, found: { study, revisions: { tasks: 1, fabric: 4 }, createdAt: '2026-01-01T00:00:00Z' } };
    useLiveSimulation().pair = { tasks: 't', fabric: 'f' };
    const panel = mount(CrossoverPanel);
    await vi.waitFor(() => expect(panel.text()).toContain('1 of 3 points simulated'));
    expect(panel.find('caption').text()).toContain('Best mode of Chain on Two cores, as built');
    const cells = panel
      .findAll('table.visually-hidden tbody tr')
      .map((row) => row.findAll('td').map((cell) => cell.text()));
    expect(cells).toEqual([
      ['no design fits', 'not decided'],
      [
        'Dataflow, 1,000 cycles, simulated, 25 % ahead of sequential',
        'Sequential, 900 cycles, by the time model, level with dataflow',
      ],
    ]);
    const figure = panel.find('[role="application"]');
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowDown']) await figure.trigger('keydown', { key });
    expect(panel.findAll('[role="status"]').at(-1)?.text()).toBe(
      '1 KiB on chip, 50 % of peak: Dataflow, 1,000 cycles, simulated, 25 % ahead of sequential.',
    );
    expect(panel.find('aside').text()).toContain('32 B/cycle off chip');
    expect(panel.text()).not.toContain('stale');
    useRuns().documentRevised('f', 5);
    await nextTick();
    expect(panel.text()).toContain('stale');
    panel.unmount();
  });
});

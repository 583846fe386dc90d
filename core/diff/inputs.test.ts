import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { emptyDocument } from '#core/document/document.ts';
import { DEFAULT_SIMULATION } from '#core/run/fabric/settings.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { isEmpty } from './diff.ts';
import { diffInputs, type InputSet, settingsChanges } from './inputs.ts';

const inputs: InputSet = {
  model: emptyDocument('m', 'model', 'M'),
  architecture: presetById('systolic-32x32')!.build('a'),
  settings: DEFAULT_SETTINGS,
};

describe('inputs of runs', () => {
  it('that are the same have no difference', () => {
    const diff = diffInputs(inputs, inputs);
    expect(diff.model && diff.architecture && isEmpty(diff.model) && isEmpty(diff.architecture)).toBe(true);
    expect(diff.settings).toEqual([]);
  });

  it('are told by what differs: documents and settings', () => {
    const next: InputSet = {
      ...inputs,
      model: { ...emptyDocument('m', 'model', 'M'), title: 'Other' },
      settings: { ...DEFAULT_SETTINGS, format: 'fp16', scratchpadBytes: 65536, seed: 7 },
    };
    const diff = diffInputs(inputs, next);
    expect(diff.model?.title).toEqual({ from: 'M', to: 'Other' });
    expect(diff.settings.map(({ title, from, to }) => `${title}: ${from} → ${to}`)).toEqual([
      'Number format: 8-bit integer → 16-bit float',
      expect.stringMatching(/: 1 → 7$/),
      'Scratchpad: as drawn → 64 KiB',
    ]);
    expect(diff.architecture && isEmpty(diff.architecture)).toBe(true);
  });

  it('say nothing of a document that is gone', () => {
    expect(diffInputs(inputs, { ...inputs, architecture: null }).architecture).toBeNull();
  });

  it("name a scheduler's parameters as it declares them", () => {
    const settings = (nodes: number) => ({
      ...DEFAULT_SETTINGS,
      scheduler: { id: 's', parameters: { nodes } },
    });
    const spec = {
      id: 'nodes',
      title: 'Nodes searched',
      help: '',
      kind: 'integer',
      unit: '',
      minimum: 0,
      maximum: 1e9,
      default: 1000,
    } as const;
    expect(settingsChanges(settings(1000), settings(2000), () => [spec])).toEqual([
      { id: 'nodes', title: 'Nodes searched', from: '1000', to: '2000', exact: null },
    ]);
    expect(settingsChanges(DEFAULT_SETTINGS, settings(1000), () => [spec]).map(({ id }) => id)).toEqual(['scheduler']);
  });

  it('compare simulations, candidates, and no program with a simulation', () => {
    expect(settingsChanges(DEFAULT_SIMULATION, { ...DEFAULT_SIMULATION, mode: 'best' })).toMatchObject([
      { title: 'Mode', from: 'As drawn', to: 'The best of all' },
    ]);
    expect(settingsChanges(DEFAULT_SETTINGS, DEFAULT_SIMULATION)).toEqual([]);
    const withText = (text: string) => ({ ...DEFAULT_SETTINGS, candidates: { n1: text } });
    expect(settingsChanges(DEFAULT_SETTINGS, withText('x'))).toMatchObject([{ from: 'none', to: 'a candidate' }]);
    expect(settingsChanges(withText('y'), withText('x'))).toMatchObject([{ to: 'another candidate' }]);
  });
});

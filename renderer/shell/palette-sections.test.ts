import { describe, expect, it } from 'vitest';
import { offerOf } from './palette-sections.ts';

const named = (...labels: readonly string[]) => labels.map((label) => ({ label }));
const labels = (query: string) => offerOf(sections, query).rows.map(({ label }) => label);
const sections = [
  { title: 'Commands', rows: named('Run', 'Fit the drawing', 'Add a node') },
  { title: 'Documents', rows: named('MobileNetV1', 'Drawing') },
  { title: 'Nodes', rows: named(...Array.from({ length: 10_000 }, (_, at) => `conv ${at}`), 'Run') },
];

describe('what the palette offers', () => {
  it('begins with the section of the best hit, commands first where hits are equal', () => {
    expect(labels('run')).toEqual(['Run', 'Run']);
    expect(labels('drawing')).toEqual(['Drawing', 'Fit the drawing']);
    expect(labels('mobile')).toEqual(['MobileNetV1']);
    expect(labels('nothing of that name')).toEqual([]);
  });

  it('has the best few of each of several sections, all of one alone, and says how many are left', () => {
    expect(offerOf(sections, 'conv').rows).toHaveLength(10_000);
    const both = offerOf(sections, 'n');
    expect(both.rows.filter(({ label }) => label.startsWith('conv'))).toHaveLength(8);
    expect(both.rows.length + both.left).toBe(10_000 + 6);
    expect(labels('conv 9999')).toEqual(['conv 9999']);
  });
});

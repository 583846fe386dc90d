import { describe, expect, it } from 'vitest';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from './technique.ts';

const open = (text: string) =>
  technique.open(bytesSource(new TextEncoder().encode(text)), { document: 'd', file: 'chain.example' });

describe('importer/example', () => {
  it('opens a chain', () => {
    const made = open('input 1 3 8 8\nsoftmax\noutput\n');
    if (!made.ok) throw new Error(made.error.message);
    expect(made.value.problems).toEqual([]);
    expect(made.value.facts?.inputs[0]?.shape).toEqual([1, 3, 8, 8]);
    expect(made.value.document.links.size).toBe(2);
  });

  it('says where it stopped', () => {
    const made = open('input 1 3 8 8\nsoftmax x\n');
    expect(made.ok ? null : made.error.where.byteOffset).toBe(14);
  });
});

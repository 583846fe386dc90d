import { describe, expect, it } from 'vitest';
import type { SectionOutline } from '#core/report/blocks.ts';
import { EVERYTHING, moved, ordered, readChoice, toggled, wanted } from './sections.ts';

const outline = (ids: string): readonly SectionOutline[] =>
  [...ids].map((id) => ({ id, title: id, figures: 0, tables: 0, isFixed: id === 'z' }));
const sections = outline('abcdz');
const ids = (choice = EVERYTHING, of = sections) =>
  ordered(of, choice)
    .map(({ id }) => id)
    .join('');

describe('sections of a report', () => {
  it('are everything as it comes, which is not asked for by name', () => {
    expect(ids()).toBe('abcdz');
    expect(wanted(sections, EVERYTHING)).toBeNull();
  });

  it('move within those that can, and back', () => {
    const once = moved(sections, EVERYTHING, 'c', 0);
    expect(ids(once)).toBe('cabdz');
    expect(wanted(sections, once)).toEqual(['c', 'a', 'b', 'd']);
    expect(ids(moved(sections, once, 'c', 99))).toBe('abdcz');
    expect(wanted(sections, moved(sections, once, 'c', 2))).toBeNull();
    expect(moved(sections, once, 'z', 0)).toBe(once);
  });

  it('are left out and taken in again; the appendix stays', () => {
    const without = toggled(toggled(EVERYTHING, 'b'), 'z');
    expect(wanted(sections, without)).toEqual(['a', 'c', 'd']);
    expect(wanted(sections, toggled(without, 'b'))).toBeNull();
  });

  it('of another run: what is new follows what it follows there, what is gone keeps its place', () => {
    const choice = moved(sections, EVERYTHING, 'd', 0);
    expect(ids(choice, outline('xacydz'))).toBe('xdacyz');
    expect(ids(moved(outline('acz'), choice, 'c', 0), sections)).toBe('cadbz');
  });

  it('are remembered only in their own shape', () => {
    expect(readChoice({ order: ['a'], left: [] })).toEqual({ order: ['a'], left: [] });
    for (const wrong of [null, 1, {}, { order: 'a', left: [] }, { order: [1], left: [] }])
      expect(readChoice(wrong)).toBeNull();
  });
});

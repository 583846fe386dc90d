import { describe, expect, it } from 'vitest';
import { problem } from '#core/base/problem.ts';
import { createRng } from '#core/base/rng.ts';
import { ProgramBuilder } from './builder.ts';
import { inText, parseProgram } from './parse.ts';
import { COMPULSORY, IN_BUFFER, LOAD, type Program, SPILL, STORE, WEIGHTS } from './program.ts';
import { programText } from './text.ts';

/** t0 is loaded whole to address 64, t1 streams; k0 makes t2, which is stored. */
function small(): Program {
  const b = new ProgramBuilder([
    { component: 'n1', name: 'Array "32 × 32"', kind: 'unit' },
    { component: 'n2', name: 'DMA read  # 1', kind: 'dma' },
    { component: 'n2', name: 'DMA write', kind: 'dma' },
  ]);
  b.bind(0, {
    operands: [
      { tensor: 0, address: 64 },
      { tensor: 1, address: IN_BUFFER },
    ],
    results: [{ tensor: 2, address: IN_BUFFER }],
  });
  const load = { opcode: LOAD, engine: 1, channel: 0, operator: 0 };
  const whole = b.transfer({ ...load, tensor: 0, bytes: 32, traffic: COMPULSORY, address: 64 }, []);
  const place = { unit: 0, buffer: 1, slot: 1, tile: 3 };
  const piece = b.transfer({ ...load, tensor: 1, bytes: 16, traffic: SPILL, offset: 48, place }, []);
  const weights = b.transfer(
    { ...load, tensor: WEIGHTS, bytes: 8, traffic: COMPULSORY, place: { ...place, buffer: 2 } },
    [],
  );
  const made = b.execute({ engine: 0, operator: 0, tensor: 2, ticks: 120, tile: 3, slot: 1 }, [whole, piece, weights]);
  const store = { opcode: STORE, engine: 2, channel: 1, operator: 0, tensor: 2, bytes: 4, traffic: COMPULSORY };
  b.transfer({ ...store, place: { unit: 0, buffer: 0, slot: 1, tile: 3 } }, [made]);
  return b.build();
}

const TEXT = `weft-program/1
engine e0 unit "n1" "Array \\"32 × 32\\""
engine e1 dma "n2" "DMA read  # 1"
engine e2 dma "n2" "DMA write"
kernel k0 reads t0@64 t1@buffer makes t2@buffer
     0 e1 load k0 t0 32 B compulsory into @64 from 0 over c0
     1 e1 load k0 t1 16 B spill into e0.1.1 piece 3 from 48 over c0
     2 e1 load k0 weights 8 B compulsory into e0.2.1 piece 3 from 0 over c0
     3 e0 execute k0 tile 3 slot 1 makes t2 in 120 after 0 1 2
     4 e2 store k0 t2 4 B compulsory out of e0.0.1 piece 3 from 0 over c1 after 3
`;

describe('program text', () => {
  it('says everything, one line a command, and reads back', () => {
    expect(programText(small())).toBe(TEXT);
    expect(parseProgram(TEXT)).toEqual({ ok: true, value: small() });
  });

  it('names are comments, whatever they hold', () => {
    const names = {
      operator: () => 'conv\n1',
      tensor: (id: number) => `tensor ${id}  # after 7`,
      region: (command: number) => (command === 1 ? 'rows 4–5' : null),
    };
    const text = programText(small(), names);
    expect(text).toContain('  # conv 1: tensor 0 # after 7, tensor 1');
    expect(text).toContain('over c0  # tensor 1 # after 7, rows 4–5');
    expect(parseProgram(text)).toEqual({ ok: true, value: small() });
  });

  it('takes blank lines, remarks and carriage returns', () => {
    const text = `# mine\n\n${TEXT.replaceAll('\n', '\r\n')}\n  # end\n`;
    expect(parseProgram(text)).toEqual({ ok: true, value: small() });
  });

  it('problems of a program that was read have the lines of their commands', () => {
    const found = [problem('program.order', 'late', { facts: { command: 1 } }), problem('program.bytes', 'too many')];
    const text = `# mine\n\n${TEXT}`;
    const [first, second] = inText(found, text);
    expect(text.split('\n')[first!.where.line! - 1]).toMatch(/^ *1 e/);
    expect(second).toBe(found[1]);
  });

  it.each([
    ['', 1, "the first line is 'weft-program/1'"],
    ['weft-program/2', 1, "the first line is 'weft-program/1'"],
    [TEXT.replace('engine e1', 'engine e2'), 3, 'engine e1 comes next, not e2'],
    [TEXT.replace('"n1"', 'n1'), 2, 'an engine reads'],
    [TEXT.replace('t1@buffer', 't1'), 5, 'a kernel reads'],
    [TEXT.replace('     1 e1', '     2 e1'), 7, 'command 1 comes next, not 2'],
    [TEXT.replace('e1 load k0 t1', 'e7 load k0 t1'), 7, 'there is no engine e7'],
    [TEXT.replace('load k0 weights', 'load k4 weights'), 8, 'there is no kernel k4'],
    [TEXT.replace('spill into', 'often into'), 7, 'a load reads'],
    [TEXT.replace('out of e0', 'into e0'), 10, 'a store reads'],
    [TEXT.replace('slot 1 makes', 'slot 2 makes'), 9, 'an execute reads'],
    [TEXT.replace('after 3', 'after 4'), 10, 'it waits for command 4, which comes later'],
    [TEXT.replace('over c1', 'over c256'), 10, 'a store reads'],
  ])('says what is wrong and in which line (%#)', (text, line, message) => {
    const read = parseProgram(text);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.error).toMatchObject({ code: 'program.text', where: { line } });
    expect(read.error.message).toContain(`Line ${line}: ${message}`);
  });

  it('damaged text is a program or a problem, never an exception', () => {
    const rng = createRng(1);
    let programs = 0;
    for (let i = 0; i < 3000; i++) {
      const at = rng.below(TEXT.length);
      const length = rng.below(4);
      const text = `${TEXT.slice(0, at)}${['', '0', ' ', '\n', '9', 't', '"', '99999999999999999999'][rng.below(8)]}${TEXT.slice(at + length)}`;
      const read = parseProgram(text);
      if (!read.ok) {
        expect(read.error.where.line).toBeGreaterThan(0);
        continue;
      }
      programs++;
      // What it understands it says again.
      expect(parseProgram(programText(read.value))).toEqual(read);
    }
    expect(programs).toBeGreaterThan(50);
  });
});

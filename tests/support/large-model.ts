/** A residual network of a given number of operators, drawn flat (no groups): what a canvas has to bear. */
import type { Document } from '#core/document/document.ts';
import { Sketch } from '#projects/examples/sketch.ts';

export function largeModel(operators: number): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 64, 56, 56] });
  let count = 0;
  for (let block = 0; count + 7 <= operators; block++) {
    const name = (part: string) => `block ${block} ${part}`;
    const narrow = sketch.add(
      'activation',
      name('relu 1'),
      { function: 'relu' },
      sketch.add(
        'batch-norm',
        name('bn 1'),
        {},
        sketch.add('conv', name('conv 1'), { outChannels: 64, bias: false }, at),
      ),
    );
    const wide = sketch.add(
      'batch-norm',
      name('bn 2'),
      {},
      sketch.add('conv', name('conv 2'), { outChannels: 64, bias: false }, narrow),
    );
    at = sketch.add(
      'activation',
      name('relu 2'),
      { function: 'relu' },
      sketch.add('elementwise', name('add'), { operation: 'add' }, wide, at),
    );
    count += 7;
  }
  for (; count < operators; count++) at = sketch.add('activation', `tail ${count}`, { function: 'relu' }, at);
  sketch.add('output', 'result', {}, at);
  return sketch.document('model', `${operators} operators`);
}

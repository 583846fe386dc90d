// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { nextTick } from 'vue';
import { giveBack } from './give-back.ts';

it('takes the keyboard back from what had it, and not from where it goes', async () => {
  const [field, elsewhere] = [document.createElement('input'), document.createElement('input')];
  document.body.append(field, elsewhere);
  let taken = 0;
  const close = () => giveBack(() => taken++);
  field.focus();
  close();
  await nextTick();
  expect(taken).toBe(1);
  field.addEventListener('blur', close);
  elsewhere.focus();
  await nextTick();
  expect(taken).toBe(1);
  expect(document.activeElement).toBe(elsewhere);
});

// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { componentType } from '#core/catalog/components.ts';
import { OPERATOR_TYPES } from '#core/catalog/operators.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import ParameterField from './ParameterField.vue';

const capacity = componentType('scratchpad')!.parameters.find((spec) => spec.id === 'capacityBytes')!;
const field = (spec: ParameterSpec, value: number | string | boolean | readonly number[] | undefined) =>
  mount(ParameterField, { props: { spec, value } });

describe('parameter field', () => {
  it('shows value, unit and the same in words', () => {
    const made = field(capacity, 524_288);
    expect(made.get('input').element.value).toBe('524288');
    expect(made.get('.unit').text()).toBe('B');
    expect(made.get('.readable').text()).toBe('= 512 KiB');
  });

  it('can be swept where a study can', async () => {
    const made = mount(ParameterField, { props: { spec: capacity, value: 524_288, canSweep: true } });
    await made.get('button[aria-label="Sweep Capacity…"]').trigger('click');
    expect(made.emitted('sweep')).toHaveLength(1);
    expect(field(capacity, 524_288).find('.sweep').exists()).toBe(false);
  });

  it('commits a change once, and keeps what does not fit to itself with the reason', async () => {
    const made = field(capacity, 524_288);
    const input = made.get('input');
    await input.setValue('1 MiB');
    await input.trigger('keydown', { key: 'Enter' });
    expect(made.emitted('change')).toEqual([[1_048_576]]);
    await input.setValue('12');
    await input.trigger('keydown', { key: 'Enter' });
    expect(made.emitted('change')).toHaveLength(1);
    expect(made.get('[role="alert"]').text()).toBe('Capacity must be at least 64 B, not 12');
    expect(input.attributes('aria-invalid')).toBe('true');
    await input.trigger('keydown', { key: 'Escape' });
    expect(made.find('[role="alert"]').exists()).toBe(false);
  });

  it('shows what the document holds where it did not take a change', async () => {
    const made = field(capacity, 524_288);
    await made.get('input').setValue('1 MiB');
    await made.get('input').trigger('keydown', { key: 'Enter' });
    await nextTick();
    expect(made.get('input').element.value).toBe('524288');
    const choice = OPERATOR_TYPES.flatMap(({ parameters }) => parameters).find(({ kind }) => kind === 'choice')!;
    const select = field(choice, choice.default).get('select');
    const [other] = [...select.element.options].filter(({ value }) => value !== choice.default);
    await select.setValue(other!.value);
    await nextTick();
    expect(select.element.value).toBe(choice.default);
  });

  it('goes back to the default', async () => {
    const made = field(capacity, 1024);
    await made.get('button').trigger('click');
    expect(made.emitted('change')).toEqual([[capacity.default]]);
  });

  it('marks a value of a use of a block, says what the block says, and goes back to it', async () => {
    const shared = { spec: capacity, value: 1024 };
    const made = mount(ParameterField, { props: { ...shared, ownership: { isOwn: false, said: null } } });
    await made.get('[aria-label="Keep Capacity to this use"]').trigger('click');
    await made.setProps({ ownership: { isOwn: true, said: '512 KiB' } });
    expect(made.get('.own-words').text()).toBe('Own value · block: 512 KiB');
    await made.get('[aria-label="Reset Capacity to the block’s 512 KiB"]').trigger('click');
    expect(made.emitted('own')).toEqual([[true], [false]]);
    await made.setProps({ ownership: { isOwn: true, said: null } });
    expect(made.get('.pin').attributes('aria-label')).toBe('Make this the block’s Capacity');
    await made.setProps({ ownership: null });
    expect(made.find('.pin').exists()).toBe(false);
  });

  it('says when several nodes differ', () => {
    const made = mount(ParameterField, { props: { spec: capacity, value: 524_288, isMixed: true } });
    expect(made.get('input').element.value).toBe('');
    expect(made.get('input').attributes('placeholder')).toBe('several values');
    expect(made.find('.readable').exists()).toBe(false);
  });

  it('makes a labelled control of every parameter of the catalog, without a fault at its default', () => {
    for (const spec of OPERATOR_TYPES.flatMap((type) => type.parameters)) {
      const made = field(spec, spec.default);
      const control = made.get('input, select');
      expect(made.get('label').attributes('for')).toBe(control.attributes('id'));
      expect(made.find('[role="alert"]').exists(), `${spec.id}: ${made.text()}`).toBe(false);
      made.unmount();
    }
  });
});

import { formatQuantity } from '#core/base/quantity.ts';
import type { ComponentType } from '../component-type.ts';
import { integerParameter } from '../components/common.ts';
import { defaultParameters, integerOf, type ParameterSpec, textOf } from '../parameter.ts';
import { NOT_GIVEN } from './common.ts';

const U280 = 'AMD DS963, Alveo U280 data sheet';

const PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'kind',
    title: 'Technology',
    kind: 'choice',
    default: 'fpga',
    choices: [
      { value: 'fpga', title: 'FPGA' },
      { value: 'asic', title: 'ASIC' },
    ],
    help: 'Which of the figures below count.',
  },
  resource('dsp', 'DSP slices', '', 9024, 'FPGA: multipliers of 27 × 18 bits.', U280),
  resource('bram18', 'BRAM18', '', 4032, 'FPGA: block RAMs of 18 kbit; a 36 kbit block counts as two.', U280),
  resource('uram', 'URAM', '', 960, 'FPGA: UltraRAMs of 288 kbit.', U280),
  resource('lut', 'LUTs', '', 1_303_680, 'FPGA: look-up tables; short FIFOs are made of them.', U280),
  resource('pes', 'Processing elements', '', NOT_GIVEN, 'ASIC: multiply-accumulate cells.'),
  resource('sramBytes', 'SRAM', 'B', NOT_GIVEN, 'ASIC: bytes of on-chip memory.'),
];

export const device: ComponentType = {
  id: 'device',
  title: 'Device',
  category: 'device',
  summary:
    'What the chip offers a design: DSP slices, block RAM, UltraRAM and look-up tables of an FPGA, or cells and SRAM of an ASIC.',
  source: U280,
  keywords: ['fpga', 'asic', 'resources', 'dsp', 'lut', 'bram', 'budget'],
  ports: [],
  parameters: PARAMETERS,
  badge: (given) => {
    const p = { ...defaultParameters(PARAMETERS), ...given };
    const figure = (id: string, name: string) => {
      const value = integerOf(p, id, NOT_GIVEN);
      return value === NOT_GIVEN ? [] : [`${value.toLocaleString('en-GB')} ${name}`];
    };
    if (textOf(p, 'kind', 'fpga') === 'fpga')
      return ['FPGA', ...figure('dsp', 'DSP'), ...figure('uram', 'URAM')].join(' · ');
    const sram = integerOf(p, 'sramBytes', NOT_GIVEN);
    return ['ASIC', ...figure('pes', 'PEs'), ...(sram === NOT_GIVEN ? [] : [formatQuantity(sram, 'B')])].join(' · ');
  },
};

function resource(
  id: string,
  title: string,
  unit: 'B' | '',
  standard: number,
  help: string,
  source?: string,
): ParameterSpec {
  const declared = integerParameter(id, title, unit, [NOT_GIVEN, 2 ** 50], standard, `${help} −1: no limit.`);
  return source === undefined ? declared : { ...declared, source };
}

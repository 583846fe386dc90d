/** Area of what is drawn, part by part, with the figures it was computed with. */
import type { Machine } from '#core/architecture/machine.ts';
import { areaOf, macArea } from '#core/energy/area.ts';
import { type Figure, figure } from '#core/energy/figure.ts';
import { sramFigures } from '#core/energy/sram.ts';
import type { AreaPart } from './result.ts';
import type { RunSettings } from './settings.ts';

/** In mm²; the parts add up to the total. */
export function areaParts(machine: Machine, { format }: Pick<RunSettings, 'format'>): readonly AreaPart[] {
  const area = areaOf(machine, format);
  const total = area.cells + area.lanes + area.buffers + area.scratchpad;
  const part = (id: AreaPart['id'], title: string, figures: readonly Figure[]): AreaPart => ({
    id,
    title,
    squareMillimetres: area[id],
    share: total > 0 ? area[id] / total : 0,
    figures: distinct(figures),
  });
  const arrays = machine.units.filter((unit) => unit.kind === 'systolic-array');
  const lanes = machine.units.filter((unit) => unit.kind !== 'systolic-array');
  const arithmetic = (nanometres: number, per: string) => {
    const { squareMillimetres, source, isChecked } = macArea(format, nanometres);
    return figure(`area.${format}.${per}`, squareMillimetres * 1e6, 'µm²', per, `${nanometres} nm`, source, isChecked);
  };
  const memory = (bytes: number, nanometres: number) => {
    const { squareMillimetres, source, isChecked } = sramFigures(bytes, nanometres);
    return figure(
      `area.sram.${bytes} B`,
      squareMillimetres,
      'mm²',
      `${bytes} B`,
      `${nanometres} nm`,
      source,
      isChecked,
    );
  };
  const { capacityBytes, nanometres } = machine.scratchpad;
  return [
    part(
      'cells',
      'Cells of arrays',
      arrays.map((unit) => arithmetic(unit.nanometres, 'a cell')),
    ),
    part(
      'lanes',
      'Lanes',
      lanes.map((unit) => arithmetic(unit.nanometres, 'a lane')),
    ),
    part('buffers', 'Operand buffers', [
      ...arrays.flatMap((unit) =>
        [unit.inputBufferBytes, unit.weightBufferBytes, unit.outputBufferBytes].map((bytes) =>
          memory(bytes, unit.nanometres),
        ),
      ),
      ...lanes.map((unit) => memory(unit.bufferBytes, unit.nanometres)),
    ]),
    part('scratchpad', 'Scratchpad', [memory(capacityBytes, nanometres)]),
  ];
}

function distinct(figures: readonly Figure[]): readonly Figure[] {
  return [...new Map(figures.map((each) => [`${each.id}@${each.technology}`, each])).values()];
}

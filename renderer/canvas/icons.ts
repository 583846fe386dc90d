/** One icon a category, beside the colour: meaning never rests on colour alone. */
import {
  Activity,
  ArrowRightLeft,
  Blend,
  Box,
  Boxes,
  Cable,
  CircuitBoard,
  Columns3,
  Cpu,
  Equal,
  Focus,
  Grid3x3,
  HardDrive,
  LogIn,
  MemoryStick,
  Plus,
  Puzzle,
  RotateCw,
  Ruler,
  Shuffle,
  Sigma,
  StickyNote,
  Workflow,
} from 'lucide-vue-next';
import type { Component } from 'vue';

const ICONS: Readonly<Record<string, Component>> = {
  interface: LogIn,
  linear: Grid3x3,
  convolution: Focus,
  elementwise: Plus,
  activation: Activity,
  pooling: Columns3,
  normalisation: Equal,
  attention: Blend,
  layout: Shuffle,
  reduction: Sigma,
  recurrent: RotateCw,
  quantisation: Ruler,
  opaque: Puzzle,
  compute: Cpu,
  memory: MemoryStick,
  link: Cable,
  'off-chip': HardDrive,
  device: CircuitBoard,
  task: Workflow,
  stream: ArrowRightLeft,
  note: StickyNote,
  group: Boxes,
};

export function iconOf(category: string): Component {
  return ICONS[category] ?? Box;
}

/** Names and the words of notes, written where the node stands; and how large a note is. */
import { computed, shallowRef } from 'vue';
import type { Command } from '#core/document/command.ts';
import { giveBack } from './give-back.ts';
import type { SceneNode } from './scene.ts';
import type { Drawing } from './use-drawing.ts';
import type { useViewport } from './use-viewport.ts';

interface WritingHost {
  readonly drawing: Drawing;
  readonly camera: ReturnType<typeof useViewport>;
  /** The node the keyboard is at. */
  readonly atCursor: () => SceneNode | undefined;
  readonly run: (command: Command, gesture?: string) => boolean;
  /** Takes the keyboard back to the canvas. */
  readonly focus: () => void;
}

export function useWriting({ drawing: { scene }, camera: { viewport, reveal }, atCursor, run, focus }: WritingHost) {
  const renaming = shallowRef<SceneNode | null>(null);
  const renameAt = computed(() => {
    const node = renaming.value;
    const { x, y, zoom } = viewport.value;
    return (
      node && {
        left: `${node.x * zoom + x}px`,
        top: `${node.y * zoom + y}px`,
        width: `${Math.max(160, Math.min(node.width, 240) * zoom)}px`,
      }
    );
  });
  /** A note is written on, all else is renamed. */
  async function rename(node = atCursor()): Promise<void> {
    if (!node) return;
    await reveal(node.id);
    renaming.value = scene.value.byId.get(node.id) ?? null;
  }
  function onRename(name: string): void {
    if (renaming.value) run({ type: 'node.rename', node: renaming.value.id, name });
    closeRename();
  }
  function onWrite(value: string): void {
    if (renaming.value)
      run({
        type: 'batch',
        label: 'Write on a note',
        commands: [{ type: 'node.set-parameter', node: renaming.value.id, parameter: 'text', value }],
      });
    closeRename();
  }
  const writeAt = computed(() => {
    const node = renaming.value;
    const { x, y, zoom } = viewport.value;
    const grown = (size: number, least: number) => `${Math.max(least, size * zoom)}px`;
    return (
      node && {
        left: `${node.x * zoom + x}px`,
        top: `${node.y * zoom + y}px`,
        width: grown(node.width, 200),
        height: grown(node.height, 96),
      }
    );
  });
  function resizeNote(node: string, width: number, height: number, gesture: string): void {
    const set = (parameter: string, value: number): Command => ({ type: 'node.set-parameter', node, parameter, value });
    const command: Command = {
      type: 'batch',
      label: 'Resize a note',
      commands: [set('width', width), set('height', height)],
    };
    run(command, gesture);
  }
  function closeRename(): void {
    renaming.value = null;
    giveBack(focus);
  }

  return { renaming, renameAt, writeAt, rename, onRename, onWrite, closeRename, resizeNote };
}

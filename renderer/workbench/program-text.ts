/** The text of a run's program, page by page as it is looked at. */
import { ref, shallowReactive, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ProgramView } from '#core/contract/views.ts';

export interface ProgramAsk {
  readonly run: string;
  readonly from: number;
  readonly count: number;
  readonly find?: string;
}

const PROGRAM_PAGE = 500;
/** Pages kept; those asked for longest ago go first. */
const KEPT = 64;

/** @param run whose program; another one starts anew. */
export function useProgramText(
  run: () => string | null,
  ask: (page: ProgramAsk) => Promise<Result<ProgramView, Problem>>,
) {
  const extent = shallowRef<Pick<ProgramView, 'lines' | 'preamble' | 'commands'> | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const waiting = ref(0);
  const pages = shallowReactive(new Map<number, readonly string[]>());
  const asked = new Set<number>();
  let inView = { from: 0, to: 0 };

  watch(
    run,
    (id) => {
      extent.value = null;
      problem.value = null;
      pages.clear();
      asked.clear();
      if (id !== null) void load(0);
    },
    { immediate: true },
  );

  async function answer(page: Omit<ProgramAsk, 'run'>): Promise<ProgramView | null> {
    const id = run();
    if (id === null) return null;
    waiting.value++;
    const made = await ask({ run: id, ...page });
    waiting.value--;
    // Meanwhile another run may be on screen.
    if (run() !== id) return null;
    if (!made.ok) {
      problem.value = made.error;
      return null;
    }
    const { lines, preamble, commands } = made.value;
    extent.value = { lines, preamble, commands };
    problem.value = null;
    return made.value;
  }

  async function load(page: number): Promise<void> {
    if (asked.has(page)) return;
    asked.add(page);
    const view = await answer({ from: page * PROGRAM_PAGE, count: PROGRAM_PAGE });
    if (!view) {
      asked.delete(page);
      return;
    }
    pages.set(page, view.text);
    for (const oldest of pages.keys()) {
      if (pages.size <= KEPT) break;
      pages.delete(oldest);
      asked.delete(oldest);
    }
  }

  /** Asks for what is missing of lines from … to − 1. */
  function need(from: number, to: number): void {
    inView = { from, to };
    const end = Math.min(to, extent.value?.lines ?? 0);
    for (let page = Math.floor(from / PROGRAM_PAGE); page * PROGRAM_PAGE < end; page++) void load(page);
  }

  /** Null while it is not there yet. Reactive. */
  function line(index: number): string | null {
    return pages.get(Math.floor(index / PROGRAM_PAGE))?.[index % PROGRAM_PAGE] ?? null;
  }

  /** The next line from `from` on that has the text, from the beginning again where there is none; null where none has it. */
  async function find(text: string, from: number): Promise<number | null> {
    for (const start of from > 0 ? [from, 0] : [0]) {
      const view = await answer({ from: start, count: 1, find: text });
      if (view === null) return null;
      if (view.from !== null) return view.from;
    }
    return null;
  }

  function again(): void {
    problem.value = null;
    void load(0);
    need(inView.from, inView.to);
  }

  return { extent, problem, waiting, need, line, find, again };
}

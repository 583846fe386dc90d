/** Passing notices (failed calls, recovered projects, imports) and what the live region says. */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { type Problem, problem } from '#core/base/problem.ts';
import { problemOf } from './problem.ts';

export interface Notice {
  readonly id: number;
  readonly problem: Problem;
  readonly action?: NoticeAction;
}

/** What can be done about it; the notice goes with it. */
export interface NoticeAction {
  readonly label: string;
  readonly perform: () => Promise<void>;
}

const KEPT = 4;

export const useNotices = defineStore('notices', () => {
  const notices = shallowRef<readonly Notice[]>([]);
  /** Spoken politely by screen readers. */
  const announcement = ref('');
  let last = 0;

  function show(cause: Problem, action?: NoticeAction): void {
    const others = notices.value.filter((notice) => notice.problem.message !== cause.message);
    notices.value = [...others, { id: ++last, problem: cause, ...(action && { action }) }].slice(-KEPT);
  }

  /** Says what was done, and offers to do something about it. */
  function offer(code: string, message: string, action: NoticeAction): void {
    show(problem(code, message, { severity: 'info' }), action);
    announce(`${message}. ${action.label} is among the notices`);
  }

  async function accept({ id, action }: Notice): Promise<void> {
    dismiss(id);
    await attempt(async () => action?.perform());
  }

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }

  function announce(text: string): void {
    announcement.value = text;
  }

  /** Runs a call of the user's; a failure becomes a notice and null. */
  async function attempt<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      show(problemOf(error));
      return null;
    }
  }

  function tell(code: string, message: string): void {
    show(problem(code, message, { severity: 'info' }));
    announce(message);
  }

  return { notices, announcement, show, tell, offer, accept, dismiss, announce, attempt };
});

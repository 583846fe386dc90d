/** Which run of the session verifies which lever of which run. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { ProgramLever } from '#core/explain/program-lever.ts';

export interface LeverVerification {
  readonly lever: ProgramLever;
  /** The run that offered it. */
  readonly offeredBy: string;
  readonly run: string;
}

export const useLevers = defineStore('levers', () => {
  const verifications = shallowRef<readonly LeverVerification[]>([]);
  function verifying(lever: ProgramLever, offeredBy: string, run: string): void {
    verifications.value = [...verifications.value, { lever, offeredBy, run }];
  }
  return { verifications, verifying };
});

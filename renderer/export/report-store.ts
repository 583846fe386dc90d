/** What report is being put together; null when none is. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { ReportSubject } from './report-subject.ts';

export const useReport = defineStore('report', () => {
  const subject = shallowRef<ReportSubject | null>(null);
  return { subject };
});

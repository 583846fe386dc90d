/** Which run's report is being put together; null when none is. */
import { defineStore } from 'pinia';
import { ref } from 'vue';

export const useReport = defineStore('report', () => {
  const run = ref<string | null>(null);
  return { run };
});

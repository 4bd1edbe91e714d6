import { defineWarnings } from '../../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  'process-ended': 'incomplete',
  'process-not-stopped': 'incomplete',
  // Registers hold a few words, for moments: what is asked of a process is what its memory holds.
  'registers-not-read': 'note',
});

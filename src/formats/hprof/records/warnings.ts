import { defineWarnings } from '../../../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  'format-not-parsed': 'strict',
  'hprof-damaged': 'note',
  'hprof-owners': 'strict',
  'hprof-truncated': 'strict',
});

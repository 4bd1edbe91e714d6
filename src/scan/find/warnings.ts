import { defineWarnings } from '../../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  // Part of a --find file was not searched for: the answers for the rest do not cover it.
  'find-not-understood': 'strict',
  'find-settings-left-out': 'note',
});

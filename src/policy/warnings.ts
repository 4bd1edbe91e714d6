import { defineWarnings } from '../base/runtime/warnings.js';

export const warnings = defineWarnings({
  'allow-not-understood': 'note',
  'baseline-expired': 'note',
  'baseline-hides-proven-key': 'note',
  'baseline-incomplete': 'note',
  'baseline-kept': 'note',
  'baseline-not-written': 'note',
});

import { defineWarnings } from '../../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  'format-not-parsed': 'strict',
  'elf-header-odd': 'note',
  'elf-headers-truncated': 'strict',
  'elf-notes-truncated': 'strict',
  'memory-not-dumped': 'note',
  'fields-not-named': 'note',
  'note-malformed': 'note',
  'notes-capped': 'note',
  'segments-capped': 'strict',
});

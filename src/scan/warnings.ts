import { defineWarnings } from '../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  'companion-missing': 'incomplete',
  'companion-size': 'incomplete',
  'copies-not-searched': 'strict',
  'file-grew': 'incomplete',
  'file-shrank': 'incomplete',
  'files-not-opened': 'note',
  // The scan was stopped, which makes it incomplete by itself.
  'findings-not-listed': 'note',
  // Their limit makes the exit status 2 by itself.
  'hits-not-examined': 'note',
  // Without --find and --strict as --if-no-files says.
  'nothing-searched': 'incomplete',
  // The bytes are in coverage.file.unread, which makes the exit status 2 by itself.
  'read-failed': 'note',
  'source-failed': 'incomplete',
  stopped: 'note',
});

import { defineWarnings } from '../../core/base/runtime/warnings.js';

export const warnings = defineWarnings({
  'minidump-capped': 'strict',
  'minidump-directory-truncated': 'strict',
  'minidump-list-truncated': 'strict',
  'minidump-stream-truncated': 'strict',
  'segments-capped': 'strict',
});

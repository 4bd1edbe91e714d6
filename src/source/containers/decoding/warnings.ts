import type { DumpsieveError } from '../../../core/base/runtime/errors.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';

/** Bytes left out are in `coverage.file.unread` too, which alone makes the exit status 2. */
export const warnings = defineWarnings({
  'archive-damaged': 'note',
  'archive-too-many-members': 'note',
  'container-checksum': 'note',
  'container-corrupt': 'note',
  'container-trailing-data': 'note',
  'container-truncated': 'note',
  'container-window': 'note',
  'lz4-dictionary': 'note',
  'member-encrypted': 'note',
  'member-not-decoded': 'note',
  'members-overlap': 'note',
  'microdump-lines-missing': 'note',
  'zstd-dictionary': 'note',
  'zstd-window': 'note',
});

/** An error that ended the decoding of content, as the content's warning. What was not decoded is unread. */
export function warningOf(error: DumpsieveError): Warning {
  return { ...error.notice(), effect: 'note' };
}

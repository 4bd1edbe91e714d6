import { defineWarnings } from '../base/runtime/warnings.js';

/** Bytes left out are in `coverage.file.unread` too, which alone makes the exit status 2. */
export const warnings = defineWarnings({
  'container-changed': 'note',
  'container-expands-too-far': 'note',
  'container-not-unpacked': 'note',
  'container-too-deep': 'note',
  'device-refused': 'incomplete',
  'empty-input': 'incomplete',
  'file-changed': 'incomplete',
  'file-locked': 'incomplete',
  // Content whose time of modification was set back looks the same.
  'file-metadata-changed': 'strict',
  'files-left-out': 'strict',
  'link-broken': 'note',
  'link-outside': 'strict',
  'member-checksum': 'note',
  'name-too-long': 'incomplete',
  // A note under --if-no-files warn.
  'no-files': 'incomplete',
  'no-writer': 'incomplete',
  'open-failed': 'incomplete',
  'path-missing': 'incomplete',
  'path-vanished': 'strict',
  'permission-denied': 'incomplete',
  'read-failed': 'incomplete',
  'special-file': 'note',
  'too-many-open-files': 'incomplete',
});

/** Codes of this room's warnings. */
export type SourceCode = keyof typeof warnings.effects;

import { defineWarnings, type Warning } from '../core/base/runtime/warnings.js';
import type { Container } from './containers/decoding/container.js';

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
  'files-empty': 'strict',
  'files-left-out': 'strict',
  'installation-broken': 'incomplete',
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
  'process-memory': 'incomplete',
  'read-failed': 'incomplete',
  'special-file': 'note',
  'too-many-open-files': 'incomplete',
});

/** Codes of this room's warnings. */
export type SourceCode = keyof typeof warnings.effects;

/** The warning of a container without a decoder, or whose content is too long to be decoded once more. */
export const notUnpacked = ({ name, treatment }: Container): Warning =>
  warnings.of('container-not-unpacked', {
    message: `${name} container: not unpacked yet, only its stored bytes were searched`,
    hint:
      'unpack' in treatment
        ? `unpack it: ${treatment.unpack}`
        : 'decode the file around it, and scan what comes out',
  });

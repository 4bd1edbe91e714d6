import type { FileEntry } from './types.js';

/** Keys given as a digest of their public half. */

/** Optional `sha256:` or `v1:` (a report's fingerprint), 64 hexadecimal digits, and an optional name. */
const SPKI = /^[ \t]*(?:(?:spki[-_ ]?)?sha-?256[:=/ ][ \t]*|v1:)?([0-9a-f]{64})(?:[ \t]+(\S.*))?$/gim;
/**
 * Pins, several on a line: `pin-sha256="…"` (RFC 7469, 2.1), `sha256//…` of curl, `sha256/…` of OkHttp,
 * `<pin digest="SHA-256">…` of Android.
 */
const PIN = /(?:pin-sha256[ \t]*=[ \t]*"?|\bsha256\/\/?|<pin digest="SHA-256">[ \t]*)([A-Za-z0-9+/]{43}=)/g;
/** `SHA256:` and 43 characters of base64, as `ssh-keygen -l` prints them between size and comment. */
const SSH = /(?:^|[ \t])(SHA256:[A-Za-z0-9+/]{43})=?(?:[ \t]+(\S.*))?$/gm;

export function digests(text: string): FileEntry[] {
  const spki = [...text.matchAll(SPKI)].map(
    ([, digest = '', label = '']): FileEntry => ({
      type: 'digest',
      label: label.trim(),
      spkiSha256: digest.toLowerCase(),
    }),
  );
  const ssh = [...text.matchAll(SSH)].map(
    ([, sshFingerprint = '', label = '']): FileEntry => ({
      type: 'ssh-fingerprint',
      label: label.trim(),
      sshFingerprint,
    }),
  );
  const pins = [...text.matchAll(PIN)].map(
    ([, pin = '']): FileEntry => ({
      type: 'digest',
      label: '',
      spkiSha256: Buffer.from(pin, 'base64').toString('hex'),
    }),
  );
  return [...spki, ...pins, ...ssh];
}

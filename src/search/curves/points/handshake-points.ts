import { toNumber } from '../../core/integer-encodings.js';
import type { WordSeen } from '../../core/word-probe.js';
import {
  IKE_HEADER_BYTES,
  isIkeKeyExchange,
  isSshKey,
  isSshKeyExchange,
  isTlsKeyShare,
  SSH_REPLY_BYTES,
} from '../handshakes/handshake-keys.js';
import type { Multiple } from './multiples.js';

/** True if x is at `seen` as part of a public key in a handshake message. */
export function isHandshakePoint(seen: WordSeen<unknown>, multiple: Multiple): boolean {
  const { name, size } = multiple.curve.domain;
  const point = uncompressedPointAt(seen, multiple);
  if (point) {
    const { at, length } = point;
    const after = seen.after - (at + length - seen.at);
    return (
      isTlsKeyShare(seen.bytes, at, length, name) ||
      (after >= SSH_REPLY_BYTES && isSshKeyExchange(seen.bytes, at, length))
    );
  }
  const [start, before] = [seen.at + 8 - size, seen.before + 8 - size];
  return (
    before >= IKE_HEADER_BYTES &&
    isIkeKeyExchange(seen.bytes, start, 2 * size, name) &&
    toNumber(seen.bytes.subarray(start, start + size), 'bytes-be') === multiple.x
  );
}

/** True if x is at `seen` as part of an SSH public key, which belongs to a host or a user. */
export function isSshPublicKey(seen: WordSeen<unknown>, multiple: Multiple): boolean {
  const point = uncompressedPointAt(seen, multiple);
  const { name } = multiple.curve.domain;
  return point !== undefined && isSshKey(seen.bytes, point.at, point.before, point.length, name);
}

/**
 * The uncompressed point whose x ends at `seen`, if at least as many bytes precede it as a handshake header
 * has.
 */
function uncompressedPointAt(
  { bytes, at, before }: WordSeen<unknown>,
  { x, curve }: Multiple,
): { at: number; before: number; length: number } | undefined {
  const { size } = curve.domain;
  const start = at + 8 - size - 1;
  const left = before + 8 - size - 1;
  const isPoint =
    left >= 5 && bytes[start] === 4 && toNumber(bytes.subarray(start + 1, at + 8), 'bytes-be') === x;
  return isPoint ? { at: start, before: left, length: 1 + 2 * size } : undefined;
}

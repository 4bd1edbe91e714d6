import { toBytes } from '../integers.js';
import type { Kernel } from './kernel.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';

const INTEGER = 0x02;

/**
 * True where x stands as the first number of an ECDSA signature (RFC 3279, 2.2.3: SEQUENCE of INTEGER r, INTEGER s): then the
 * point is k * G of a signature, and the scalar its nonce. (r is x modulo the order, which differs once in 2^32 at most.)
 */
export function isInSignature(x: bigint, kernel: Kernel, bytes: RunBytes, runs: RunList): boolean {
  const r = toBytes(x);
  for (const run of runs) {
    for (const piece of bytes.pieces(run)) {
      const from = piece.at - Math.min(8, piece.before);
      const all = kernel.bytes.subarray(0, piece.at + Math.min(piece.words * 8 + 64, piece.after));
      for (let at = all.indexOf(r, from); at >= 0; at = all.indexOf(r, at + 1))
        if (startsInteger(all, at, r.length)) return true;
    }
  }
  return false;
}

/** Tag and length of an INTEGER before `at`, a zero between them where the number's top bit is set. */
function startsInteger(bytes: Buffer, at: number, length: number): boolean {
  const pad = bytes[at]! >= 0x80 ? 1 : 0;
  const header = at - pad - 2;
  return (
    header >= 0 &&
    bytes[header] === INTEGER &&
    bytes[header + 1] === length + pad &&
    (pad === 0 || bytes[at - 1] === 0)
  );
}

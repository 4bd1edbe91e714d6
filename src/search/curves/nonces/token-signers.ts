import { createECDH, createHash, createPublicKey, ECDH, type KeyObject, verify } from 'node:crypto';
import { CURVES, type Curve } from '../../../core/asn1/curves.js';
import { DOMAINS, type Domain } from '../../../core/asn1/domain.js';
import { spkiEc } from '../../../core/asn1/spki.js';
import { inverse, toBigint } from '../../../core/base/bytes/integers.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Scale, SkippedWork } from '../../core/skipped-work.js';
import type { CurveToken } from '../../core/types.js';
import { toOctets } from '../numbers/octets.js';
import { splitPoint, sumAndDifference } from '../points/affine.js';
import { encodePoint, type Point } from '../points/points.js';

/**
 * Verifications in all: 0.1 ms each at 256 bits, 1 ms at 521. Later tokens of one signer verify under the key
 * recovered from its first token.
 */
const MAX_VERIFICATIONS = 4000;
/** Cost of one recovery, successful or not, in verifications. */
const RECOVERY_COST = 2;
/** First octet of a compressed point with an even y (SEC 1, 2.3.3). */
const EVEN = Buffer.of(2);

/** A public key recovered from a token's signature. */
export interface TokenSigner {
  domain: Domain;
  point: Point;
}

/**
 * Public key recovery (SEC 1, 4.1.6): Q = (s R - h G) / r, where R is either of the two points with x = r, so
 * each token yields two candidates. A service that signs need not have its public key anywhere in memory. The
 * wrong candidate verifies the token too, but the nonce would yield a private key for both, so verification
 * alone proves neither.
 */
export function* tokenSigners(
  tokens: readonly CurveToken[],
  skippedWork: SkippedWork,
  budget: Scale,
): Pausing<never, TokenSigner[]> {
  const signers: TokenSigner[] = [];
  /** By curve, the most recently used key first: a process sees tokens of few signers. */
  const known = new Map<string, KeyObject[]>();
  let left = budget(MAX_VERIFICATIONS);
  for (const token of tokens) {
    const keys = known.get(token.curve) ?? [];
    known.set(token.curve, keys);
    if (left < keys.length + RECOVERY_COST) {
      const { offset, signed } = token;
      const what = 'signers of tokens were not recovered';
      const work = keys.length + RECOVERY_COST;
      skippedWork.add('ec-tokens', { target: 'blind', left: 1, work }, what, offset, offset + signed.length);
      continue;
    }
    let index = -1;
    for (let i = 0; i < keys.length && index < 0; i++) {
      if (verifies(token, keys[i]!)) index = i;
      yield;
    }
    left -= index < 0 ? keys.length : index + 1;
    if (index > 0) keys.unshift(...keys.splice(index, 1));
    if (index >= 0) continue;
    left -= RECOVERY_COST;
    for (const { key, ...signer } of recoverKeys(token)) {
      signers.push(signer);
      keys.unshift(key);
    }
  }
  return signers;
}

function verifies({ hash, signed, signature }: CurveToken, key: KeyObject): boolean {
  return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** Both candidates; empty for an invalid signature. */
function recoverKeys(token: CurveToken): (TokenSigner & { key: KeyObject })[] {
  const curve = CURVES.find(({ openssl }) => openssl === token.curve);
  const domain = DOMAINS.find(({ name }) => name === curve?.name);
  if (curve === undefined || domain === undefined) return [];
  try {
    return [...candidates(token, curve, domain)];
  } catch {
    // No point has this x, or a scalar is zero: not a valid signature.
    return [];
  }
}

function* candidates(
  { hash, signed, signature, curve: name }: CurveToken,
  curve: Curve,
  domain: Domain,
): Generator<TokenSigner & { key: KeyObject }> {
  const { n, size, p } = domain;
  if (signature.length !== 2 * size) return;
  const [first, second] = [signature.subarray(0, size), signature.subarray(size)];
  const reciprocal = inverse(toBigint(first), n);
  if (reciprocal === undefined) return;
  // With the curves and hashes of JWTs the digest is never longer than the order.
  const digest = toBigint(createHash(hash).update(signed).digest());
  const scalar = (value: bigint) => toOctets((value * reciprocal) % n, size);
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(scalar(n - (digest % n)));
  const hG = splitPoint(ecdh.getPublicKey(), size);
  ecdh.setPrivateKey(scalar(toBigint(second)));
  const x = ecdh.computeSecret(Buffer.concat([EVEN, first]));
  // ECDH returns only x of (s / r) R; its two y values give the two candidates.
  const written = ECDH.convertKey(Buffer.concat([EVEN, x]), name, undefined, undefined, 'uncompressed');
  const sR = splitPoint(written as Buffer, size);
  for (const sum of sumAndDifference(hG, sR, p)) {
    // Counted as written: the verifier needs the public key as a key.
    const point = { ...sum, written: true };
    const spki = Buffer.from(spkiEc(curve, encodePoint(point, size)));
    yield { domain, point, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
  }
}

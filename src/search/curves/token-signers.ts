import { createECDH, createHash, createPublicKey, ECDH, type KeyObject, verify } from 'node:crypto';
import { CURVES, type Curve } from '../../asn1/curves.js';
import { DOMAINS, type Domain } from '../../asn1/domain.js';
import { spkiEc } from '../../asn1/spki.js';
import { inverse, toBigint } from '../../base/bytes/integers.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { CurveToken } from '../core/types.js';
import { encodePoint, type Point } from './points.js';

/** Tokens of one key hold under what was recovered from the first: verifications in all, 0.1 ms each at 256 bits, 1 ms at 521. */
const MAX_VERIFICATIONS = 4000;
/** What it costs to recover keys, or to find that a signature is none, in verifications. */
const RECOVERY_COST = 2;
/** A point of either sign, compressed (SEC 1, 2.3.3). */
const EVEN = Buffer.of(2);

type Affine = Omit<Point, 'written'>;

/** A public key that a token tells. */
export interface Signer {
  domain: Domain;
  point: Point;
}

/**
 * The public keys that tokens were signed under, by the tokens alone (SEC 1, 4.1.6): Q = (s R - h G) / r, where R has r for its x, and one
 * of two y, so that each token tells two keys. A service that signs need have no public key anywhere. The other key is nobody's, though the token
 * holds under it: the nonce would give the private half of both, and is no proof of either.
 */
export function tokenSigners(
  tokens: readonly CurveToken[],
  shortfall: SkippedWork,
  budget: Budget,
): Signer[] {
  const signers: Signer[] = [];
  /** Of each curve, the key that held last first: a process sees the tokens of few. */
  const known = new Map<string, KeyObject[]>();
  let left = budget(MAX_VERIFICATIONS);
  for (const token of tokens) {
    const keys = known.get(token.curve) ?? [];
    known.set(token.curve, keys);
    if (left < keys.length + RECOVERY_COST) {
      const { offset, signed } = token;
      const what = 'tokens did not tell who signed them';
      shortfall.add('ec-tokens', what, offset, offset + signed.length);
      continue;
    }
    const index = keys.findIndex((key) => verifies(token, key));
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

/** Both keys, or none where no signature is one. */
function recoverKeys(token: CurveToken): (Signer & { key: KeyObject })[] {
  const curve = CURVES.find(({ openssl }) => openssl === token.curve);
  const domain = DOMAINS.find(({ name }) => name === curve?.name);
  if (curve === undefined || domain === undefined) return [];
  try {
    return [...candidates(token, curve, domain)];
  } catch {
    // No point has this x, or a factor is zero: nobody signed it.
    return [];
  }
}

function* candidates(
  { hash, signed, signature, curve: name }: CurveToken,
  curve: Curve,
  domain: Domain,
): Generator<Signer & { key: KeyObject }> {
  const { n, size, p } = domain;
  if (signature.length !== 2 * size) return;
  const [first, second] = [signature.subarray(0, size), signature.subarray(size)];
  const reciprocal = inverse(toBigint(first), n);
  if (reciprocal === undefined) return;
  // Of these curves and hashes the digest has no more octets than the order.
  const digest = toBigint(createHash(hash).update(signed).digest());
  const scalar = (value: bigint) =>
    Buffer.from(((value * reciprocal) % n).toString(16).padStart(2 * size, '0'), 'hex');
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(scalar(n - (digest % n)));
  const hG = pointOf(ecdh.getPublicKey(), size);
  ecdh.setPrivateKey(scalar(toBigint(second)));
  const x = ecdh.computeSecret(Buffer.concat([EVEN, first]));
  // Of s R / r only x is known: with either y it gives one of the two.
  const written = ECDH.convertKey(Buffer.concat([EVEN, x]), name, undefined, undefined, 'uncompressed');
  const sR = pointOf(Buffer.from(written as Uint8Array), size);
  for (const y of [sR.y, p - sR.y]) {
    const sum = add(hG, { x: sR.x, y }, p);
    if (sum === undefined) continue;
    // Whoever signs has written it somewhere, if not here.
    const point = { ...sum, written: true };
    const spki = Buffer.from(spkiEc(curve, encodePoint(point, size)));
    yield { domain, point, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
  }
}

const pointOf = (uncompressed: Buffer, size: number): Affine => ({
  x: toBigint(uncompressed.subarray(1, 1 + size)),
  y: toBigint(uncompressed.subarray(1 + size)),
});

/** Undefined where both have one x, as no two points here have but by intent. */
function add(a: Affine, b: Affine, p: bigint): Affine | undefined {
  const reciprocal = inverse((b.x - a.x + p) % p, p);
  if (reciprocal === undefined) return undefined;
  const modulo = (value: bigint) => ((value % p) + p) % p;
  const slope = modulo((b.y - a.y) * reciprocal);
  const x = modulo(slope * slope - a.x - b.x);
  return { x, y: modulo(slope * (a.x - x) - a.y) };
}

import { hash, scryptSync } from 'node:crypto';
import { canonicalSpki } from '../asn1/spki.js';
import { shannonBits } from '../base/crypto/entropy.js';
import type { Secret } from '../base/crypto/secret.js';
import type { Candidate } from '../detect/core/types.js';
import type { KeyMaterial } from '../model/key-material.js';
import type { ProofResult } from './types.js';

/** Fixed and public: two runs, and `dumpsieve fingerprint`, must agree on the fingerprint of the same secret. */
const LABEL = 'dumpsieve fingerprint v1';
/** RFC 7914: N = 2^14, r = 8, p = 1 takes about 40 ms and 16 MiB. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const;
/** Bits of information from which on a guess at the secret is hopeless, so that a fast hash gives nothing away. */
const STRONG_BITS = 80;

/** A private key's: SHA-256 over its public half, DER SubjectPublicKeyInfo in canonical form. */
function publicKeyFingerprint(spki: Uint8Array): string {
  return `v1:${hash('sha256', spki, 'hex')}`;
}

const ciphertextFingerprint = publicKeyFingerprint;

/** RFC 2104: the label, padded with zeros to SHA-256's block of 64 bytes, under each pad. */
const BLOCK = 64;
const padded = (pad: number): Buffer => {
  const block = Buffer.alloc(BLOCK, pad);
  for (const [i, byte] of Buffer.from(LABEL, 'latin1').entries()) block[i] = byte ^ pad;
  return block;
};
const INNER = padded(0x36);
const OUTER = padded(0x5c);

/**
 * HMAC-SHA-256 under the label. By hand over one-shot hashes, because an Hmac object costs a flood of candidates more
 * in garbage collection than all the rest of the fold.
 */
function keyed(secret: Secret): string {
  const inner = hash('sha256', Buffer.concat([INNER, secret.reveal()]), 'buffer');
  // Joined, so that it is one string and not a tree of its parts.
  return ['v1:', hash('sha256', Buffer.concat([OUTER, inner]), 'hex')].join('');
}

/** The fingerprint of a guessable secret (fewer than 80 Shannon bits): scrypt, 32 bytes. About 40 ms. */
export function slowFingerprint(secret: Secret): string {
  return `v1:${scryptSync(secret.reveal(), LABEL, 32, SCRYPT).toString('hex')}`;
}

/**
 * Who a secret is, wherever it lies. `fingerprint` is there at once, or `guessable` holds the secret for
 * {@link slowFingerprint}; `id` tells secrets apart within one run and is never printed.
 */
export type Identity =
  | { id: string; fingerprint: string; guessable?: never }
  | { id: string; fingerprint?: never; guessable: Secret };

const known = (fingerprint: string): Identity => ({ id: fingerprint, fingerprint });

/** The private component that stands for a key whose public half is not known. */
const COMPONENT: {
  [T in KeyMaterial['type']]: (m: Extract<KeyMaterial, { type: T }>) => Secret | undefined;
} = {
  rsa: (m) => m.d ?? m.p ?? m.q ?? m.dp ?? m.dq ?? m.qinv,
  ec: (m) => m.d,
  okp: (m) => m.seed,
  'edwards-scalar': (m) => m.scalar,
  dsa: (m) => m.x,
  oct: (m) => m.k,
  'hmac-states': (m) => m.inner,
};

function componentOf(material: KeyMaterial | undefined): Secret | undefined {
  return material && (COMPONENT[material.type] as (m: KeyMaterial) => Secret | undefined)(material);
}

/** SHA-256 of the public half, where it is known and nothing contradicts it. */
function publicHalf(proof: ProofResult | undefined): string | undefined {
  if (proof?.status === 'proven') return publicKeyFingerprint(proof.canonicalSpki);
  if (proof?.status !== 'unproven') return undefined;
  const { spki, spkiSha256 } = proof.facts ?? {};
  if (spki !== undefined) return publicKeyFingerprint(canonicalSpki(Buffer.from(spki, 'base64')));
  return spkiSha256 === undefined ? undefined : `v1:${spkiSha256}`;
}

/** A symmetric key or token, as its decoded bytes (UTF-8 for text). */
export function identifySecret(secret: Secret): Identity {
  const fast = keyed(secret);
  return shannonBits(secret.reveal()) >= STRONG_BITS
    ? known(fast)
    : { id: `guessable ${fast}`, guessable: secret };
}

/** The identity by kind (contract: DESIGN 4, "Fingerprint"): never of a path, an offset, an address or a rule. */
export function identify(candidate: Candidate, proof?: ProofResult): Identity {
  const kind = candidate.kind ?? candidate.rule.kind;
  if (kind === 'encrypted-key') return known(ciphertextFingerprint(candidate.secret.reveal()));
  const component = componentOf(candidate.material);
  if (kind !== 'private-key') return identifySecret(component ?? candidate.secret);
  return known(publicHalf(proof) ?? keyed(component ?? candidate.secret));
}

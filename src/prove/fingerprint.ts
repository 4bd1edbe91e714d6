import { hash, scrypt, scryptSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { canonicalSpki } from '../core/asn1/spki.js';
import { shannonBits } from '../core/base/crypto/entropy.js';
import type { Secret } from '../core/base/crypto/secret.js';
import type { KeyMaterial } from '../core/model/key-material.js';
import type { SecretCandidate } from '../detect/core/types.js';
import type { ProofResult } from './types.js';

/** Fixed and public: all runs, and `dumpsieve fingerprint`, must compute the same fingerprint of a secret. */
const LABEL = 'dumpsieve fingerprint v1';
/** RFC 7914: N = 2^14, r = 8, p = 1 takes about 40 ms and 16 MiB. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const;
/** Bits of information from which on guessing is infeasible, so that a fast hash reveals nothing. */
const STRONG_BITS = 80;

/** Of a private key: SHA-256 over its canonical DER SubjectPublicKeyInfo. */
function publicKeyFingerprint(spki: Uint8Array): string {
  return `v1:${hash('sha256', spki, 'hex')}`;
}

const ciphertextFingerprint = publicKeyFingerprint;

/** The label as HMAC key (RFC 2104), padded with zeros to the block of SHA-256, 64 bytes. */
const BLOCK = 64;
const padded = (pad: number): Buffer => {
  const block = Buffer.alloc(BLOCK, pad);
  for (const [i, byte] of Buffer.from(LABEL, 'latin1').entries()) block[i] = byte ^ pad;
  return block;
};
const INNER = padded(0x36);
const OUTER = padded(0x5c);

/**
 * HMAC-SHA-256 under the label, from one-shot hashes: in a flood of candidates the garbage of Hmac objects
 * costs more than the rest of the fold.
 */
function keyed(secret: Secret): string {
  const inner = hash('sha256', Buffer.concat([INNER, secret.reveal()]), 'buffer');
  // Array.join makes a flat string; `+` would keep a tree of its parts.
  return ['v1:', hash('sha256', Buffer.concat([OUTER, inner]), 'hex')].join('');
}

/** Fingerprint of a guessable secret (less than 80 Shannon bits): scrypt, 32 bytes, about 40 ms. */
export function slowFingerprint(secret: Secret): string {
  return `v1:${scryptSync(secret.reveal(), LABEL, 32, SCRYPT).toString('hex')}`;
}

const MOST_THREADS = 4;

/** The same for many secrets, on the threads of libuv: `each` is called with the index of a secret. */
export async function slowFingerprints(
  secrets: readonly Secret[],
  each: (index: number, fingerprint: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < secrets.length && !signal?.aborted) {
      const index = next++;
      const derived = await promisify<Uint8Array, string, number, object, Buffer>(scrypt)(
        ...([secrets[index]!.reveal(), LABEL, 32, SCRYPT] as const),
      );
      each(index, `v1:${derived.toString('hex')}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_THREADS, availableParallelism()) }, work));
}

/**
 * Identity of a secret, wherever it is found. Either `fingerprint` is set, or `guessable` is the secret for
 * {@link slowFingerprint}. `id` distinguishes secrets within one run and is never printed.
 */
export type SecretIdentity =
  | { id: string; fingerprint: string; guessable?: never }
  | { id: string; fingerprint?: never; guessable: Secret };

const known = (fingerprint: string): SecretIdentity => ({ id: fingerprint, fingerprint });

/** The private component that identifies a key without a known public half. */
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

/** Fingerprint of the public half, if it is known and nothing contradicts it. */
function publicHalf(proof: ProofResult | undefined): string | undefined {
  if (proof?.status === 'proven') return publicKeyFingerprint(proof.canonicalSpki);
  if (proof?.status !== 'unproven') return undefined;
  const { spki, spkiSha256 } = proof.facts ?? {};
  if (spki !== undefined) return publicKeyFingerprint(canonicalSpki(Buffer.from(spki, 'base64')));
  return spkiSha256 === undefined ? undefined : `v1:${spkiSha256}`;
}

const GUESSABLE = 'guessable ';

/** Fingerprint by a fast hash, of a guessable secret too: to look it up, never to be reported. */
export const quickFingerprint = ({ id }: SecretIdentity): string =>
  id.startsWith(GUESSABLE) ? id.slice(GUESSABLE.length) : id;

/** Of a symmetric key or token: its decoded bytes (UTF-8 of a text). */
export function identifySecret(secret: Secret): SecretIdentity {
  const fast = keyed(secret);
  return shannonBits(secret.reveal()) >= STRONG_BITS
    ? known(fast)
    : { id: GUESSABLE + fast, guessable: secret };
}

/**
 * Identity of a candidate by its kind; it never depends on a path, offset, address or rule (docs/report.md).
 */
export function identify(candidate: SecretCandidate, proof?: ProofResult): SecretIdentity {
  const kind = candidate.kind ?? candidate.rule.kind;
  if (kind === 'encrypted-key') return known(ciphertextFingerprint(candidate.secret.reveal()));
  const component = componentOf(candidate.material);
  if (kind !== 'private-key') return identifySecret(component ?? candidate.secret);
  return known(publicHalf(proof) ?? keyed(component ?? candidate.secret));
}

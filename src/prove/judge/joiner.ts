import { createPublicKey, type KeyObject } from 'node:crypto';
import { canonicalSpki, sha256Hex } from '../../core/asn1/spki.js';
import { isAuthority as isCaCertificate } from '../../core/asn1/x509.js';
import { covers, unionOf } from '../../core/base/bytes/intervals.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { finish, type Pausing } from '../../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../../core/limits/limit.js';
import { budgetOf, type EffortLevel } from '../../core/model/effort.js';
import type { CertificateFacts, Extent, KeyNames } from '../../core/model/report.js';
import type { PublicRecord } from '../../detect/core/types.js';
import { certificateFacts } from './certificate-facts.js';
import { DroppedItems } from './dropped-items.js';
import { IssuedCertificates, type PlacedCertificate } from './issued-certificates.js';
import { isPublishedJwt, type MacKey } from './jwt.js';
import { OwnerClaims } from './owner-claims.js';
import { type PublicPlace, PublicPlaces } from './public-places.js';
import { SessionJoiner } from './session-joiner.js';
import { UNITS as SESSION_UNITS } from './session-verification.js';
import { type StoredToken, TokenStore, type VerifiedToken, verifiedToken } from './token-store.js';
import { type OnSkipped, SIGNATURE as TOKEN_UNITS, TokenVerification, UNITS } from './token-verification.js';

/** Upper bounds on memory and verifications for one artifact. */
const MOST = {
  publicKeys: 50_000,
  certificatesOfAKey: 32,
  certificateBytes: 16 << 20,
  jwtLength: 16 << 10,
  /** Verifications of certificates under the key of their issuer. */
  issued: 1_000,
  /** Verifications of tokens under keys that may be foreign. */
  signers: 2_000,
  /** JWTs and certificates named in the statements of one key, each. */
  statements: 8,
};

const MEMORY = 'more than the memory bound';

/** The places of one public key. */
interface KnownPublicKey {
  /** Its number, in the order of the first places that came. */
  index: number;
  /** Canonical DER SubjectPublicKeyInfo. */
  der: Uint8Array;
  /** First place without a certificate, or with one that exceeds the bounds. */
  bare?: { form: PublicRecord['form']; offset: number };
  /** Each certificate with its first place. */
  certificates: { der: Uint8Array; hash: string; offset: number }[];
}

/** Names of the forms of a public key, for statements. */
const FORM_NAMES: Readonly<Record<PublicRecord['form'], string>> = {
  certificate: 'certificate',
  spki: 'SubjectPublicKeyInfo',
  ssh: 'SSH key',
  jwk: 'JSON Web Key',
  tpm: 'TPM public area',
};

/** Statements name the place with the lowest offset. */
function addBare(entry: KnownPublicKey, { form, offset }: PublicRecord): void {
  if (entry.bare === undefined || offset < entry.bare.offset) entry.bare = { form, offset };
}

/** A public key of the artifact, when all of it is swept. */
export interface ShownKey {
  /** Canonical DER SubjectPublicKeyInfo. */
  spki: Uint8Array;
  /** All its places, ascending. */
  places: PublicPlace[];
  /** Some of its places or certificates were dropped. */
  isDropped: boolean;
  /** Each place is in a certificate of an authority. */
  inAuthorities: boolean;
}

/** A key to look up: asymmetric, by its canonical SubjectPublicKeyInfo, or symmetric. */
export type JoinKey = { canonicalSpki: Uint8Array } | { symmetric: MacKey };

/** The evidence of an artifact about a key. */
export interface JoinedKey {
  /** First those with a signature, then claims; each by offset. */
  certificates: CertificateFacts[];
  names?: KeyNames;
  /** Place of the public half, if it was found: `the certificate at 0x1f40`, `the SSH key at 0x1f40`. */
  publicHalf?: string;
  /** JWTs that verify under the key, which is therefore in use. By offset, not all of a flood. */
  tokens: VerifiedToken[];
  /** One of them at least is no token of a manual or test. */
  inUse: boolean;
  /** Statements for the proof: "verifies the JWT at 0x1f40". */
  statements: string[];
}

function at(offset: number): string {
  return `at 0x${offset.toString(16)}`;
}

/**
 * Joins keys with the other evidence of their artifact. Certificates, public keys and JWTs are collected
 * during the sweep; {@link KeyJoiner.join} then looks up a key. Memory is bounded;
 * {@link KeyJoiner.limits} reports what was dropped.
 */
export class KeyJoiner {
  readonly sessions: SessionJoiner;
  readonly #publicKeys = new Map<string, KnownPublicKey>();
  readonly #places = new PublicPlaces();
  readonly #owners = new OwnerClaims();
  readonly #tokens = new TokenStore();
  #verification: TokenVerification | undefined;
  readonly #dropped = new DroppedItems();
  #certificateBytes = 0;
  #issued: IssuedCertificates | undefined;
  #issuedVerified = 0;
  readonly #issuedMost: number;
  #units: number;

  /** `units`: work for verifications of tokens. */
  constructor(effort: EffortLevel = 'normal', units = budgetOf({ effort })(UNITS)) {
    this.#issuedMost = budgetOf({ effort })(MOST.issued);
    this.#units = units;
    this.sessions = new SessionJoiner(budgetOf({ effort })(SESSION_UNITS));
  }

  /** Adds a certificate or public key of the artifact, in any order. */
  addPublic(record: PublicRecord): void {
    const spki = canonicalSpki(record.spki);
    const id = sha256Hex(spki);
    const index = this.#publicKeys.size;
    const entry = this.#publicKeys.get(id) ?? { index, der: new Uint8Array(spki), certificates: [] };
    if (!this.#publicKeys.has(id)) {
      if (this.#publicKeys.size >= MOST.publicKeys) {
        this.#dropped.add('public-keys', `more than ${MOST.publicKeys}`, record);
        return;
      }
      this.#publicKeys.set(id, entry);
    }
    this.#places.add(entry.index, record, record.certificate !== undefined);
    if (!this.#owners.add(id, record)) this.#dropped.add('certificates', MEMORY, record);
    if (record.certificate) this.#addCertificate(entry, record, record.certificate);
    else addBare(entry, record);
  }

  #addCertificate(entry: KnownPublicKey, record: PublicRecord, der: Uint8Array): void {
    const { offset } = record;
    const hash = sha256Hex(der);
    const known = entry.certificates.find((certificate) => certificate.hash === hash);
    if (known) {
      known.offset = Math.min(known.offset, offset);
      return;
    }
    const fits = this.#certificateBytes + der.length <= MOST.certificateBytes;
    if (!fits || entry.certificates.length >= MOST.certificatesOfAKey) {
      // The key still counts as found, without the names of the certificate.
      addBare(entry, record);
      this.#places.drop(entry.index);
      this.#dropped.add('certificates', MEMORY, record);
      return;
    }
    this.#certificateBytes += der.length;
    entry.certificates.push({ der: new Uint8Array(der), hash, offset });
  }

  /** The public keys of the artifact, when all of it is swept. */
  *publicKeys(): Generator<ShownKey> {
    const placed = this.#places.byIdentity(this.#publicKeys.size);
    for (const { index, der, certificates } of this.#publicKeys.values()) {
      const places = placed[index]!;
      const inCertificates = unionOf(places.filter(({ isCertificate }) => isCertificate));
      const inAuthorities =
        certificates.length > 0 &&
        places.every(({ offset }) => covers(inCertificates, offset)) &&
        certificates.every(({ der }) => isCaCertificate(der));
      yield { spki: der, places, isDropped: this.#places.isDropped(index), inAuthorities };
    }
  }

  /**
   * Those of the keys, given as canonical SubjectPublicKeyInfo, under which a token of the artifact verifies,
   * and those that were not tried with all tokens.
   */
  *signersOfTokens(keys: readonly Uint8Array[]): Pausing<never, Set<Uint8Array>> {
    const signers = new Set<Uint8Array>();
    const tokens = this.tokens().filter(({ jwt }) => jwt.algorithm.type !== 'oct');
    if (tokens.length === 0) return signers;
    let isWhole = true;
    const verification = new TokenVerification(
      tokens,
      () => {
        isWhole = false;
      },
      MOST.signers * TOKEN_UNITS,
    );
    for (const spki of keys) {
      const key = publicKey(spki);
      const verified = key && (yield* verification.verified(key, 1));
      if (verified === undefined || verified.length > 0 || !isWhole) signers.add(spki);
      isWhole = true;
    }
    return signers;
  }

  /** Adds a JWT of the artifact, in compact form. `place`: where it lies in the file. */
  addJwt(place: Extent, text: Secret): void {
    if (text.length > MOST.jwtLength) {
      const extent = { offset: place.offset, length: text.length };
      this.#dropped.add('jwt', `longer than ${MOST.jwtLength} bytes`, extent);
      return;
    }
    this.#verification = undefined;
    this.#tokens.add(place, text);
  }

  hasTokens(): boolean {
    return !this.#tokens.isEmpty;
  }

  /** Puts the JWTs in order, with pauses, in which none may be added. */
  orderTokens(): Pausing<never> {
    return this.#tokens.order();
  }

  /** The JWTs: one of each group, then all others, each by their digest. */
  tokens(): readonly StoredToken[] {
    return this.#tokens.inOrder();
  }

  /** The JWTs with a message authentication code, which prove symmetric keys. */
  macTokens(): StoredToken[] {
    return this.tokens().filter(({ jwt }) => jwt.algorithm.type === 'oct');
  }

  hasMacTokens(): boolean {
    return this.#tokens.some(({ jwt }) => jwt.algorithm.type === 'oct');
  }

  /** The JWTs with an ECDSA signature (r and s, concatenated): with its nonce it reveals the key. */
  ecdsaTokens(): StoredToken[] {
    return this.tokens().filter(({ jwt }) => jwt.algorithm.type === 'ec');
  }

  /**
   * The evidence about a key. To be called after the sweep of the whole artifact. `near`: offset of the key,
   * or of a token that it may have signed.
   */
  join(key: JoinKey, near?: number): JoinedKey {
    return finish(this.joining(key, near));
  }

  /** {@link join}, with pauses. */
  *joining(key: JoinKey, near?: number): Pausing<never, JoinedKey> {
    const keyId = 'canonicalSpki' in key ? sha256Hex(key.canonicalSpki) : '';
    const entry = this.#publicKeys.get(keyId);
    const certificates = [...(entry?.certificates ?? [])].sort((a, b) => a.offset - b.offset);
    const verified = yield* this.#verified(key, near);
    const offsets = verified.slice(0, MOST.statements).map(({ offset }) => offset);
    const publicHalf =
      certificates[0] !== undefined
        ? `the certificate ${at(certificates[0].offset)}`
        : entry?.bare !== undefined
          ? `the ${FORM_NAMES[entry.bare.form]} ${at(entry.bare.offset)}`
          : undefined;
    return {
      certificates: [
        ...certificates.flatMap(({ der, offset }) => certificateFacts(der, offset) ?? []),
        ...this.#owners.certificates(keyId, certificates),
      ],
      ...definedFields({ publicHalf, names: this.#owners.names(keyId) }),
      tokens: verified.map(verifiedToken).sort((a, b) => a.offset - b.offset),
      inUse: verified.some(({ jwt }) => !isPublishedJwt(jwt)),
      statements: [
        ...offsets.sort((a, b) => a - b).map((offset) => `verifies the JWT ${at(offset)}`),
        ...this.#issuedBy(key, certificates),
      ],
    };
  }

  /**
   * Certificates issued by the key: it is then the key of a certificate authority. Its own certificate has
   * the name that they have as their issuer's.
   */
  *#issuedBy(key: JoinKey, own: KnownPublicKey['certificates']): Generator<string> {
    if (!('canonicalSpki' in key) || own.length === 0) return;
    const verifier = publicKey(key.canonicalSpki);
    if (verifier === undefined) return;
    this.#issued ??= new IssuedCertificates(this.#placedCertificates());
    const mayVerify = ({ offset, der }: PlacedCertificate): boolean => {
      if (this.#issuedVerified++ < this.#issuedMost) return true;
      const reason = `more than ${this.#issuedMost} verifications`;
      this.#dropped.add('certificate-signatures', reason, { offset, length: der.length });
      return false;
    };
    const names = own.map(({ der }) => der);
    const offsets: number[] = [];
    for (const { offset } of this.#issued.by(verifier, sha256Hex(key.canonicalSpki), names, mayVerify))
      offsets.push(offset);
    for (const offset of offsets.sort((a, b) => a - b).slice(0, MOST.statements))
      yield `signed the certificate ${at(offset)}`;
  }

  *#placedCertificates(): Generator<PlacedCertificate> {
    for (const [keyId, { certificates }] of this.#publicKeys)
      for (const { der, offset } of certificates) yield { keyId, der, offset };
  }

  /** Searches that reached a bound, for the artifact's coverage. */
  limits(): Limit[] {
    const { dropped, extent } = this.#tokens;
    const limits = [...this.#dropped.limits(), ...this.sessions.limits()];
    if (dropped === 0) return limits;
    const reason = `${dropped} tokens were not kept: the memory bound`;
    return [...limits, limitOf('tokens', { left: dropped }, extent, reason)];
  }

  /** No work is left for verifications: those that were not made are reported. */
  stop(): void {
    this.#units = 0;
    this.#verification?.stop();
    this.sessions.stop();
  }

  *#verified(key: JoinKey, near: number | undefined): Pausing<never, StoredToken[]> {
    // A flood of keys must not create key objects if there is nothing to verify.
    if (this.#tokens.isEmpty) return [];
    const verifier = 'symmetric' in key ? key.symmetric : publicKey(key.canonicalSpki);
    if (!verifier) return [];
    const skipped: OnSkipped = ({ tokens, from, to }) => {
      const reason = 'the budget for verifications was spent';
      this.#dropped.add('jwt-signatures', reason, { offset: from, length: to - from }, tokens);
    };
    this.#verification ??= new TokenVerification(this.tokens(), skipped, this.#units);
    return yield* this.#verification.verified(verifier, MOST.statements, near);
  }
}

/** A KeyObject; undefined if OpenSSL rejects the key. */
function publicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import type { Secret } from '../base/crypto/secret.js';
import type { PublicRecord } from '../detect/core/types.js';
import type { CertificateFacts, Limit } from '../model/report.js';
import { certificateFacts } from './certificate.js';
import { Issued, type Standing } from './issued-certificates.js';
import { fits, holds, type Jwt, type MacKey, readJwt } from './jwt.js';

/** What one artifact may cost in memory and in verifications, whatever it holds. */
const MOST = {
  publicKeys: 50_000,
  certificatesOfAKey: 32,
  certificateBytes: 16 << 20,
  jwts: 10_000,
  jwtLength: 16 << 10,
  verifications: 50_000,
  /** Of certificates, under the key of who has issued them. */
  issued: 1_000,
  /** JWTs named in statements of one key, and signatures of each kind. */
  statements: 8,
};

/** Everything that shows one public key. */
interface Shown {
  /** DER SubjectPublicKeyInfo, as it stands there. */
  der: Uint8Array;
  /** First place where it stands without a certificate that there is room for. */
  bare?: { form: PublicRecord['form']; offset: number };
  /** First place of each different certificate. */
  certificates: { der: Uint8Array; hash: string; offset: number }[];
}

/** How statements name what shows a public key. */
const NAMES: Readonly<Record<PublicRecord['form'], string>> = {
  certificate: 'certificate',
  spki: 'SubjectPublicKeyInfo',
  ssh: 'SSH key',
  jwk: 'JSON Web Key',
  tpm: 'public area of a TPM',
};

/** The lowest place is the one that is named. */
function showBare(shown: Shown, { form, offset }: PublicRecord): void {
  if (shown.bare === undefined || offset < shown.bare.offset) shown.bare = { form, offset };
}

/** A signature of TLS or SSH. */
interface MadeSignature {
  offset: number;
  signature: Buffer;
  /** The key's canonical SubjectPublicKeyInfo. */
  spki: Uint8Array;
  protocol: string;
  scheme: string;
}

/** A key to be joined: asymmetric by its canonical SubjectPublicKeyInfo, or symmetric by itself. */
export type JoinKey = { canonicalSpki: Uint8Array } | { symmetric: MacKey };

/** What an artifact says of a key beside the key itself. */
export interface Joined {
  certificates: CertificateFacts[];
  /** `the certificate at 0x1f40` or `the SSH key at 0x1f40`: where the public half stands, if it does. */
  publicHalf?: string;
  /** Offsets of the JWTs that verify under the key: it signs tokens that are in use. */
  jwts: number[];
  /** The same as statements of a proof: "verifies the JWT at 0x1f40". */
  statements: string[];
}

function at(offset: number): string {
  return `at 0x${offset.toString(16)}`;
}

/** Searches that were cut short, with the range of what was not taken in. */
class Shortfall {
  readonly #missed = new Map<string, { from: number; to: number; reason: string }>();

  add(search: string, reason: string, offset: number, length: number): void {
    const known = this.#missed.get(search);
    this.#missed.set(search, {
      from: Math.min(known?.from ?? offset, offset),
      to: Math.max(known?.to ?? 0, offset + length),
      reason,
    });
  }

  limits(): Limit[] {
    return [...this.#missed].map(([search, { from, to, reason }]) => ({
      search,
      reason,
      offset: from,
      length: to - from,
    }));
  }
}

/**
 * What needs a whole artifact: certificates, public keys and JWTs are collected while it is swept, then each key that was
 * found is asked what belongs to it. Memory is bounded; what did not fit is told by {@link Joiner.limits}.
 */
export class Joiner {
  readonly #shown = new Map<string, Shown>();
  readonly #jwts = new Map<string, { jwt: Jwt; offset: number }>();
  /** Statements by the key that has signed, and by the signature. */
  readonly #signatures = new Map<string, Map<string, string>>();
  readonly #shortfall = new Shortfall();
  #certificateBytes = 0;
  #verifications = 0;
  #issued: Issued | undefined;
  #issuedTried = 0;

  /** A certificate or public key of the artifact. Any order; the lowest offset is the one that is named. */
  addPublic(record: PublicRecord): void {
    const spki = canonicalSpki(record.spki);
    const id = sha256Hex(spki);
    const shown = this.#shown.get(id) ?? { der: new Uint8Array(spki), certificates: [] };
    if (!this.#shown.has(id)) {
      if (this.#shown.size >= MOST.publicKeys) {
        this.#shortfall.add('public-keys', `more than ${MOST.publicKeys}`, record.offset, record.length);
        return;
      }
      this.#shown.set(id, shown);
    }
    if (record.certificate) this.#addCertificate(shown, record, record.certificate);
    else showBare(shown, record);
  }

  #addCertificate(shown: Shown, record: PublicRecord, der: Uint8Array): void {
    const { offset, length } = record;
    const hash = sha256Hex(der);
    const known = shown.certificates.find((certificate) => certificate.hash === hash);
    if (known) {
      known.offset = Math.min(known.offset, offset);
      return;
    }
    const room = this.#certificateBytes + der.length <= MOST.certificateBytes;
    if (!room || shown.certificates.length >= MOST.certificatesOfAKey) {
      // Its key is still known to be there, only not whose it is.
      showBare(shown, record);
      this.#shortfall.add('certificates', 'more than fit in memory', offset, length);
      return;
    }
    this.#certificateBytes += der.length;
    shown.certificates.push({ der: new Uint8Array(der), hash, offset });
  }

  /** Every public key of the artifact, each once. */
  *publicKeys(): Generator<{ spki: Uint8Array }> {
    for (const { der } of this.#shown.values()) yield { spki: der };
  }

  /** A JWT of the artifact, in compact form. */
  addJwt(offset: number, text: Secret): void {
    if (text.length > MOST.jwtLength) {
      this.#shortfall.add('jwt', `longer than ${MOST.jwtLength} bytes`, offset, text.length);
      return;
    }
    const id = createHash('sha256').update(text.reveal()).digest('base64');
    const known = this.#jwts.get(id);
    if (known) known.offset = Math.min(known.offset, offset);
    else if (this.#jwts.size >= MOST.jwts)
      this.#shortfall.add('jwt', `more than ${MOST.jwts}`, offset, text.length);
    else {
      const jwt = readJwt(text);
      if (jwt) this.#jwts.set(id, { jwt, offset });
    }
  }

  /** The JWTs with a message authentication code: what a symmetric key is proven by. */
  *authenticated(): Generator<{ offset: number; hash: string; signed: Uint8Array; signature: Uint8Array }> {
    for (const { jwt, offset } of this.#jwts.values()) {
      const { algorithm, signed, signature } = jwt;
      if (algorithm.type === 'oct') {
        yield { offset, hash: algorithm.hash, signed: Buffer.from(signed, 'latin1'), signature };
      }
    }
  }

  holdsAuthenticated(): boolean {
    return this.authenticated().next().done === false;
  }

  /** Those with an ECDSA signature, r and s one after the other: each says what its nonce would give away. */
  *signedOnCurves(): Generator<{
    offset: number;
    curve: string;
    hash: string;
    signed: Uint8Array;
    signature: Uint8Array;
  }> {
    for (const { jwt, offset } of this.#jwts.values()) {
      const { algorithm, signed, signature } = jwt;
      if (algorithm.type !== 'ec') continue;
      const { curve, hash } = algorithm;
      yield { offset, curve, hash, signed: Buffer.from(signed, 'latin1'), signature };
    }
  }

  /** A signature that a key is known to have made. */
  addSignature({ spki, offset, signature, protocol, scheme }: MadeSignature): void {
    const id = sha256Hex(spki);
    const signatures = this.#signatures.get(id) ?? new Map<string, string>();
    this.#signatures.set(id, signatures);
    const mark = signature.toString('base64');
    if (signatures.size >= MOST.statements || signatures.has(mark)) return;
    signatures.set(mark, `made the ${protocol} signature ${at(offset)} (${scheme})`);
  }

  /** What belongs to a key. Called when the whole artifact was swept. */
  join(key: JoinKey): Joined {
    const shown = 'canonicalSpki' in key ? this.#shown.get(sha256Hex(key.canonicalSpki)) : undefined;
    const certificates = [...(shown?.certificates ?? [])].sort((a, b) => a.offset - b.offset);
    const jwts = this.#verified(key);
    const publicHalf =
      certificates[0] !== undefined
        ? `the certificate ${at(certificates[0].offset)}`
        : shown?.bare !== undefined
          ? `the ${NAMES[shown.bare.form]} ${at(shown.bare.offset)}`
          : undefined;
    return {
      certificates: certificates.flatMap(({ der, offset }) => certificateFacts(der, offset) ?? []),
      ...(publicHalf && { publicHalf }),
      jwts,
      statements: [
        ...jwts.slice(0, MOST.statements).map((offset) => `verifies the JWT ${at(offset)}`),
        ...this.#signedBy(key),
        ...this.#issuedBy(key, certificates),
      ],
    };
  }

  #signedBy(key: JoinKey): Iterable<string> {
    return ('canonicalSpki' in key && this.#signatures.get(sha256Hex(key.canonicalSpki))?.values()) || [];
  }

  /** A key of a certificate authority is in use as well: its own certificate tells the name that others bear as their issuer's. */
  *#issuedBy(key: JoinKey, own: Shown['certificates']): Generator<string> {
    if (!('canonicalSpki' in key) || own.length === 0) return;
    const verifier = publicKey(key.canonicalSpki);
    if (verifier === undefined) return;
    this.#issued ??= new Issued(this.#standing());
    const mayVerify = ({ offset, der }: Standing): boolean => {
      if (this.#issuedTried++ < MOST.issued) return true;
      const reason = `more than ${MOST.issued} verifications`;
      this.#shortfall.add('certificate-signatures', reason, offset, der.length);
      return false;
    };
    const names = own.map(({ der }) => der);
    const offsets: number[] = [];
    for (const { offset } of this.#issued.by(verifier, sha256Hex(key.canonicalSpki), names, mayVerify))
      offsets.push(offset);
    for (const offset of offsets.sort((a, b) => a - b).slice(0, MOST.statements))
      yield `signed the certificate ${at(offset)}`;
  }

  *#standing(): Generator<Standing> {
    for (const [owner, { certificates }] of this.#shown)
      for (const { der, offset } of certificates) yield { owner, der, offset };
  }

  /** Searches that had to stop before the end, for the artifact's coverage. */
  limits(): Limit[] {
    return this.#shortfall.limits();
  }

  #verified(key: JoinKey): number[] {
    // A flood of keys must not cost a key object each where there is nothing to verify.
    if (this.#jwts.size === 0) return [];
    const verifier = 'symmetric' in key ? key.symmetric : publicKey(key.canonicalSpki);
    if (!verifier) return [];
    const offsets: number[] = [];
    for (const { jwt, offset } of this.#jwts.values()) {
      if (!fits(jwt, verifier)) continue;
      if (this.#verifications >= MOST.verifications) {
        this.#shortfall.add(
          'jwt-signatures',
          `more than ${MOST.verifications} verifications`,
          offset,
          jwt.signed.length,
        );
        continue;
      }
      this.#verifications++;
      if (holds(jwt, verifier)) offsets.push(offset);
    }
    return offsets.sort((a, b) => a - b);
  }
}

/** The key as Node has it, or undefined where its OpenSSL does not take it. */
function publicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

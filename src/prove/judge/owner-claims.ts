import { sha256Hex } from '../../core/asn1/spki.js';
import { signedPart } from '../../core/asn1/x509.js';
import { mergeNames } from '../../core/model/key-names.js';
import type { CertificateFacts, KeyNames } from '../../core/model/report.js';
import type { OwnerClaim, PublicRecord } from '../../detect/core/types.js';
import { claimFacts } from './certificate-facts.js';

/** Bounds: claims of one key, bytes of all. */
const MOST = { ofKey: 8, bytes: 4 << 20 } as const;

interface Claims {
  /** First place of each structure, by its digest. */
  structures: Map<string, OwnerClaim>;
  names: KeyNames | undefined;
}

/**
 * What the artifact says of the owners of public keys without a signature over it: TBSCertificates, requests,
 * and names beside keys. None of it is a proof.
 */
export class OwnerClaims {
  readonly #byKey = new Map<string, Claims>();
  #bytes = 0;

  /** False if the claim was dropped: too many, or too large. */
  add(keyId: string, { claim, names }: PublicRecord): boolean {
    if (claim === undefined && names === undefined) return true;
    const known = this.#byKey.get(keyId) ?? { structures: new Map(), names: undefined };
    this.#byKey.set(keyId, known);
    known.names = mergeNames(known.names, names);
    return claim === undefined || this.#addClaim(known.structures, claim);
  }

  #addClaim(structures: Map<string, OwnerClaim>, claim: OwnerClaim): boolean {
    const digest = sha256Hex(claim.der);
    const known = structures.get(digest);
    if (known !== undefined) {
      known.offset = Math.min(known.offset, claim.offset);
      return true;
    }
    if (structures.size >= MOST.ofKey || this.#bytes + claim.der.length > MOST.bytes) return false;
    this.#bytes += claim.der.length;
    structures.set(digest, { ...claim });
    return true;
  }

  /** Claims of the owner of a key, by offset, without those that one of the key's certificates repeats. */
  certificates(keyId: string, signed: readonly { der: Uint8Array }[]): CertificateFacts[] {
    const structures = this.#byKey.get(keyId)?.structures;
    if (structures === undefined) return [];
    const repeated = new Set(signed.map(({ der }) => sha256Hex(signedPart(der) ?? der)));
    return [...structures]
      .filter(([digest]) => !repeated.has(digest))
      .flatMap(([, claim]) => claimFacts(claim) ?? [])
      .sort((a, b) => a.offset - b.offset);
  }

  names(keyId: string): KeyNames | undefined {
    return this.#byKey.get(keyId)?.names;
  }
}

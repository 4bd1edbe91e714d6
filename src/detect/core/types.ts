import type { UnsignedForm } from '../../core/asn1/x509.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import type { Explain } from '../../core/base/text/steps.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type {
  Claims,
  Confidence,
  Extent,
  KeyNames,
  Kind,
  Owner,
  Severity,
  Wide,
} from '../../core/model/report.js';
import type { View } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import type { NeedsOf } from './needs.js';

/**
 * One exact hit of a literal: file offset of its first byte, and its length in the file (wide form included).
 */
export interface Hit {
  offset: number;
  length: number;
  wide: boolean;
  /** The literal as its rule spells it. */
  anchor: Uint8Array;
}

/** A secret that a detector has found, before it is proven and merged with its duplicates. */
export interface SecretCandidate {
  type: 'candidate';
  rule: Rule;
  /** First byte and total length in the artifact; contiguous in the file if there is one extent. */
  offset: number;
  length: number;
  extents: Extent[];
  notAdjacentInMemory: boolean;
  /**
   * Of a candidate that is contiguous only in file order: its parts in memory order. They replace it if
   * arithmetic shows that it contradicts itself.
   */
  fallbacks?: readonly SecretCandidate[];
  /** Decoded: UTF-8 text of a token, canonical DER of a key, ciphertext of an encrypted key. */
  secret: Secret;
  wide?: Wide;
  /** Confidence without a proof. */
  confidence: Exclude<Confidence, 'proven'>;
  /** If it differs from the rule's. */
  severity?: Severity;
  kind?: Kind;
  title?: string;
  /** Statements of the report: "CRC-32 checksum matches". */
  evidence: string[];
  /** Reasons for a lower confidence or severity. */
  notes: string[];
  /** A PEM with its BEGIN and END lines. */
  isArmoured?: true;
  /** The numbers of a private key, to be proven. */
  material?: KeyMaterial;
  /** DER SubjectPublicKeyInfo of a published key, of which the artifact need only have this half. */
  publicHalf?: Uint8Array;
  /** The outermost encoding in the dump: `pem`, `pkcs8`, `openssh`, `jwk` …. */
  encoding?: string;
  /** The one component of the key that was found here: `p`, `d`, `seed` …. */
  component?: string;
  /**
   * Its public key was found in the form of a handshake only: an ephemeral key, unless the artifact also has
   * that public key in a key format.
   */
  ephemeral?: boolean;
  /** An object of a handshake holds it, which makes the key ephemeral wherever else it was found. */
  ofHandshake?: true;
  /**
   * Why it may be the nonce of a signature and no key: medium, unless the artifact has its public half in a
   * key format.
   */
  doubt?: string;
  /**
   * Confidence is low, but it is treated as a secret: the random values of the artifact explain it, or a
   * wrapper of any purpose is between its name and it.
   */
  isSecret?: true;
  /** What holds it by pointers, if its name was found there. */
  owner?: Owner;
  /** Offset of a token that the key has signed. */
  signed?: number;
  /** Truncated: not whole in the dump. */
  partial: boolean;
  /** Names written beside a key. */
  names?: KeyNames;
  /** Prefix and length of a token, title of a key; never bytes of a key. */
  preview: string;
  claims?: Claims;
}

/** Form of a public key: SubjectPublicKeyInfo (DER or PEM), SSH, JSON Web Key, TPM 2.0 point. */
export type BareForm = 'spki' | 'ssh' | 'jwk' | 'tpm';

/** What says whose a public key is, without a signature over it: a claim, never used as a proof. */
export interface OwnerClaim {
  form: UnsignedForm;
  /** Place in the artifact. */
  offset: number;
  /** DER of the TBSCertificate or CertificationRequestInfo. */
  der: Uint8Array;
}

/** A certificate or bare public key in the dump, to be matched with private keys. */
export interface PublicRecord {
  type: 'public';
  form: 'certificate' | BareForm;
  offset: number;
  length: number;
  /** DER SubjectPublicKeyInfo (RFC 5280, 4.1). */
  spki: Uint8Array;
  /** DER of the certificate. */
  certificate?: Uint8Array;
  claim?: OwnerClaim;
  names?: KeyNames;
}

export type Detected = SecretCandidate | PublicRecord;

/** Hits of one rule that are close enough to share one window, ascending by offset. */
export interface HitGroup {
  rule: Rule;
  hits: readonly Hit[];
  view: View;
  /** Order of the bytes: by address, or by file offset in a second pass where the two differ. */
  order: 'memory' | 'file';
  /** Called if the detector read less than its reach around a hit, and its match goes on beyond that. */
  shortened?: (hit: Extent) => void;
  /** Receives the steps of the decision, for `rules test`. */
  explain?: Explain | undefined;
}

/** A detector runs in time linear in the window and never throws because of its bytes. */
export interface Detector {
  readonly name: string;
  /**
   * Bytes around a hit that it reads, whatever the rule's window; hits within this distance share a group.
   */
  readonly reach?: { before: number; after: number };
  /** Upper bound of `reach`, if it reads farther for some hits. */
  readonly widest?: { before: number; after: number };
  /**
   * Bytes for which one failed hit counts, where many hits in them take no longer than one (the detector
   * reads them once).
   */
  readonly bytesOfHit?: number;
  /** Necessary conditions by literal, for the sweep to drop hits by; without them it drops none. */
  needs?(rule: Rule): NeedsOf | undefined;
  examine(group: HitGroup): Iterable<Detected>;
}

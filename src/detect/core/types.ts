import type { Secret } from '../../base/crypto/secret.js';
import type { View } from '../../formats/memory/types.js';
import type { KeyMaterial } from '../../model/key-material.js';
import type { Claims, Confidence, Extent, Kind, Severity, Wide } from '../../model/report.js';
import type { Rule } from '../../rules/types.js';
import type { NeedsOf } from './needs.js';

/** One exact literal hit: file offset of its first byte, length of the literal's bytes as they lie there. */
export interface Hit {
  offset: number;
  length: number;
  wide: boolean;
  /** The literal as the rule has it: what a detector of several anchors tells them apart by. */
  anchor: Uint8Array;
}

/** What a detector made of a hit, before proof and fold. */
export interface Candidate {
  type: 'candidate';
  rule: Rule;
  /** First byte and whole length in the artifact; `extents` has one entry where the bytes are contiguous in the file. */
  offset: number;
  length: number;
  extents: Extent[];
  notAdjacentInMemory: boolean;
  /** Of one that is whole in the file's order alone: what memory's shows of it. These stand where its parts turn out to contradict each other. */
  instead?: readonly Candidate[];
  /** Decoded: UTF-8 text of a token, canonical DER of a key, ciphertext of an encrypted key. */
  secret: Secret;
  wide?: Wide;
  /** What the detector can vouch for without proof. */
  confidence: Exclude<Confidence, 'proven'>;
  /** Where it differs from the rule's. */
  severity?: Severity;
  kind?: Kind;
  title?: string;
  /** True statements that stand: "CRC-32 checksum matches". */
  evidence: string[];
  /** Why it was demoted. */
  notes: string[];
  /** A private key's parts: goes to the proofs. */
  material?: KeyMaterial;
  /** `pem`, `pkcs8`, `pkcs1`, `sec1`, `openssh`, `jwk` …: the outermost form in the dump. */
  encoding?: string;
  /** The part of the key that stands here alone: `p`, `d`, `seed` …. */
  component?: string;
  /** Its public half stands as a handshake sends it: made for one connection, unless the artifact shows it as a key. */
  ephemeral?: boolean;
  /** Cut at an end: not whole in the dump. */
  partial: boolean;
  /** Issuer's prefix and length (tokens); never bytes of a key. */
  preview: string;
  claims?: Claims;
}

/** How a public key is written without a certificate: SubjectPublicKeyInfo (in PEM as well), SSH's, a JSON Web Key, a TPM's area. */
export type BareForm = 'spki' | 'ssh' | 'jwk' | 'tpm';

/** A certificate or bare public key in the dump: keys are matched with it. */
export interface PublicRecord {
  type: 'public';
  form: 'certificate' | BareForm;
  offset: number;
  length: number;
  /** DER SubjectPublicKeyInfo (RFC 5280, 4.1). */
  spki: Uint8Array;
  /** DER of the certificate. */
  certificate?: Uint8Array;
}

export type Detected = Candidate | PublicRecord;

/** The anchors of one rule that stand so close together that one window serves them all, ascending by offset. */
export interface HitGroup {
  rule: Rule;
  hits: readonly Hit[];
  view: View;
  /** Continue by address (the default pass) or by file order (the second pass, where the two differ). */
  order: 'memory' | 'file';
}

/** One row of the table of detectors. Linear time in the window; never throws for what the bytes hold. */
export interface Detector {
  readonly name: string;
  /** Bytes before and after a hit that it reads whatever the rule's window is: hits within it are examined together. */
  readonly reach?: { before: number; after: number };
  /** Where it may read further than that, for some hits. */
  readonly widest?: { before: number; after: number };
  /** What must stand beside a rule's literals, so that the sweep drops the hits that cannot be anything; without it none is dropped. */
  needs?(rule: Rule): NeedsOf | undefined;
  examine(group: HitGroup): Iterable<Detected>;
}

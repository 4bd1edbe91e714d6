import type { Extent } from '../base/bytes/extent.js';
import type { Notice } from '../base/runtime/errors.js';
import type { Limit } from '../limits/limit.js';

export type { Extent } from '../base/bytes/extent.js';

/**
 * The types of the JSON report (docs/report.md) and of the API's events. Offsets and lengths are in bytes.
 */

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const CONFIDENCES = ['low', 'medium', 'high', 'proven'] as const;
export type Confidence = (typeof CONFIDENCES)[number];
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
export const confidenceRank = (confidence: Confidence): number => CONFIDENCES.indexOf(confidence);
export const KINDS = ['private-key', 'symmetric-key', 'token', 'credential', 'encrypted-key'] as const;
export type Kind = (typeof KINDS)[number];

/** Report formats: the values of `--format` and `--output FORMAT=FILE`. */
export const FORMATS = [
  'pretty',
  'json',
  'ndjson',
  'sarif',
  'markdown',
  'junit',
  'csv',
  'lines',
  'html',
] as const;
export type Format = (typeof FORMATS)[number];

export type RegionKind =
  | 'heap'
  | 'stack'
  | 'module'
  | 'environment'
  | 'argv'
  | 'object'
  | 'page'
  | 'note'
  | 'register'
  | 'header'
  | 'gap'
  | 'mapping'
  | 'undumped'
  | 'unknown';

/**
 * The kind of memory at a place, according to the dump. `name` comes from the dump: hostile text, escaped and
 * masked when it is printed.
 */
export interface Region {
  kind: RegionKind;
  /** Module path with `+0xOFFSET`, or the name of an environment variable, note or mapping. */
  name?: string;
  /** Thread id, for stacks and registers. */
  thread?: number;
}

export interface AddressSpace {
  kind: 'process' | 'kernel' | 'physical';
  id?: string;
  pid?: number;
}

/** UTF-16 byte order of a wide match. */
export type Wide = 'le' | 'be';

/** The dumped process. All text is the dump's own. */
export interface ProcessFacts {
  pid?: number;
  /** Its memory was copied while it ran; its registers were not. */
  running?: true;
  /** Executable's short name (pr_fname). */
  name?: string;
  command?: string;
  executable?: string;
  signal?: number;
  signalName?: string;
  threads?: number;
  /** Names of a runtime's threads, if the dump lists them. */
  threadNames?: string[];
  /** When the dump was written, according to itself: ISO 8601. */
  dumpedAt?: string;
  machine?: string;
  bits?: 32 | 64;
  endian?: 'le' | 'be';
  modules?: { path: string; address: string; buildId?: string }[];
}

export interface Unread extends Omit<Extent, 'length'> {
  /** null: the end is unknown. */
  length: number | null;
  reason: string;
}

export interface MissingMemory {
  /** Hexadecimal, 0x…. */
  address: string;
  length: number;
  reason: string;
}

export interface Coverage {
  file: { bytes: number; unread: Unread[] };
  memory?: { described: number; present: number; missing: MissingMemory[] };
  limits: Limit[];
}

export type Verdict = 'nothing-found' | 'findings' | 'incomplete';

/** A range of memory, or of the file outside memory, that is of one region. */
export interface RegionFacts extends Region, Extent {
  /** Absent outside memory. */
  address?: string;
  /** How many of these bytes, from the first on, are in the file, at `offset`. */
  present: number;
  addressSpace?: AddressSpace;
}

/** Shannon entropy, in bits a byte, of pages of `page` bytes at multiples of `step`; null: not readable. */
export interface EntropyFacts {
  page: number;
  step: number;
  values: (number | null)[];
}

export interface ArtifactReport {
  path: string;
  format: string;
  size: number;
  mtime?: string;
  sha256?: string;
  verdict: Verdict;
  process?: ProcessFacts;
  coverage: Coverage;
  warnings: Notice[];
  /** At most 4,096; adjoining ones of the same kind and name are one. With the option `regions`. */
  regions?: RegionFacts[];
  /** At most 2,048 values; with the option `regions`. */
  entropy?: EntropyFacts;
}

/** How what holds a value by pointers names it; `class`: by its class alone. */
type OwnerKind = 'field' | 'static' | 'key' | 'property' | 'variable' | 'class';

/** What holds a value in a heap: `jwtSecret`, a field of `com.acme.AuthConfig`. */
export interface Owner {
  kind: OwnerKind;
  name: string;
  /** Class or kind of object that has the name; empty if it is unknown. */
  of: string;
}

/** One place of a secret or of a component of it. */
export interface Occurrence extends Extent {
  /** Index of the artifact event. */
  artifact: number;
  address?: string;
  component?: string;
  encoding?: string;
  wide?: Wide;
  partial?: boolean;
  /** Present if the bytes are not contiguous in the file; in order. */
  extents?: Extent[];
  /** Whole only in file order: the parts are not adjacent in memory. */
  notAdjacentInMemory?: boolean;
  addressSpace?: AddressSpace;
  region: Region;
  /** What holds the value by pointers, if its name was found there. */
  owner?: Owner;
  /** What is true of this place and not of all others of the finding: that it is truncated. */
  notes?: readonly string[];
}

export interface CertificateFacts {
  subject: string;
  san: string[];
  /** Empty for a certificate request, as `serial` and `notAfter` are. */
  issuer: string;
  serial: string;
  notAfter: string;
  offset: number;
  /** A certificate with its signature, which was not checked. False: only a claim of who owns the key. */
  signed: boolean;
  form: 'certificate' | 'tbs-certificate' | 'certificate-request';
}

/** A token that a key has signed. All text is the token's own. */
export interface TokenFacts {
  artifact: number;
  offset: number;
  issuer?: string;
  subject?: string;
  /** ISO 8601. */
  expires?: string;
}

/** The public identity of a private key: safe to print. */
export interface KeyFacts {
  algorithm: string;
  bits?: number;
  curve?: string;
  encoding: string;
  /** base64 of the DER SubjectPublicKeyInfo, as openssl prints it. */
  spki?: string;
  spkiSha256?: string;
  jwkThumbprint?: string;
  sshFingerprint?: string;
  certificates?: CertificateFacts[];
  /** `kid` of its JSON Web Keys, and ids in files of credentials. */
  keyIds?: string[];
  /** Accounts beside the key: `client_email`, comments of SSH keys. */
  accounts?: string[];
  /** Tokens that verify under the key: the first ones by place. */
  tokens?: TokenFacts[];
  /** All tokens that were verified. */
  tokenCount?: number;
}

/** Names of a key that are written beside it. They are claims. */
export type KeyNames = Pick<KeyFacts, 'keyIds' | 'accounts'>;

export type NotCounted =
  | 'below-threshold'
  | 'published-test-key'
  | 'ephemeral'
  | 'expired'
  | 'unlikely-key'
  | 'baseline'
  | 'allowed'
  | 'undumped'
  | 'policy';

/** What is no secret beside one: claims of a JWT; user, host and variable of the password of a URL. */
export type Claims = Record<string, string | number | string[]>;

export interface Finding {
  ruleId: string;
  alsoMatched: string[];
  kind: Kind;
  title: string;
  signing: boolean;
  severity: Severity;
  confidence: Confidence;
  counts: boolean;
  reason?: NotCounted;
  /** Statements proven by arithmetic, or by a verified signature or checksum. */
  proof: string[];
  /**
   * Why the confidence is not higher: a checksum that fails, a placeholder, parts that contradict each other.
   */
  notes: string[];
  impact: string;
  rotate: string;
  location: {
    path: string;
    offset: number;
    length: number;
    address?: string;
    region: Region;
  };
  occurrences: Occurrence[];
  occurrenceCount: number;
  key?: KeyFacts;
  claims?: Claims;
  /** `v1:…`, or null if the run's budget of slow fingerprints is spent. */
  fingerprint: string | null;
  /** Issuer's prefix and length; no bytes of a key. */
  preview: string;
}

export interface RunFacts {
  schemaVersion: 1;
  tool: { name: 'dumpsieve'; version: string; rules: { count: number; sha256: string } };
  startedAt: string;
  options: Record<string, unknown>;
}

export interface Summary {
  verdict: Verdict;
  complete: boolean;
  bytesScanned: number;
  seconds: number;
  artifacts: number;
  bySeverity: Partial<Record<Severity, number>>;
  notCounted: Partial<Record<NotCounted, number>>;
  /** Exit status of the command (0, 1 or 2), decided from the events alone. */
  exit: 0 | 1 | 2;
  /** Warnings without an artifact: a missing folder, a link that leads outside. */
  warnings: Notice[];
}

export type FindStatus = 'present' | 'public-only' | 'absent';

/** What is known of a --find target. It bounds how much can be searched for. */
export type AskedBy = 'private-key' | 'public-key' | 'digest' | 'ssh-fingerprint' | 'value';

/** Whether one artifact contains a --find target. */
export interface FindResult {
  /** Index of the artifact event. */
  artifact: number;
  /** `present`: private parts, or the value itself. `public-only`: the public half alone. */
  status: FindStatus;
  /** Encodings found, each once: `pem`, `limbs-le`, `certificate` …. */
  forms: string[];
  /** There are bytes, all were read, no memory is missing, and no search ran out of its budget. */
  complete: boolean;
  /** The first places: of the private parts if it is present, else of the public half. */
  occurrences?: Occurrence[];
  occurrenceCount?: number;
}

/** The answer to `--find` for one target. */
export interface FindReport {
  /** The file's name, and what distinguishes the target from others in the file. */
  name: string;
  /** Further names of the same key or value in the file: variables, key ids. */
  alsoNamed?: readonly string[];
  askedBy: AskedBy;
  spkiSha256?: string;
  sshFingerprint?: string;
  results: FindResult[];
}

/** The stream of the API and of ndjson, in this order: run, artifact…, finding…, find…, summary. */
export type ScanEvent =
  | ({ type: 'run' } & RunFacts)
  | ({ type: 'artifact' } & ArtifactReport)
  | ({ type: 'finding' } & Finding)
  | ({ type: 'find' } & FindReport)
  | ({ type: 'summary' } & Summary);

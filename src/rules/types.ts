import type { Kind, Severity } from '../model/report.js';
import type { Lines } from './place.js';

/** A literal that calls a rule's detector. */
export interface Anchor {
  bytes: Uint8Array;
  /** Printable ASCII: it also has a wide form, its characters with one NUL between them. */
  text: boolean;
}

type RuleEncoding = 'utf8' | 'utf16le' | 'utf16be';

/** A rule as the engine uses it: validated, defaults filled in. One row of rules/*.yaml (contract: DESIGN, "rule files"). */
export interface Rule {
  id: string;
  name: string;
  kind: Kind;
  severity: Severity;
  signing: boolean;
  /** Used only where it is named. */
  optIn?: boolean;
  impact: string;
  rotate: string;
  anchors: Anchor[];
  caseless: boolean;
  /** Characters before and after the anchor that the detector may need. */
  window: { before: number; after: number };
  near?: { anchors: Anchor[]; within: number };
  /** Name in the table of detectors. */
  detector: string;
  /** RE2 syntax with a group `secret`; only the text detector has one. */
  pattern?: string;
  encodings: RuleEncoding[];
  boundary: 'token' | 'none';
  /** Least Shannon entropy of the secret group, bits per character. */
  entropy?: number;
  checks: string[];
  references: string[];
  examples: string[];
  counterexamples: string[];
  /** `rules/github.yaml:12` for messages. */
  source: string;
  /** Of what a check or a comparison with other rules may find wrong. */
  lines?: Lines;
  /** Its digest, where that was taken when the package was built. */
  sha256?: string;
}

/** The rules in use, and each literal with the rules that it calls. */
export interface RuleSet {
  rules: Rule[];
  /** SHA-256 of the digests of all rules in use, lower-case hex. */
  sha256: string;
  /** Distinct literals. */
  literals: Literal[];
}

/** What the sweep looks for. */
export interface Literal {
  bytes: Uint8Array;
  caseless: boolean;
  /** Also look for the wide form (a NUL between the characters). */
  wide: boolean;
  /** Indices into RuleSet.rules. */
  rules: number[];
}

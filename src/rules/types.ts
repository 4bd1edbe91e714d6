import type { Kind, Severity } from '../core/model/report.js';
import type { ObjectKey, ObjectPart, OCTET_CURVES, PasswordShape, ValueClass } from './vocabulary.js';

/** A literal whose hits a rule's detector examines. */
export interface Anchor {
  readonly bytes: Uint8Array;
  /** Printable ASCII, so that it also has a wide form: one NUL between two characters. */
  text: boolean;
}

type RuleEncoding = 'utf8' | 'utf16le' | 'utf16be';

/** A name beside a random-looking value, as words: a row of rules/names.yaml. */
interface NameOfValue {
  type: 'name';
  /** Words in lower case. */
  words: string[];
  /** Where a name has them. */
  at: 'end' | 'anywhere';
  /** Words of names that the row is not for. */
  not: string[];
}

/** A service's name near a value of its form: a row of rules/services/. */
export interface ServiceOfValue {
  type: 'service';
  /** Each as words in lower case. */
  names: string[][];
  forms: ValueForm[];
}

/** A whole value. */
export type ValueForm =
  /** `lengths`: least and most, inclusive. */
  { class: ValueClass; lengths: [number, number][] } | { /** RE2 syntax. */ pattern: string };

/** What the password detector looks for: rules/passwords.yaml. */
export interface PasswordSearch {
  /** Where a password may be. */
  shapes: PasswordShape[];
  /** Words, in lower case, that a password's name does not have. */
  notNames: string[];
  /** Passwords of examples and default installations, in lower case. */
  stock: string[];
  /** Schemes of URLs, in lower case: these, or all but these; without a list all of them. */
  schemes?: { only: string[] } | { not: string[] };
}

/** A class whose objects hold a secret: a row of rules/objects.yaml. Paths are fields joined by dots. */
export interface ObjectRow {
  class: string;
  field: string;
  /** Kind of private key of which it is a number. */
  key?: ObjectKey | undefined;
  curve?: (typeof OCTET_CURVES)[number][] | undefined;
  littleEndian?: true | undefined;
  /** Paths to the other numbers of the key. */
  parts: Partial<Record<ObjectPart, string>>;
  /** Path to a text, and what it may be; `*` stands for any characters. */
  if?: { field: string; is: string[] } | undefined;
  /** What the class says of the value, before any proof. */
  confidence: 'high' | 'medium' | 'low';
  /** Its confidence if nothing in the heap refers to the object. */
  unheld?: 'high' | 'medium' | 'low' | undefined;
  /** Classes whose objects hold keys of one handshake. */
  handshake?: string[] | undefined;
}

/** A validated rule of rules/*.yaml, with defaults (docs/rules.md). */
export interface Rule {
  id: string;
  name: string;
  kind: Kind;
  severity: Severity;
  signing: boolean;
  /** Off by default. */
  optIn?: boolean;
  /** It knows the place of a secret and not its issuer: every other rule is more specific. */
  generic?: boolean;
  impact: string;
  rotate: string;
  anchors: Anchor[];
  caseless: boolean;
  /** Characters before and after the anchor that the detector reads. */
  window: { before: number; after: number };
  near?: { anchors: Anchor[]; within: number };
  /** Name in the table of detectors. */
  detector: string;
  /** Only for the value detector. */
  value?: NameOfValue | ServiceOfValue;
  /** Only for the password detector. */
  password?: PasswordSearch;
  /** Only for the object detector. */
  objects?: ObjectRow[];
  /** RE2 syntax with a group `secret`; only for the text detector. */
  pattern?: string;
  encodings: RuleEncoding[];
  boundary: 'token' | 'none';
  /** Minimum Shannon entropy of the group `secret`, in bits per character. */
  entropy?: number;
  checks: string[];
  references: string[];
  examples: string[];
  counterexamples: string[];
  /** `rules/github.yaml:12`, for messages. */
  source: string;
  /** Lines of its fields, for messages. */
  lines?: Lines;
  /** Digest, if the build has computed it. */
  sha256?: string;
}

/** The rules in use and their literals. */
export interface RuleSet {
  rules: Rule[];
  /** SHA-256 of the digests of all rules in use, lower-case hex. */
  sha256: string;
  /** Distinct literals. */
  literals: Literal[];
}

/** A string that the sweep searches for. */
export interface Literal {
  readonly bytes: Uint8Array;
  caseless: boolean;
  /** Search for the wide form as well. */
  wide: boolean;
  /** Indices into RuleSet.rules. */
  rules: number[];
}

/** Lines (from 1) of a rule's fields and examples: `id`, `examples[0]`. */
export type Lines = Readonly<Record<string, number>>;

/** `rules/github.yaml:12`: the line of a rule's field or example, or else of the rule. */
export function placeOf({ source, lines }: Pick<Rule, 'source' | 'lines'>, field: string): string {
  const line = lines?.[field];
  return line === undefined ? source : source.replace(/\d+$/, String(line));
}

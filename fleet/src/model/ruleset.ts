/** The rules and options by which content is searched: what makes two scans of the same bytes comparable. */
export interface Ruleset {
  /** Hexadecimal SHA-256 of the other fields. */
  digest: string;
  /** Version of dumpsieve. */
  version: string;
  /** Digest of the rules in use, as a report has it. */
  rules: string;
  effort: string;
  /** Other options that change what is found, by name; the values as JSON. */
  options: Record<string, unknown>;
  /** Digests of the targets of --find, in order. */
  targets: readonly string[];
}

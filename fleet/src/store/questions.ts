import type { Asked, FoundIn, QueryFilter, RepeatedSecret, ShownDump } from '../model/answers.js';
import type { TargetAnswer } from '../model/scan-result.js';
import type { Target } from '../model/target.js';

/** By which a secret is known: a finding with one of these is of it. */
export type SecretNames = Pick<Target, 'fingerprints' | 'spki' | 'ssh' | 'jwk'>;

/** A dump that was not scanned, and why. */
export interface FailedDump {
  dump: ShownDump;
  /** A code: `crashed`, or that of an unreadable dump. */
  code: string;
  message: string;
  crashes: number;
  /** It is not tried again. */
  dead: boolean;
  /** ISO 8601. */
  at: string;
}

/** How far the work is. Numbers are of dumps that are not gone, but for `gone`. */
export interface Standing {
  dumps: number;
  bytes: number;
  /** Their content has a scan under some rules. Copies are counted. */
  done: number;
  /** Contents that were scanned: copies counted once. */
  contents: number;
  /** Of the done ones: no scan of them is complete. */
  incomplete: number;
  /** Without a scan, and to be scanned: neither dead nor given up. */
  pending: number;
  pendingBytes: number;
  /** Without a scan, and their last attempt failed; dead ones among them. */
  failed: number;
  dead: number;
  /** Not listed any more. */
  gone: number;
  /** Rule sets with scans, the newest first. */
  rulesets: readonly { version: string; digest: string; targets: number; scans: number; lastAt: string }[];
  /** Codes of what was not read or searched, with the number of scans: 20 at most, most frequent first. */
  limits: readonly { code: string; scans: number }[];
}

/** Which of the dumps `forget` removes. All that are given must hold. */
export interface ForgetOnly {
  /** Host, or glob of hosts. */
  host?: string;
  /** ISO 8601: written before. */
  before?: string;
  /** Not listed any more. */
  gone?: boolean;
}

/** What `forget` removes. */
export interface Forgotten {
  dumps: number;
  /** Scans of content that no other dump has, and their findings. */
  scans: number;
  findings: number;
  /** Secrets that no other scan has. */
  secrets: number;
  /** The first of the dumps, at most 10. */
  first: readonly string[];
}

/**
 * What is asked of a store: read only, but for `forget`. In globs of a filter `*` is any part of a name, `**`
 * any part of a path, `?` one character; one without a slash is of the last part of a URI, and one that
 * begins with `/` is of the path of a local file on any host.
 */
export interface Questions {
  /** As shown: without a password. */
  readonly place: string;
  /**
   * Findings of these secrets, of all without `names`, in dumps that are not gone, copies each for itself:
   * by dump, then by severity. Of several scans of one content the newest row of a secret counts.
   */
  findings(names: SecretNames | undefined, filter: QueryFilter): AsyncIterable<FoundIn>;
  /** Answers `present` and `public-only` for targets with these digests, one a dump: the best. */
  answers(
    digests: readonly string[],
    filter: QueryFilter,
  ): Promise<{ dump: ShownDump; answer: TargetAnswer }[]>;
  /**
   * Of how many dumps an answer speaks, without those that are gone. `searched`: a complete `absent` or
   * `public-only` for one of these digests, and no `present` for another.
   */
  asked(digests: readonly string[], filter: QueryFilter): Promise<Asked>;
  /** Secrets in more than one content, those in most of them first; dumps and times by the filter. */
  repeated(filter: QueryFilter): AsyncIterable<RepeatedSecret>;
  standing(): Promise<Standing>;
  /** Dumps without a scan whose last attempt failed: dead ones first, by URI. */
  failures(): AsyncIterable<FailedDump>;
  /** What `forget` would remove of dumps with these URIs, paths or globs; none are given: of all dumps. */
  forgettable(dumps: readonly string[], only?: ForgetOnly): Promise<Forgotten>;
  /** Removes it, in one transaction, and gives the space back. */
  forget(dumps: readonly string[], only?: ForgetOnly): Promise<Forgotten>;
  /** Forgets failures of dumps without a scan, those of dead ones too: they are tried again. Their number. */
  forgetFailures(dumps: readonly string[]): Promise<number>;
  /** Removes all results of a rule set: contents without another scan are to be scanned again. */
  forgetRuleset(digest: string): Promise<Forgotten>;
  close(): Promise<void>;
}

import type { FactSource } from './dump.js';
import type { FoundSecret, TargetAnswer } from './scan-result.js';
import type { Target } from './target.js';

/** A dump as answers show it. */
export interface ShownDump {
  id: number;
  uri: string;
  size: number;
  sha256?: string;
  host?: string;
  hostFrom?: FactSource;
  /** When it was written: ISO 8601. */
  at?: string;
  atFrom?: FactSource;
  program?: string;
  pid?: number;
  /** No longer listed since: ISO 8601. */
  goneAt?: string;
  /** Whether a scan of it is complete; absent without a scan. */
  complete?: boolean;
}

/** A secret in a dump. */
export interface FoundIn {
  dump: ShownDump;
  secret: Omit<FoundSecret, 'confidence' | 'counts' | 'occurrences' | 'place'>;
  finding: Pick<FoundSecret, 'confidence' | 'counts' | 'occurrences' | 'place'>;
}

/** A secret that is in more than one dump. */
export interface RepeatedSecret {
  secret: FoundIn['secret'];
  /** Number of dumps, copies of the same content counted once. */
  contents: number;
  dumps: number;
  hosts: readonly string[];
  firstAt?: string;
  lastAt?: string;
}

/**
 * Whether a key or value is in the dumps. `absent`: each dump asked about has a complete scan with --find
 * that says so. `public-only`: its public half alone was seen. `not-found-by-rules`: no proof of anything.
 */
export type Presence = 'present' | 'public-only' | 'not-found-by-rules' | 'absent';

/** Of how many dumps an answer speaks. */
export interface Asked {
  dumps: number;
  /** Stored bytes of these. */
  bytes: number;
  /** Without a scan, failed, or dead. */
  notScanned: number;
  /** Their scan is not complete. */
  incomplete: number;
  /** Searched by --find completely, without finding the target's private half or value. */
  searched: number;
}

export interface TargetPresence {
  target: Target;
  presence: Presence;
  /** Each dump asked about has a complete search with --find without its private half or value. */
  isProvenAbsent: boolean;
  asked: Asked;
  found: readonly FoundIn[];
  /** Answers of --find where no finding names the place. */
  answers: readonly { dump: ShownDump; answer: TargetAnswer }[];
}

/** Limits of a question. All that are given must hold. */
export interface QueryFilter {
  /** ISO 8601: dumps written since. */
  since?: string;
  /** Host, or glob of hosts. */
  host?: string;
  /** Rule id, or glob. */
  rule?: string;
  /** Path or URI of a dump, or glob. */
  file?: string;
}

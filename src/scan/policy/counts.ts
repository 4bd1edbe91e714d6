import {
  type Claims,
  type Confidence,
  confidenceRank,
  type Kind,
  type NotCounted,
  type Severity,
  severityRank,
} from '../../core/model/report.js';
import { DEFAULTS } from '../../core/options/table.js';

/** Options of the command line that decide what counts. */
export interface CountOptions {
  /** Least severity that counts. Default high. */
  failOn: Severity;
  /** Only these kinds count; empty: all. */
  failOnKind: readonly Kind[];
  /** Least confidence that counts. Default medium. */
  minConfidence: Confidence;
  /** Only `--find` targets count. */
  onlyTargets?: boolean;
  /** Secrets in memory that no core of a process would have fail the gate too. */
  includeUndumped?: boolean;
}

export const COUNT_DEFAULTS: CountOptions = {
  failOn: DEFAULTS.failOn,
  failOnKind: [],
  minConfidence: DEFAULTS.minConfidence,
};

/** Facts of a finding that decide whether it fails the gate. */
export interface FindingFacts {
  kind: Kind;
  severity: Severity;
  confidence: Confidence;
  /** Printed in an RFC, a vector file or a library's self-test. */
  published: boolean;
  /** A key of one handshake. */
  ephemeral: boolean;
  /** The token had expired when each dump that holds it was written. */
  expired: boolean;
  /** The private half of a key agreement was found in text too, unlike a key of one handshake. */
  inText: boolean;
  /** Zeros or text rather than a key, and nothing was found that proves it. */
  unlikely: boolean;
  /** It verifies a token found in a dump. */
  verifiesToken: boolean;
  /** All its places are in memory that no core of the process would have. */
  undumped: boolean;
  /** A `--find` target counts, whatever else applies to it. */
  isTarget?: boolean;
  /** Listed in a baseline or on an allow list. */
  suppressed?: 'baseline' | 'allowed';
}

export interface GateDecision {
  severity: Severity;
  counts: boolean;
  reason?: NotCounted;
}

/** Reasons why a finding does not count, in order of precedence. */
const REASONS: readonly [NotCounted, (facts: FindingFacts, options: CountOptions) => boolean][] = [
  ['published-test-key', (s) => s.published && !s.verifiesToken],
  ['ephemeral', (s) => s.ephemeral],
  ['expired', (s) => s.expired],
  ['unlikely-key', (s) => s.unlikely],
  ['allowed', (s) => s.suppressed === 'allowed'],
  ['baseline', (s) => s.suppressed === 'baseline'],
  ['undumped', (s, o) => s.undumped && o.includeUndumped !== true],
  ['policy', (s, o) => o.onlyTargets === true || (o.failOnKind.length > 0 && !o.failOnKind.includes(s.kind))],
  [
    'below-threshold',
    (s, o) =>
      severityRank(s.severity) < severityRank(o.failOn) ||
      confidenceRank(s.confidence) < confidenceRank(o.minConfidence),
  ],
];

/**
 * A published key or an expired token does no harm. A key that verifies a live token is in use: a published
 * one too, with which every reader can forge tokens.
 */
function effectiveSeverity(facts: FindingFacts): Severity {
  if (facts.published) return facts.verifiesToken ? 'high' : 'info';
  if (facts.ephemeral || facts.expired || facts.unlikely) return 'info';
  if (facts.verifiesToken) return 'critical';
  return facts.inText && severityRank(facts.severity) < severityRank('high') ? 'high' : facts.severity;
}

export function decide(facts: FindingFacts, options: CountOptions): GateDecision {
  const severity = effectiveSeverity(facts);
  if (facts.isTarget) return { severity, counts: true };
  const reason = REASONS.find(([, applies]) => applies({ ...facts, severity }, options))?.[0];
  return reason === undefined ? { severity, counts: true } : { severity, counts: false, reason };
}

/** True if `exp` (RFC 7519, 4.1.4: seconds since 1970) is before `writtenAt` (milliseconds). */
export function isExpired(claims: Claims | undefined, writtenAt: number | undefined): boolean {
  const exp = claims?.exp;
  return typeof exp === 'number' && writtenAt !== undefined && exp * 1000 < writtenAt;
}

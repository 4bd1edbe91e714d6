import {
  type Claims,
  CONFIDENCES,
  type Confidence,
  type Kind,
  type NotCounted,
  SEVERITIES,
  type Severity,
} from '../model/report.js';

/** What the command line says about what counts. */
export interface CountOptions {
  /** Least severity that counts. Default high. */
  failOn: Severity;
  /** Only these kinds count; empty: all. */
  failOnKind: readonly Kind[];
  /** Least confidence that counts. Default medium. */
  minConfidence: Confidence;
  /** Only `--find` targets count. */
  onlyTargets?: boolean;
}

export const COUNT_DEFAULTS: CountOptions = { failOn: 'high', failOnKind: [], minConfidence: 'medium' };

/** What is known of a finding when it is decided. */
export interface Standing {
  kind: Kind;
  severity: Severity;
  confidence: Confidence;
  /** Printed in an RFC, a vector file or a library's self-test. */
  published: boolean;
  /** Made for one handshake: what it protected is over, or was recorded. */
  ephemeral: boolean;
  /** Its token had expired when each dump that holds it was written. */
  expired: boolean;
  /** The private half of a key agreement stands as text too: somebody wrote it down, which nobody does with a key of one handshake. */
  inText: boolean;
  /** It verifies a token found in a dump. */
  verifiesToken: boolean;
  /** A `--find` target counts, whatever else applies to it. */
  isTarget?: boolean;
  /** What a baseline or an allow list says. */
  suppressed?: 'baseline' | 'allowed';
}

export interface Decision {
  severity: Severity;
  counts: boolean;
  reason?: NotCounted;
}

export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);
export const confidenceRank = (confidence: Confidence): number => CONFIDENCES.indexOf(confidence);

/** Why a finding does not count, strongest reason first. */
const REASONS: readonly [NotCounted, (standing: Standing, options: CountOptions) => boolean][] = [
  ['published-test-key', (s) => s.published],
  ['ephemeral', (s) => s.ephemeral],
  ['expired', (s) => s.expired],
  ['allowed', (s) => s.suppressed === 'allowed'],
  ['baseline', (s) => s.suppressed === 'baseline'],
  ['policy', (s, o) => o.onlyTargets === true || (o.failOnKind.length > 0 && !o.failOnKind.includes(s.kind))],
  [
    'below-threshold',
    (s, o) =>
      severityRank(s.severity) < severityRank(o.failOn) ||
      confidenceRank(s.confidence) < confidenceRank(o.minConfidence),
  ],
];

/** A key that everyone has, or a token that nobody can use, harms nobody; a key that verifies a live token is in use. */
function settledSeverity(standing: Standing): Severity {
  if (standing.published || standing.ephemeral || standing.expired) return 'info';
  if (standing.verifiesToken) return 'critical';
  return standing.inText && severityRank(standing.severity) < severityRank('high')
    ? 'high'
    : standing.severity;
}

/** Severity, confidence, kind and policy decide whether a finding counts, and why not. */
export function decide(standing: Standing, options: CountOptions): Decision {
  const severity = settledSeverity(standing);
  if (standing.isTarget) return { severity, counts: true };
  const reason = REASONS.find(([, applies]) => applies({ ...standing, severity }, options))?.[0];
  return reason === undefined ? { severity, counts: true } : { severity, counts: false, reason };
}

/** `exp` (RFC 7519, 4.1.4: seconds since 1970) lies before the dump was written; `writtenAt` in milliseconds. */
export function isExpired(claims: Claims | undefined, writtenAt: number | undefined): boolean {
  const exp = claims?.exp;
  return typeof exp === 'number' && writtenAt !== undefined && exp * 1000 < writtenAt;
}

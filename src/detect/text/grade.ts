import { shannon } from '../../core/base/crypto/entropy.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Explain } from '../../core/base/text/steps.js';
import { SEVERITIES, type Severity } from '../../core/model/report.js';
import type { Rule } from '../../rules/types.js';
import { checks } from '../checks/index.js';
import type { KeyOfText, TokenCheck } from '../checks/types.js';
import type { SecretCandidate } from '../core/types.js';
import { placeholder, stockPassword } from './placeholder.js';
import { checkStep, entropyStep, placeholderStep } from './steps.js';

/** Confidence and severity of a match, from its text alone. */
export type Grade = Pick<SecretCandidate, 'confidence' | 'severity' | 'evidence' | 'notes'> & {
  /** A checksum covers the whole match, and thereby confirms its bounds. */
  checked: boolean;
};

const capped = (severity: Severity, most: Severity): Severity =>
  SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(most) ? most : severity;

const named = (name: string): TokenCheck => (checks as Readonly<Record<string, TokenCheck>>)[name]!;

export const isChecked = (rule: Rule, secret: string): boolean =>
  rule.checks.some((name) => named(name).verify(secret) === true);

/** The private key of a text that passes its check, if the check is of a key. */
export function keyOf(rule: Rule, secret: string): KeyOfText | undefined {
  const check = rule.checks.map(named).find(({ key }) => key !== undefined);
  return check?.verify(secret) === true ? check.key?.(secret) : undefined;
}

/** Entropy in bits per character below which even a text with a valid checksum is tested for placeholders. */
const LOW_ENTROPY = 2.5;

/**
 * Confidence is high if a check passes, medium without one. A failed check, low entropy or a placeholder
 * never drops a match: it becomes confidence low with a note, and a severity below every default threshold.
 */
export function grade(rule: Rule, secret: string, prefix: string, explain?: Explain): Grade {
  const results = rule.checks.map((name) => ({ name, ...named(name), result: named(name).verify(secret) }));
  const evidence = results.filter(({ result }) => result === true).map(({ statement }) => statement);
  const checked = evidence.length > 0;
  const notes: string[] = [];
  let most: Severity = 'critical';
  if (results.some(({ result }) => result === false)) {
    notes.push('its checksum does not match: altered, truncated or made up');
    most = 'low';
  }
  if (!checked && rule.entropy !== undefined && shannon(secret) < rule.entropy) {
    notes.push(`less than ${rule.entropy} bits of entropy per character`);
    most = 'info';
  }
  // Azure's identifiable keys have runs of one character by design.
  const judged = !checked || shannon(secret) < LOW_ENTROPY;
  const body = secret.slice(prefix.length);
  const sign = judged ? (rule.kind === 'credential' ? stockPassword : placeholder)(body) : undefined;
  if (sign !== undefined) {
    notes.push(`looks like a placeholder: ${sign}`);
    most = 'info';
  }
  if (explain) {
    for (const { name, result } of results) explain(checkStep(name, result));
    if (rule.entropy !== undefined) explain(entropyStep(shannon(secret), rule.entropy, checked));
    if (judged) explain(placeholderStep(sign));
  }
  const confidence = notes.length > 0 ? 'low' : checked ? 'high' : 'medium';
  const severity = capped(rule.severity, most);
  return {
    confidence,
    evidence,
    notes,
    checked,
    ...definedFields({ severity: severity === rule.severity ? undefined : severity }),
  };
}

import { shannon } from '../../base/crypto/entropy.js';
import { SEVERITIES, type Severity } from '../../model/report.js';
import type { Rule } from '../../rules/types.js';
import { checks } from '../checks/index.js';
import type { Check, KeyOfText } from '../checks/types.js';
import type { Candidate } from '../core/types.js';
import { placeholder, stockPassword } from './placeholder.js';

/** What a match is worth, by what it shows itself. */
export type Grade = Pick<Candidate, 'confidence' | 'severity' | 'evidence' | 'notes'> & {
  /** A checksum vouches for the whole match: it ends where it ends. */
  checked: boolean;
};

const capped = (severity: Severity, most: Severity): Severity =>
  SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(most) ? most : severity;

const named = (name: string): Check => (checks as Readonly<Record<string, Check>>)[name]!;

/** Does a checksum vouch for the text? */
export const isChecked = (rule: Rule, secret: string): boolean =>
  rule.checks.some((name) => named(name).verify(secret) === true);

/** The key that a checked text is, where it is one. */
export function keyOf(rule: Rule, secret: string): KeyOfText | undefined {
  const check = rule.checks.map(named).find(({ key }) => key !== undefined);
  return check?.verify(secret) === true ? check.key?.(secret) : undefined;
}

/** Below this many bits a character even a text with a valid checksum was made by hand. */
const EMPTY = 2.5;

/**
 * A passed check gives confidence high, none medium. A failed check, too little entropy or a placeholder demote, never
 * drop: confidence low, a note that says why, and a severity that no gate stops at, for such a text opens nothing.
 */
export function grade(rule: Rule, secret: string, prefix: string): Grade {
  const results = rule.checks.map((name) => ({ ...named(name), result: named(name).verify(secret) }));
  const evidence = results.filter(({ result }) => result === true).map(({ statement }) => statement);
  const checked = evidence.length > 0;
  const notes: string[] = [];
  let most: Severity = 'critical';
  if (results.some(({ result }) => result === false)) {
    notes.push('its checksum does not match: altered, cut short or made up');
    most = 'low';
  }
  if (!checked && rule.entropy !== undefined && shannon(secret) < rule.entropy) {
    notes.push(`less than ${rule.entropy} bits of entropy a character`);
    most = 'info';
  }
  // Azure's annotated keys hold runs of one character by design: a checksum outweighs the look, not the lack of content.
  const judged = !checked || shannon(secret) < EMPTY;
  const body = secret.slice(prefix.length);
  const sign = judged ? (rule.kind === 'credential' ? stockPassword : placeholder)(body) : undefined;
  if (sign !== undefined) {
    notes.push(`looks like a placeholder: ${sign}`);
    most = 'info';
  }
  const confidence = notes.length > 0 ? 'low' : checked ? 'high' : 'medium';
  const severity = capped(rule.severity, most);
  return { confidence, evidence, notes, checked, ...(severity === rule.severity ? {} : { severity }) };
}

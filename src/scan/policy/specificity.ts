import type { Confidence } from '../../core/model/report.js';
import type { Rule } from '../../rules/types.js';

/**
 * What a rule knows of a secret, the least first: its place (a URL, a header, the variable of a password), a
 * name beside it, a service's name and form, a form of its issuer, a form with a checksum.
 */
const LEVELS = ['place', 'name', 'service', 'form', 'checksum'] as const;
type Level = (typeof LEVELS)[number];

/** Words of a name that make it more specific; further ones do not. */
const MOST_WORDS = 15;
/** Ranks of one level: by words of a name, signing rules first. */
const RANKS = 2 * (MOST_WORDS + 1);
/** Of a proven key; a rule with a pattern also knows what the key is of. */
const PROVEN = LEVELS.length * RANKS;
/** Below every match that was not demoted. */
const DEMOTED = -PROVEN - 1;

/** A credential without a boundary of its own is delimited by the text around it. */
const isPlace = ({ generic, detector, kind, boundary }: Rule): boolean =>
  generic === true ||
  detector === 'password' ||
  (detector === 'text' && kind === 'credential' && boundary === 'none');

function levelOf(rule: Rule): Level {
  if (rule.value !== undefined) return rule.value.type;
  if (isPlace(rule)) return 'place';
  return rule.checks.length > 0 ? 'checksum' : 'form';
}

function rankOf(rule: Rule): number {
  const words = rule.value?.type === 'name' ? Math.min(rule.value.words.length, MOST_WORDS) : 0;
  return LEVELS.indexOf(levelOf(rule)) * RANKS + 2 * words + Number(rule.signing);
}

const ranks = new WeakMap<Rule, number>();

/**
 * Rank of a match, the most specific highest. A match with confidence low is less specific than all others:
 * its check failed, it looks like a placeholder, or its name is far away.
 */
export function specificityOf(rule: Rule, confidence: Confidence): number {
  if (confidence === 'proven') return PROVEN + Number(rule.detector === 'text');
  const rank = ranks.get(rule) ?? rankOf(rule);
  ranks.set(rule, rank);
  return confidence === 'low' ? DEMOTED + rank : rank;
}

export const isDemoted = (specificity: number): boolean => specificity < 0;

/** True if a rule knows the name or place of a secret, and no form of its issuer. */
export const namesContext = (rule: Rule): boolean => rule.value !== undefined || isPlace(rule);

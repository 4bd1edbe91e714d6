import { unboxed } from '../../core/model/occurrence.js';
import {
  type Claims,
  type Confidence,
  confidenceRank,
  type Severity,
  severityRank,
} from '../../core/model/report.js';
import type { Judged } from '../../prove/judge/judged.js';
import type { Rule } from '../../rules/types.js';
import { byPlace } from './by-place.js';
import { type Description, describe, internObject, internText } from './description.js';

/** A candidate that may describe the finding in the report, with its place. Holds no secret. */
export interface Lead {
  readonly what: Description;
  readonly preview: string;
  readonly claims: Claims | undefined;
  readonly artifact: number;
  readonly offset: number;
  readonly length: number;
}

export function leadOf(judged: Judged): Lead {
  const { offset, length, preview, claims } = judged.candidate;
  return {
    what: describe(judged),
    preview: internText(preview),
    claims: claims && internObject(claims),
    artifact: judged.artifact,
    offset: unboxed(offset),
    length: unboxed(length),
  };
}

/** A key ranks the same before and after its public half is found. */
const rankOf = ({ what: { rule, confidence, awaits } }: Lead): number =>
  specificityOf(rule, awaits !== undefined && confidence !== 'low' ? 'proven' : confidence);

/** The most specific first, then the strongest. */
export function byRank(one: Lead, other: Lead): number {
  const [a, b] = [one.what, other.what];
  return (
    rankOf(other) - rankOf(one) ||
    confidenceRank(b.confidence) - confidenceRank(a.confidence) ||
    severityRank(b.severity) - severityRank(a.severity)
  );
}

/** Total order of leads, best first: the result does not depend on the order of candidates. */
export function byPrecedence(one: Lead, other: Lead): number {
  const [a, b] = [one.what, other.what];
  return (
    byRank(one, other) ||
    a.placeRank - b.placeRank ||
    byPlace(one, other) ||
    (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0)
  );
}

/** True if under every policy `b`, which comes later, counts only if `a` does, and adds nothing to it. */
const dominates = ({ what: a }: Lead, { what: b }: Lead): boolean =>
  a.kind === b.kind &&
  severityRank(a.severity) >= severityRank(b.severity) &&
  confidenceRank(a.confidence) >= confidenceRank(b.confidence);

/** Leads in their order, without those that an earlier one dominates: a few at most. */
export function addLead(leads: readonly Lead[], lead: Lead): readonly Lead[] {
  if (byPrecedence(lead, leads[0]!) >= 0 && dominates(leads[0]!, lead)) return leads;
  const kept: Lead[] = [];
  for (const each of [...leads, lead].sort(byPrecedence))
    if (!kept.some((other) => dominates(other, each))) kept.push(each);
  return kept;
}

const HARMLESS_BELOW = severityRank('medium');
/** True if the rule knows that its secret does little harm. */
export const isHarmless = ({ what: { severity } }: Lead): boolean => severityRank(severity) < HARMLESS_BELOW;
const isContext = (lead: Lead): boolean => namesContext(lead.what.rule);

/**
 * True if `lead` only names the place or the variable of a secret that a more specific rule knows to be
 * harmless: a publishable key in a variable `API_KEY`.
 */
const isRefuted = (lead: Lead, leads: readonly Lead[]): boolean =>
  isContext(lead) &&
  leads.some((other) => !isDemoted(rankOf(other)) && rankOf(other) > rankOf(lead) && isHarmless(other));

/** The leads that may describe the finding, the most specific first. */
export function eligible(leads: readonly Lead[]): readonly Lead[] {
  return leads.length === 1 ? leads : leads.filter((lead) => !isRefuted(lead, leads));
}

/** Severity and confidence of a lead, raised by less specific ones that name the context of the secret. */
export function gradeOf(
  lead: Lead,
  leads: readonly Lead[],
): { severity: Severity; confidence: Confidence; signing: boolean } {
  let { severity, confidence } = lead.what;
  let { signing } = lead.what.rule;
  if (leads.length === 1 || isHarmless(lead)) return { severity, confidence, signing };
  for (const other of leads) {
    if (!isContext(other) || isDemoted(rankOf(other)) || rankOf(other) > rankOf(lead)) continue;
    const { what } = other;
    if (severityRank(what.severity) > severityRank(severity)) severity = what.severity;
    if (confidenceRank(what.confidence) > confidenceRank(confidence)) confidence = what.confidence;
    signing ||= what.rule.signing;
  }
  return { severity, confidence, signing };
}

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

function specificityRankOf(rule: Rule): number {
  const words = rule.value?.type === 'name' ? Math.min(rule.value.words.length, MOST_WORDS) : 0;
  return LEVELS.indexOf(levelOf(rule)) * RANKS + 2 * words + Number(rule.signing);
}

const ranks = new WeakMap<Rule, number>();

/**
 * Rank of a match, the most specific highest. A match with confidence low is less specific than all others:
 * its check failed, it looks like a placeholder, or its name is far away.
 */
function specificityOf(rule: Rule, confidence: Confidence): number {
  if (confidence === 'proven') return PROVEN + Number(rule.detector === 'text');
  const rank = ranks.get(rule) ?? specificityRankOf(rule);
  ranks.set(rule, rank);
  return confidence === 'low' ? DEMOTED + rank : rank;
}

const isDemoted = (specificity: number): boolean => specificity < 0;

/** True if a rule knows the name or place of a secret, and no form of its issuer. */
export const namesContext = (rule: Rule): boolean => rule.value !== undefined || isPlace(rule);

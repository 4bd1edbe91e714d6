import type { Limit, LimitTarget } from '../core/limits/limit.js';
import { hiddenBehind } from '../core/limits/limit-facts.js';
import { ALONE, factsOf } from '../core/limits/other-limits.js';
import type { LimitName } from '../core/limits/searches.js';
import type { EffortLevel } from '../core/model/effort.js';
import { grouped } from './text.js';

/** What a private key that a search did not find is to the reader, by what it was looked for. */
const KEY: Readonly<Record<LimitTarget, string>> = {
  asked: 'the private half of a --find target',
  written: 'the private half of a public key or certificate in the file',
  blind: 'a private key whose public key and certificate are not in the file',
};

function hidden({ search, target }: Limit): string {
  const facts = factsOf(search);
  if (facts !== undefined) return facts.hides;
  const behind = hiddenBehind(search as LimitName);
  if ('other' in behind) return behind.other;
  return `${KEY[target]} (${fewOf(behind.keys.replaceAll('`', ''))})`;
}

/** Kinds of keys that are named. */
const NAMED = 3;

/** The first of a list of kinds, and how many more there are. */
function fewOf(kinds: string): string {
  const all = kinds.split(/[,;] /);
  if (all.length <= NAMED + 1) return kinds;
  return `${all.slice(0, NAMED).join(', ')} and ${all.length - NAMED} further kinds`;
}

/** Digits of the count in groups of three, as in the rest of a report. */
const readable = ({ reason, left }: Limit): string =>
  reason.replace(new RegExp(`\\b${left}\\b`), grouped(left));

/** What the sentences about the limits of an artifact have in common. */
interface Context {
  effort: EffortLevel;
  /** The reason of limits that are due to the end of the scan. */
  stopped?: string | undefined;
}

function remedy({ search, deep, reason }: Limit, { effort, stopped }: Context): string {
  if (stopped !== undefined && reason.endsWith(stopped)) return 'let the scan run to its end';
  if (deep && effort !== 'deep') return '--effort deep searches it, and has no bound of time';
  const instead = factsOf(search)?.instead ?? ALONE;
  return `--effort deep does not lift this limit: ${instead}`;
}

/**
 * The limit with its reason as a sentence: what was not searched, what could be missed, and which flag
 * searches it.
 */
export const explained = (limit: Limit, context: Context): Limit => ({
  ...limit,
  reason: `${readable(limit)}, so ${hidden(limit)} could be missed; ${remedy(limit, context)}`,
});

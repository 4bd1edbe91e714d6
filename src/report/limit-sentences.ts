import type { Limit, LimitTarget } from '../limits/limit.js';
import { hiddenBehind } from '../limits/limit-facts.js';
import { ALONE, factsOf } from '../limits/other-limits.js';
import type { LimitName } from '../limits/searches.js';
import type { EffortLevel } from '../model/effort.js';
import { durationText, grouped } from './text.js';

/** What a private key that a search did not find is to the reader, by what it was looked for. */
const KEY: Readonly<Record<LimitTarget, string>> = {
  asked: 'the private half of a --find target',
  written: 'the private half of a public key or certificate in the file',
  blind: 'a private key of which nothing else is known',
};

function hidden({ search, target }: Limit): string {
  const facts = factsOf(search);
  if (facts !== undefined) return facts.hides;
  const behind = hiddenBehind(search as LimitName);
  if ('other' in behind) return behind.other;
  return `${KEY[target]} (${behind.keys.replaceAll('`', '')})`;
}

/** Digits of the count in groups of three, as in the rest of a report. */
const readable = ({ reason, left }: Limit): string =>
  reason.replace(new RegExp(`\\b${left}\\b`), grouped(left));

function remedy({ search, estimate, reason }: Limit, effort: EffortLevel, stopped?: string): string {
  if (stopped !== undefined && reason.endsWith(stopped)) return 'let the scan run to its end';
  if (estimate !== undefined && effort !== 'deep')
    return `--effort deep does it in ${durationText(estimate)}`;
  const instead = factsOf(search)?.instead ?? ALONE;
  return `--effort deep does not lift this limit: ${instead}`;
}

/**
 * The limit with its reason as a sentence: what was not searched, what could be missed, which flag searches
 * it and for how long. `stopped`: the reason of limits that are due to the end of the scan.
 */
export const explained = (limit: Limit, effort: EffortLevel, stopped?: string): Limit => ({
  ...limit,
  reason: `${readable(limit)}, so ${hidden(limit)} could be missed; ${remedy(limit, effort, stopped)}`,
});

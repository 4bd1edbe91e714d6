import type { Finding, Occurrence } from '../../../src/index.js';
import type { Planted, Way, WaysDump } from './ways.js';

/** What a scan says of one way. */
export interface WayFound extends Way {
  found: boolean;
  /** The report has the name that holds the value. */
  named: boolean;
  counts: boolean;
  /** Names in the report that are not the value's. */
  wrong: string[];
}

const meets = ({ offset, length }: Occurrence, { offsets, bytes }: Planted): boolean =>
  offsets.some((at) => offset < at + bytes.length && at < offset + length);

/** Compares findings with what was planted; `others`: findings of none of it. */
export function compareWays(
  { planted }: WaysDump,
  findings: readonly Finding[],
): { ways: WayFound[]; others: Finding[] } {
  const known = new Set<Finding>();
  const ways = planted.map((each) => {
    const places = findings.flatMap((finding) => {
      const there = finding.occurrences.filter((place) => meets(place, each));
      if (there.length > 0) known.add(finding);
      return there;
    });
    const owners = places.flatMap(({ owner }) => owner ?? []);
    return {
      ...each,
      found: places.length > 0,
      named: owners.some(({ name }) => name === each.name),
      counts: findings.some(({ counts, occurrences }) => counts && occurrences.some((o) => meets(o, each))),
      wrong: owners.flatMap(({ name }) => (name === each.name ? [] : [name])),
    };
  });
  return { ways, others: findings.filter((finding) => !known.has(finding)) };
}

import { definedFields } from '../../core/base/runtime/defined.js';
import type { CertificateFacts, KeyFacts, Occurrence } from '../../core/model/report.js';
import type { EventOf } from './saved-report.js';

type FindingEvent = EventOf<'finding'>;

/** Places of a finding that are listed; at least one of each artifact (docs/report.md, "Cap on places"). */
const MOST_PLACES = 1_000;

/**
 * One finding of several reports, the strongest first: its words are those of the first, its places and
 * proofs those of all.
 */
export function joinedFinding(all: readonly FindingEvent[]): FindingEvent {
  const [first, ...others] = all as [FindingEvent, ...FindingEvent[]];
  if (others.length === 0) return first;
  const rules = distinct(all.flatMap(({ ruleId, alsoMatched }) => [ruleId, ...alsoMatched]));
  const key = joinedKey(all.flatMap((each) => each.key ?? []));
  return {
    ...first,
    alsoMatched: rules.filter((id) => id !== first.ruleId).sort(),
    proof: distinct(all.flatMap(({ proof }) => proof)),
    occurrences: listed(all.flatMap(({ occurrences }) => occurrences)),
    occurrenceCount: all.reduce((sum, { occurrenceCount }) => sum + occurrenceCount, 0),
    ...definedFields({ key }),
  };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

function joinedKey([first, ...others]: readonly KeyFacts[]): KeyFacts | undefined {
  if (first === undefined || others.length === 0) return first;
  const certificates = new Map<string, CertificateFacts>();
  for (const each of [first, ...others].flatMap((key) => key.certificates ?? [])) {
    const name = JSON.stringify([each.serial, each.issuer, each.subject]);
    if (!certificates.has(name)) certificates.set(name, each);
  }
  return { ...first, ...(certificates.size > 0 ? { certificates: [...certificates.values()] } : {}) };
}

function listed(places: readonly Occurrence[]): Occurrence[] {
  const artifacts = new Set<number>();
  return places.filter(({ artifact }, i) => {
    const isFirst = !artifacts.has(artifact);
    artifacts.add(artifact);
    return isFirst || i < MOST_PLACES;
  });
}

import type { KeyObject } from 'node:crypto';
import { spkiSha256 } from '../../../fixtures/keys.js';
import type { Finding, Occurrence } from '../../../src/core/model/report.js';
import type { Report } from '../../support/reports.js';
import { isNamed } from './naming.js';
import type { Sighting } from './oracle.js';

/** The result for one key in one dump. */
export interface KeyResult {
  program: string;
  key: string;
  /** Places of its private parts found by the byte search. */
  sighted: Sighting[];
  /** False if the dump has no part sufficient for signing, so that the key cannot be found. */
  findable: boolean;
  /** The first form named by the report; undefined if the report lacks the key. */
  found?: string;
  proven: boolean;
  /** Places not covered by any occurrence of the finding. */
  missed: Sighting[];
  /** Places covered only by occurrences with another name or encoding than the byte search's. */
  misnamed: Sighting[];
}

export function covers(
  { offset, length, extents }: Occurrence,
  sighting: Pick<Sighting, 'offset' | 'length'>,
): boolean {
  const spans = extents ?? [{ offset, length }];
  return spans.some(
    (span) =>
      span.offset <= sighting.offset && sighting.offset + sighting.length <= span.offset + span.length,
  );
}

/**
 * Places whose occurrences contradict the byte search. A product does not determine which of its primes is p:
 * they may be swapped, but then at every place.
 */
function misnamedIn(occurrences: readonly Occurrence[], sighted: readonly Sighting[]): Sighting[] {
  const covered = sighted
    .map((sighting) => ({ sighting, over: occurrences.filter((each) => covers(each, sighting)) }))
    .filter(({ over }) => over.length > 0);
  const [asIs, swapped] = [false, true].map((swap) =>
    covered.filter(({ sighting, over }) => !over.some((each) => isNamed(each, sighting, swap))),
  );
  return (asIs!.length <= swapped!.length ? asIs! : swapped!).map(({ sighting }) => sighting);
}

function keyResult(
  program: string,
  key: string,
  finding: Finding | undefined,
  sighted: Sighting[],
): KeyResult {
  const occurrences = finding?.occurrences ?? [];
  return {
    program,
    key,
    sighted,
    findable: sighted.some(({ part }) => part.enough),
    ...(finding?.key && { found: finding.key.encoding }),
    proven: finding?.confidence === 'proven',
    missed: sighted.filter((sighting) => !occurrences.some((each) => covers(each, sighting))),
    misnamed: misnamedIn(occurrences, sighted),
  };
}

/** Compares the report with the byte search, key by key. */
export function keyResults(
  program: string,
  keys: Readonly<Record<string, KeyObject>>,
  report: Report,
  sightings: readonly Sighting[],
): KeyResult[] {
  return Object.entries(keys).map(([name, key]) => {
    const finding = report.findings.find((each) => each.key?.spkiSha256 === spkiSha256(key));
    return keyResult(
      program,
      name,
      finding,
      sightings.filter((each) => each.key === name),
    );
  });
}

/** `p, q (little-endian) 4`: parts by encoding, with the number of places. */
function summary(sightings: readonly Sighting[]): string {
  const encodings = [...new Set(sightings.map(({ encoding }) => encoding))];
  return encodings
    .map((encoding) => {
      const all = sightings.filter((each) => each.encoding === encoding);
      const names = [...new Set(all.map(({ part }) => part.name))].join(', ');
      return `${names} ${encoding}: ${all.length}`;
    })
    .join('; ');
}

/** One row of the table of bench/records/bare-keys.md. */
export function row({ program, key, sighted, found, proven, missed, misnamed }: KeyResult): string {
  const result = found === undefined ? 'not found' : `${proven ? 'proven' : 'not proven'}, \`${found}\``;
  const covered = `${sighted.length - missed.length} of ${sighted.length}`;
  const rest = missed.length === 0 ? '' : ` (without ${summary(missed)})`;
  const other = misnamed.length === 0 ? '' : ` (by other names: ${summary(misnamed)})`;
  return `| ${program} | ${key} | ${summary(sighted) || 'nothing'} | ${result} | ${covered}${rest}${other} |`;
}

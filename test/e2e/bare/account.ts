import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Finding, Occurrence } from '../../../src/model/report.js';
import type { Report } from '../../support/reports.js';
import { isNamed } from './naming.js';
import type { Sighting } from './oracle.js';

/** What became of one key in one dump. */
export interface Account {
  program: string;
  key: string;
  /** Places of its private parts, by the byte search. */
  there: Sighting[];
  /** False where no part that is enough to sign stands there: nothing to be found. */
  isThere: boolean;
  /** The first form that the report names; undefined where the key is missing in it. */
  found?: string;
  proven: boolean;
  /** Places that no occurrence of the finding covers. */
  missed: Sighting[];
  /** Places that an occurrence covers, and none by the name and encoding that the byte search has for them. */
  misnamed: Sighting[];
}

function spkiSha256(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
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
 * Places whose occurrences say something else than the byte search does. A product does not tell which of its primes is p: they may have
 * changed places, but then everywhere.
 */
function misnamedIn(occurrences: readonly Occurrence[], there: readonly Sighting[]): Sighting[] {
  const covered = there
    .map((sighting) => ({ sighting, over: occurrences.filter((each) => covers(each, sighting)) }))
    .filter(({ over }) => over.length > 0);
  const [asIs, swapped] = [false, true].map((swap) =>
    covered.filter(({ sighting, over }) => !over.some((each) => isNamed(each, sighting, swap))),
  );
  return (asIs!.length <= swapped!.length ? asIs! : swapped!).map(({ sighting }) => sighting);
}

function accountOf(program: string, key: string, finding: Finding | undefined, there: Sighting[]): Account {
  const occurrences = finding?.occurrences ?? [];
  return {
    program,
    key,
    there,
    isThere: there.some(({ part }) => part.enough),
    ...(finding?.key && { found: finding.key.encoding }),
    proven: finding?.confidence === 'proven',
    missed: there.filter((sighting) => !occurrences.some((each) => covers(each, sighting))),
    misnamed: misnamedIn(occurrences, there),
  };
}

/** The report held against the byte search, key by key. */
export function accountsOf(
  program: string,
  keys: Readonly<Record<string, KeyObject>>,
  report: Report,
  sightings: readonly Sighting[],
): Account[] {
  return Object.entries(keys).map(([name, key]) => {
    const finding = report.findings.find((each) => each.key?.spkiSha256 === spkiSha256(key));
    return accountOf(
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
export function row({ program, key, there, found, proven, missed, misnamed }: Account): string {
  const result = found === undefined ? 'not found' : `${proven ? 'proven' : 'not proven'}, \`${found}\``;
  const covered = `${there.length - missed.length} of ${there.length}`;
  const rest = missed.length === 0 ? '' : ` (without ${summary(missed)})`;
  const other = misnamed.length === 0 ? '' : ` (by other names: ${summary(misnamed)})`;
  return `| ${program} | ${key} | ${summary(there) || 'nothing'} | ${result} | ${covered}${rest}${other} |`;
}

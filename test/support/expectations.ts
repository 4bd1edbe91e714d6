import type { KeyObject } from 'node:crypto';
import { expect } from '@jest/globals';
import { spkiSha256 } from '../../fixtures/keys.js';
import type { Finding, Occurrence, RegionKind } from '../../src/core/model/report.js';
import type { Sighting } from './needles.js';
import type { Mapping } from './processes.js';
import type { Report } from './reports.js';

interface Place {
  finding: Finding;
  occurrence: Occurrence;
}

/** Occurrences of whole secrets (not of single components of a key) that overlap the sighting. */
function overlapping(report: Report, sighting: Sighting): Place[] {
  const end = sighting.offset + sighting.bytes.length;
  return report.findings.flatMap((finding) =>
    finding.occurrences
      .filter((o) => o.component === undefined && o.offset < end && o.offset + o.length > sighting.offset)
      .map((occurrence) => ({ finding, occurrence })),
  );
}

/** Region names that a line of /proc/PID/maps permits. */
function plausibleKinds(mapping: Mapping): RegionKind[] {
  if (mapping.name === '[heap]') return ['heap'];
  if (mapping.name === '[stack]') return ['stack', 'environment', 'argv'];
  return mapping.name === '' ? ['heap', 'mapping', 'stack'] : ['module', 'mapping'];
}

/** The oracles' results for one dump. */
export interface Truth {
  sightings: readonly Sighting[];
  keys: Readonly<Record<string, KeyObject>>;
  addressOf(offset: number): bigint | undefined;
  mappings: readonly Mapping[];
}

/** One line per sighting, so that a failure shows every difference at once. Never the secret itself. */
function describeFound(report: Report, truth: Truth, sighting: Sighting): string {
  const places = overlapping(report, sighting);
  const head = `${sighting.secret}, ${sighting.form}, at ${sighting.offset}`;
  const [place] = places;
  if (places.length !== 1 || place === undefined) return `${head}: found ${places.length} times`;
  const { finding, occurrence } = place;
  const key = truth.keys[sighting.secret];
  const identity = key === undefined ? finding.kind : finding.key?.spkiSha256;
  const mapping = truth.mappings.find(
    (m) => BigInt(occurrence.address ?? 0) >= m.start && BigInt(occurrence.address ?? 0) < m.end,
  );
  const plausible = mapping !== undefined && plausibleKinds(mapping).includes(occurrence.region.kind);
  // A PEM may be reported with the line end after it.
  const slack = occurrence.length - sighting.bytes.length;
  return [
    `${head}: ${finding.confidence} ${identity}`,
    `counts ${finding.counts}`,
    `offset ${occurrence.offset}`,
    `length ${slack >= 0 && slack <= 4 ? 'right' : occurrence.length}`,
    `address ${occurrence.address === undefined ? 'none' : BigInt(occurrence.address)}`,
    `region ${plausible ? 'plausible' : `${occurrence.region.kind} in ${mapping?.name}`}`,
  ].join('; ');
}

/** A key whose public half is nowhere in the dump: PKCS#8 of Ed25519 has none (RFC 8410, section 7). */
function isHalf({ sightings }: Truth, secret: string, { asymmetricKeyType }: KeyObject): boolean {
  const forms = sightings.filter((sighting) => sighting.secret === secret).map(({ form }) => form);
  return asymmetricKeyType === 'ed25519' && forms.every((form) => form === 'der pkcs8');
}

function describeExpected(truth: Truth, sighting: Sighting): string {
  const { secret } = sighting;
  const key = truth.keys[secret];
  const confidence = key === undefined || isHalf(truth, secret, key) ? 'high' : 'proven';
  const kind = key ? `${confidence} ${spkiSha256(key)}` : 'high token';
  return [
    `${sighting.secret}, ${sighting.form}, at ${sighting.offset}: ${kind}`,
    'counts true',
    `offset ${sighting.offset}`,
    'length right',
    `address ${truth.addressOf(sighting.offset) ?? 'none'}`,
    'region plausible',
  ].join('; ');
}

/** Every sighting is in the report exactly once, proven if it can be, with its offset, address and region. */
export function expectSightings(report: Report, truth: Truth): void {
  const found = truth.sightings.map((sighting) => describeFound(report, truth, sighting));
  expect(found).toEqual(truth.sightings.map((sighting) => describeExpected(truth, sighting)));
}

/**
 * One finding for each secret sighted, and no other that counts. A key may also be present truncated and
 * still be proven: the byte search for whole forms does not see it.
 */
export function expectOnlyKnown(report: Report, truth: Truth): void {
  const sighted = new Set(truth.sightings.map((sighting) => sighting.secret));
  const named = report.findings
    .filter((finding) => finding.counts)
    .map((finding) => {
      const isKey = ([, key]: [string, KeyObject]) => spkiSha256(key) === finding.key?.spkiSha256;
      const key = Object.entries(truth.keys).find(isKey)?.[0];
      const token = truth.sightings.find((sighting) => sighting.offset === finding.location.offset)?.secret;
      const { offset, region } = finding.location;
      return (
        key ??
        token ??
        `${finding.title} at ${offset}, ${region.kind} ${region.name}, ${finding.key?.spkiSha256}`
      );
    });
  const cutKeys = Object.keys(truth.keys).filter((name) => !sighted.has(name) && named.includes(name));
  expect(named.sort()).toEqual([...sighted, ...cutKeys].sort());
}

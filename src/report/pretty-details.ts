import type { CertificateFacts, Finding, KeyFacts } from '../core/model/report.js';
import type { ArtifactList } from './artifact-list.js';
import { byArtifact } from './holding-files.js';
import type { TextRow } from './paper.js';
import { noteLines } from './places.js';
import { placesByRegion, placeWords } from './pretty-place.js';
import { grouped, plural, shorten, unbroken } from './text.js';
import { isSshKey } from './whose.js';

/** Regions of one file. */
const REGIONS = 50;
/** Files of one finding whose places are listed. */
const FILES = 200;
/** A list of names, or claims. */
const LONG = 400;

/** A paragraph whose first line has the label. */
const rows = (label: string, texts: readonly string[]): TextRow[] =>
  texts.map((text, i) => ({ label: i === 0 ? label : '', text }));

function placeTexts({ occurrences, occurrenceCount, key }: Finding, artifacts: ArtifactList): string[] {
  const files = [...byArtifact(occurrences)];
  const texts = files.slice(0, FILES).flatMap(([artifact, places]) => {
    const regions = placesByRegion(places);
    const shown = regions.slice(0, REGIONS).map(([region, [first, ...others]]) => {
      const count =
        others.length === 0 ? '' : `${plural(others.length + 1, 'place')} in ${region}, the first: `;
      return `${count}${placeWords(first!, key?.algorithm)}`;
    });
    const more = regions.length - shown.length;
    const path = unbroken(artifacts.pathOf(artifact));
    return [`${path}:`, ...shown, ...(more > 0 ? [`${plural(more, 'further region')}`] : [])];
  });
  const unlisted = occurrenceCount - occurrences.length;
  return [
    ...texts,
    ...(files.length > FILES ? [`and ${plural(files.length - FILES, 'further file')}`] : []),
    ...(unlisted > 0 ? [`and ${grouped(unlisted)} places that are not listed`] : []),
  ];
}

function certificateText({ subject, san, issuer, serial, notAfter, offset }: CertificateFacts): string {
  const names = san.length > 0 ? ` (${shorten(san.join(', '), LONG)})` : '';
  const issued = issuer === '' ? '' : `, issued by ${shorten(issuer, LONG)}, serial ${serial}`;
  const until = notAfter === '' ? '' : `, valid until ${notAfter}`;
  return `${shorten(subject, LONG)}${names}${issued}${until}, at offset 0x${offset.toString(16)}`;
}

function keyRows(key: KeyFacts, isSsh: boolean): TextRow[] {
  const { certificates = [], spki, sshFingerprint, jwkThumbprint } = key;
  const digests = [
    ...(spki === undefined ? [] : [{ label: 'SPKI', text: spki, verbatim: true }]),
    // An SSH key is named by it already.
    ...(sshFingerprint === undefined || isSsh
      ? []
      : [{ label: 'SSH', text: sshFingerprint, verbatim: true }]),
    ...(jwkThumbprint === undefined ? [] : [{ label: 'JWK', text: jwkThumbprint, verbatim: true }]),
  ];
  return [...rows('certs', certificates.map(certificateText)), ...digests];
}

/** What `--verbose` says below a finding: all statements, places, notes, names and digests. */
export function detailRows(finding: Finding, artifacts: ArtifactList): TextRow[] {
  const { proof, occurrences, key, claims = {}, ruleId, alsoMatched } = finding;
  const claimed = Object.entries(claims).map(([name, value]) => `${name}=${String(value)}`);
  return [
    ...rows('proof', proof),
    ...rows('places', placeTexts(finding, artifacts)),
    ...rows(
      'notes',
      noteLines({ notes: [], occurrences }, (index) => artifacts.pathOf(index)),
    ),
    ...(key === undefined ? [] : keyRows(key, isSshKey(finding))),
    ...(claimed.length === 0 ? [] : rows('claims', [shorten(claimed.join(' '), LONG)])),
    ...rows('rules', [[ruleId, ...alsoMatched].join(', ')]),
  ];
}

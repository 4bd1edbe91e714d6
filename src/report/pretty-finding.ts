import type { Finding, KeyFacts, Occurrence, ProcessFacts } from '../model/report.js';
import { inspectCommand } from './inspect-command.js';
import type { Origin } from './origin.js';
import { formText, placeText } from './places.js';
import { grouped, plural, shorten } from './text.js';

/** A labelled paragraph. `verbatim` lines (commands, digests) are not wrapped, so that they can be copied. */
export interface Row {
  label: string;
  text: string;
  verbatim?: boolean;
}

/** Facts of an artifact that its findings show. */
export interface KnownArtifact {
  path: string;
  format: string;
  origin: Origin;
  /** "process api, pid 4242, SIGABRT", or empty. */
  process: string;
}

export function processText(facts: ProcessFacts | undefined): string {
  const { name, executable, pid, signal, signalName } = facts ?? {};
  const died = signalName ?? (signal === undefined ? undefined : `signal ${signal}`);
  const parts = [name ?? executable, pid === undefined ? undefined : `pid ${pid}`, died];
  const text = parts.filter((part) => part !== undefined && part !== '').join(', ');
  return text === '' ? '' : `process ${shorten(text, 120)}`;
}

/** Further places that are written out. */
const PLACES = 3;

const row = (label: string, text: string): Row => ({ label, text });
const verbatim = (label: string, text: string): Row => ({ label, text, verbatim: true });

function keyRows(key: KeyFacts): Row[] {
  const { algorithm, bits, curve, encoding, spkiSha256, sshFingerprint, certificates } = key;
  // A curve implies the size. The name of an Edwards curve is that of the algorithm.
  const size = curve ?? (bits === undefined ? undefined : `${bits} bits`);
  const name = [...new Set([algorithm, size])].filter(Boolean).join(' ');
  const named = (certificates ?? []).slice(0, PLACES).map((certificate) => {
    const { subject, san, issuer, notAfter, offset } = certificate;
    const names = san.length > 0 ? ` (${shorten(san.join(', '), 200)})` : '';
    const issued = `issued by ${shorten(issuer, 200)}, valid until ${notAfter}`;
    const text = `${shorten(subject, 200)}${names}, ${issued}, at offset ${offset}`;
    return row('belongs', `to the certificate ${text}`);
  });
  const more = (certificates?.length ?? 0) - named.length;
  return [
    row('key', `${name}, found as ${encoding}`),
    ...(spkiSha256 === undefined ? [] : [row('', 'SPKI SHA-256:'), verbatim('', spkiSha256)]),
    ...(sshFingerprint === undefined ? [] : [row('', 'SSH fingerprint:'), verbatim('', sshFingerprint)]),
    ...named,
    ...(more > 0 ? [row('', `and to ${plural(more, 'further certificate')}`)] : []),
  ];
}

function claimRows(finding: Finding): Row[] {
  const claims = Object.entries(finding.claims ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  return claims.length === 0 ? [] : [row('claims', shorten(claims.join(' '), 400))];
}

function otherPlaces(finding: Finding, artifacts: readonly KnownArtifact[]): Row[] {
  const others = finding.occurrences.slice(1, 1 + PLACES);
  const more = finding.occurrenceCount - 1 - others.length;
  const rows = others.map((occurrence: Occurrence) => {
    const path = artifacts[occurrence.artifact]?.path;
    const elsewhere = path === undefined || path === finding.location.path ? '' : `${path}, `;
    const form = formText(occurrence);
    return row('also', `${elsewhere}${placeText(occurrence)}${form ? ` (${form})` : ''}`);
  });
  return more > 0 ? [...rows, row('', `and ${grouped(more)} more`)] : rows;
}

/** A finding as labelled rows. */
export function findingRows(finding: Finding, artifacts: readonly KnownArtifact[]): Row[] {
  const { location, occurrences } = finding;
  const first = occurrences[0];
  const form = first ? formText(first) : '';
  const home = first ? artifacts[first.artifact] : undefined;
  const origin = home?.origin ?? { file: location.path, inside: [] };
  const command = inspectCommand(origin, home?.format ?? '', { ...first, ...location });
  return [
    row('where', location.path),
    ...(home?.process ? [row('', home.process)] : []),
    row('', `${placeText(location)}${form ? ` (${form})` : ''}`),
    ...finding.proof.map((statement, i) => row(i === 0 ? 'proof' : '', statement)),
    ...(finding.preview && !finding.key ? [row('secret', finding.preview)] : []),
    ...(finding.key ? keyRows(finding.key) : []),
    ...claimRows(finding),
    row('impact', finding.impact),
    row('rotate', finding.rotate),
    ...(command === undefined ? [] : [verbatim('show', command)]),
    ...otherPlaces(finding, artifacts),
    ...finding.notes.map((note) => row('note', note)),
    row('rule', [finding.ruleId, ...finding.alsoMatched].join(', ')),
    ...(finding.fingerprint ? [verbatim('id', finding.fingerprint)] : []),
  ];
}

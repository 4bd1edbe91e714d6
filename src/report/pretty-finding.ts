import { definedFields } from '../base/runtime/defined.js';
import { nameBytes } from '../base/text/escape.js';
import { containerNamed } from '../containers/containers.js';
import { debugCommandOf } from '../formats/formats.js';
import type { CertificateFacts, Finding, KeyFacts, Occurrence } from '../model/report.js';
import type { ArtifactList } from './artifact-list.js';
import { byArtifact } from './holding-files.js';
import type { Origin } from './origin.js';
import { formText, holderText, noteLines, placeText } from './places.js';
import { grouped, offsetText, plural, shorten, unbroken } from './text.js';

/** A labelled paragraph. `verbatim` lines (commands, digests) are not wrapped, so that they can be copied. */
export interface FindingRow {
  label: string;
  text: string;
  verbatim?: boolean;
}

/** Certificates, and regions of one file, that are written out. */
const SHOWN = 4;

const row = (label: string, text: string): FindingRow => ({ label, text });
const verbatim = (label: string, text: string): FindingRow => ({ label, text, verbatim: true });

const FORMS: Readonly<Record<CertificateFacts['form'], string>> = {
  certificate: 'the certificate',
  'tbs-certificate': 'the certificate without its signature',
  'certificate-request': 'the certificate request',
};

function ownerText({ form, subject, san, issuer, notAfter, offset }: CertificateFacts): string {
  const names = san.length > 0 ? ` (${shorten(san.join(', '), 200)})` : '';
  const issued = issuer === '' ? '' : `, issued by ${shorten(issuer, 200)}`;
  const end = notAfter === '' ? '' : `, valid until ${notAfter}`;
  return `${FORMS[form]} ${shorten(subject, 200)}${names}${issued}${end}, at offset ${offset}`;
}

function nameRows({ keyIds = [], accounts = [], tokenCount = 0 }: KeyFacts): FindingRow[] {
  const names = [...accounts, ...keyIds.map((id) => `key id ${id}`)];
  return [
    ...(names.length > 0 ? [row('named', shorten(names.join(', '), 400))] : []),
    ...(tokenCount > 0 ? [row('signed', plural(tokenCount, 'token'))] : []),
  ];
}

function keyRows(key: KeyFacts): FindingRow[] {
  const { algorithm, bits, curve, encoding, spkiSha256, sshFingerprint, certificates } = key;
  // A curve implies the size. The name of an Edwards curve is that of the algorithm.
  const size = curve ?? (bits === undefined ? undefined : `${bits} bits`);
  const name = [...new Set([algorithm, size])].filter(Boolean).join(' ');
  const named = (certificates ?? []).slice(0, SHOWN).map((each) => row('belongs', `to ${ownerText(each)}`));
  const more = (certificates?.length ?? 0) - named.length;
  return [
    row('key', `${name}, found as ${encoding}`),
    ...(spkiSha256 === undefined ? [] : [row('', 'SPKI SHA-256:'), verbatim('', spkiSha256)]),
    ...(sshFingerprint === undefined ? [] : [row('', 'SSH fingerprint:'), verbatim('', sshFingerprint)]),
    ...named,
    ...(more > 0 ? [row('', `and to ${plural(more, 'further certificate')}`)] : []),
    ...nameRows(key),
  ];
}

function claimRows(finding: Finding): FindingRow[] {
  const claims = Object.entries(finding.claims ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  return claims.length === 0 ? [] : [row('claims', shorten(claims.join(' '), 400))];
}

/** Further files of findings that a report names at their finding; the rest are named elsewhere. */
export interface FileBudget {
  left: number;
  /** Takes each artifact that is named. */
  name(artifact: number): void;
}

/** With names unbroken: a region's can be the path of a module. */
function withoutBreaks<Place extends Pick<Occurrence, 'region' | 'owner'>>(place: Place): Place {
  const { region, owner } = place;
  return {
    ...place,
    region: region.name === undefined ? region : { ...region, name: unbroken(region.name) },
    ...(owner && { owner: { ...owner, name: unbroken(owner.name), of: unbroken(owner.of) } }),
  };
}

const placeOf = (place: Parameters<typeof placeText>[0]): string => placeText(withoutBreaks(place));

function placeAndForm(place: Occurrence): string {
  const form = formText(place);
  return `${placeOf(place)}${form ? ` (${form})` : ''}`;
}

/** Places by region, each region as text, in their order. */
function byRegion(places: readonly Occurrence[]): [region: string, places: Occurrence[]][] {
  const regions = new Map<string, Occurrence[]>();
  for (const each of places) {
    const text = holderText(withoutBreaks(each));
    regions.set(text, [...(regions.get(text) ?? []), each]);
  }
  return [...regions];
}

/** The other places in the file of the first one, by region. */
function placesBeside(places: readonly Occurrence[]): FindingRow[] {
  const all = byRegion(places);
  const rows = all.slice(0, SHOWN).map(([region, [first, ...others]]) => {
    const count = 1 + others.length;
    const text = count === 1 ? '' : `${plural(count, 'place')} in ${region}, the first at `;
    return row('also', `${text}${placeAndForm(first!)}`);
  });
  const rest = all.slice(SHOWN);
  const more = rest.reduce((sum, [, each]) => sum + each.length, 0);
  return more > 0
    ? [...rows, row('', `${plural(more, 'place')} in ${plural(rest.length, 'further region')}`)]
    : rows;
}

/** The places in another file: the first, and the number in each region. */
function placesIn(path: string, places: readonly Occurrence[]): FindingRow {
  const [first] = places;
  const file = unbroken(path);
  if (places.length === 1) return row('also in', `${file}: ${placeAndForm(first!)}`);
  const all = byRegion(places);
  const counts = all.slice(0, SHOWN).map(([region, { length }]) => `${grouped(length)} x ${region}`);
  const more = all.length > SHOWN ? ` and ${plural(all.length - SHOWN, 'further region')}` : '';
  const form = formText(first!);
  const at = `the first at ${offsetText(first!.offset)}${form ? ` (${form})` : ''}`;
  return row('also in', `${file}: ${plural(places.length, 'place')}: ${counts.join(', ')}${more}; ${at}`);
}

/** All other places: those beside the first one, then a row for each other file. */
function otherPlaces(finding: Finding, artifacts: ArtifactList, files: FileBudget): FindingRow[] {
  const { occurrences, occurrenceCount } = finding;
  const home = occurrences[0]?.artifact;
  const rows: FindingRow[] = [];
  let unnamed = 0;
  for (const [artifact, places] of byArtifact(occurrences)) {
    if (artifact === home) {
      files.name(artifact);
      rows.push(...placesBeside(places.slice(1)));
    } else if (files.left > 0) {
      files.left--;
      files.name(artifact);
      rows.push(placesIn(artifacts.pathOf(artifact), places));
    } else unnamed++;
  }
  if (unnamed > 0)
    rows.push(row('', `and in ${plural(unnamed, 'further file')}, each named elsewhere in this report`));
  const more = occurrenceCount - occurrences.length;
  if (more > 0) rows.push(row('', `and ${plural(more, 'further place')}`));
  return rows;
}

/** A finding as labelled rows. */
export function findingRows(finding: Finding, artifacts: ArtifactList, files: FileBudget): FindingRow[] {
  const { location, occurrences } = finding;
  const first = occurrences[0];
  const form = first ? formText(first) : '';
  const home = first ? artifacts.at(first.artifact) : undefined;
  const origin = home?.origin ?? { file: location.path, inside: [] };
  const command = inspectCommand(origin, home?.format ?? '', { ...first, ...location });
  return [
    verbatim('where', location.path),
    ...(home?.process ? [row('', home.process)] : []),
    row(
      '',
      `${placeOf({ ...location, ...definedFields({ owner: first?.owner }) })}${form ? ` (${form})` : ''}`,
    ),
    ...finding.proof.map((statement, i) => row(i === 0 ? 'proof' : '', statement)),
    ...(finding.preview && !finding.key ? [row('secret', finding.preview)] : []),
    ...(finding.key ? keyRows(finding.key) : []),
    ...claimRows(finding),
    row('impact', finding.impact),
    row('rotate', finding.rotate),
    ...(command === undefined ? [] : [verbatim('show', command)]),
    ...otherPlaces(finding, artifacts, files),
    ...noteLines(finding, (index) => artifacts.pathOf(index)).map((note) => row('note', note)),
    row('rule', [finding.ruleId, ...finding.alsoMatched].join(', ')),
    ...(finding.fingerprint ? [verbatim('id', finding.fingerprint)] : []),
  ];
}

/** Bytes shown by xxd. */
const SHOWN_BYTES = 64;

/** POSIX shell quoting; plain words are unchanged. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quoting of bash, zsh and ksh (`$'…'`) for bytes that are not printable ASCII. */
function shellEscape(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  );
  return `$'${shown.join('')}'`;
}

/** A quoted file operand, from the displayed name. A leading dash must not become an option. */
function operand(file: string): string {
  const shown = file.startsWith('-') ? `./${file}` : file;
  // File names are text there, and a backslash separates folders: `\x86` is not an escaped byte.
  if (process.platform === 'win32') return shellQuote(shown);
  const bytes = nameBytes(shown);
  return Buffer.from(shown).equals(bytes) ? shellQuote(shown) : shellEscape(bytes);
}

/**
 * The command that shows the bytes of a place; undefined for standard input, and for what no command writes:
 * members of archives and memory of a microdump.
 */
export function inspectCommand(
  { file, inside }: Origin,
  format: string,
  { offset, address, addressSpace }: Pick<Occurrence, 'offset' | 'address' | 'addressSpace'>,
): string | undefined {
  if (file === '-') return undefined;
  const dump = `xxd -s ${offset} -l ${SHOWN_BYTES}`;
  if (inside.length > 0) {
    const decoders = inside.map(({ codec }) => containerNamed(codec)?.stream);
    if (decoders.includes(undefined)) return undefined;
    const [first, ...further] = decoders;
    return [`${first} < ${operand(file)}`, ...further, dump].join(' | ');
  }
  // A debugger takes virtual addresses.
  const debug = addressSpace?.kind === 'physical' ? undefined : debugCommandOf(format);
  return debug && address ? debug(operand(file), address) : `${dump} ${operand(file)}`;
}

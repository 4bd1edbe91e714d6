import type { Confidence, Finding, Kind, Occurrence, Severity } from '../core/model/report.js';
import { formText, holderText, noteLines, placeText } from './places.js';
import { offsetText, plural } from './text.js';

/** One finding as a result and a rule of SARIF 2.1.0 (OASIS). */

/** SARIF 2.1.0, 3.27.10. */
const LEVELS: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub's `security-severity`: a CVSS-like score as text; above 9 critical, from 7 high, from 4 medium. */
const SCORES: Record<Severity, string> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
};

/** SARIF 2.1.0, 3.27.25: 0 to 100. */
const RANKS: Record<Confidence, number> = { proven: 100, high: 75, medium: 50, low: 25 };

export interface SarifRule {
  id: string;
  name: string;
  shortDescription: { text: string };
  fullDescription: { text: string };
  helpUri: string;
  help: { text: string; markdown: string };
  defaultConfiguration: { level: string };
  properties: Record<string, unknown>;
}

/** What CodeQL calls `precision`: how often a result of the rule is right. */
const PRECISIONS: Record<Confidence, string> = {
  proven: 'very-high',
  high: 'high',
  medium: 'medium',
  low: 'low',
};

/** The page of the package, with what each word of a report means. */
const HELP = 'https://www.npmjs.com/package/dumpsieve';

/** Characters of Markdown and HTML, escaped: a title can have a name of the dump. */
const markdown = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~@-]/g, '\\$&');

/** Kinds whose rules find several types of secret (RSA and Ed25519 keys), and have no title of their own. */
const KIND_NAMES: Readonly<Partial<Record<Kind, string>>> = {
  'private-key': 'Private key',
  'encrypted-key': 'Encrypted key',
};

/**
 * A rule, described by its first finding as far as that applies to all. Viewers show it above each result.
 */
export function ruleOf({ ruleId, title, impact, rotate, severity, confidence, kind }: Finding): SarifRule {
  const kindName = KIND_NAMES[kind];
  const name = kindName === undefined ? title : `${kindName} (${ruleId})`;
  return {
    id: ruleId,
    name,
    shortDescription: { text: `${name} in a memory dump` },
    fullDescription: { text: `Anyone with it: ${impact}` },
    helpUri: HELP,
    help: { text: `Impact: ${impact}. To rotate it: ${rotate}.`, markdown: helpOf(impact, rotate) },
    defaultConfiguration: { level: LEVELS[severity] ?? 'warning' },
    properties: {
      'security-severity': SCORES[severity] ?? '5.5',
      precision: PRECISIONS[confidence] ?? 'medium',
      tags: ['security', 'secret', kind],
    },
  };
}

/** Viewers of code hosts show it beside each result of the rule. */
function helpOf(impact: string, rotate: string): string {
  return [
    `**What it opens.** ${markdown(impact)}`,
    `**Do first.** ${markdown(rotate)}. Then contain the dump.`,
    '**More.** `dumpsieve report report.json ID`, with the first 8 digits of the fingerprint after `v1:`, ' +
      'explains a finding, and how to keep it out of the next dump.',
  ].join('\n\n');
}

/** 3.11.6: `[text](target)` in a message is a link. A name from a dump must not become one. */
export const messageOf = (text: string): { text: string } => ({ text: text.replaceAll('](', '\\](') });

/** 3.28 to 3.32. Line 1 only because viewers require a line; byteOffset is the place. */
function locationOf(occurrence: Occurrence, uri: string): object {
  const { offset, length, address, region } = occurrence;
  const safe = address !== undefined && Number.isSafeInteger(Number(address));
  const form = formText(occurrence);
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: 1, byteOffset: offset, byteLength: length },
      ...(address === undefined
        ? {}
        : {
            address: {
              fullyQualifiedName: address,
              length,
              ...(safe ? { absoluteAddress: Number(address) } : {}),
            },
          }),
    },
    logicalLocations: [{ name: holderText(occurrence), kind: region.kind }],
    message: messageOf(`${placeText(occurrence)}${form ? ` (${form})` : ''}`),
  };
}

/**
 * 3.27.17. GitHub compares only `primaryLocationLineHash`, rule and file. Without it, upload-sarif hashes the
 * text of the line, and all findings on "line 1" of a dump would be one alert.
 */
function fingerprintsOf({ fingerprint }: Finding, offset: number): object {
  if (fingerprint === null) return { primaryLocationLineHash: `offset:${offset}` };
  return { 'dumpsieveSecret/v1': fingerprint, primaryLocationLineHash: fingerprint };
}

/** Without the public key: its digest identifies it, and its bytes would be most of a report of many keys. */
function keyFacts({ key }: Finding): object | undefined {
  if (key === undefined) return undefined;
  const { spki: _spki, ...facts } = key;
  return facts;
}

/** Where a result lies: one file, and the places in it that are listed. */
export interface ResultPlaces {
  path: string;
  uri: string;
  places: readonly Occurrence[];
  /** Further files with the same secret. */
  otherFiles: number;
}

export function resultOf(finding: Finding, { path, uri, places, otherFiles }: ResultPlaces): object {
  const { ruleId, title, severity, confidence, proof, location, preview } = finding;
  const notes = noteLines({ notes: finding.notes, occurrences: places }, () => path);
  const first = places[0] ?? location;
  const also = otherFiles > 0 ? `, also in ${plural(otherFiles, 'other file')}` : '';
  const certainty = confidence === 'proven' ? confidence : `confidence ${confidence}`;
  const place = `${path}, ${holderText(first)}, ${offsetText(first.offset)}`;
  const text = `${place}: ${title} (${certainty})${also}.`;
  const { kind, signing, occurrenceCount, claims, alsoMatched } = finding;
  const facts = { key: keyFacts(finding), claims, preview: preview || undefined };
  return {
    ruleId,
    level: LEVELS[severity] ?? 'warning',
    kind: 'fail',
    message: messageOf(text),
    locations: places.map((occurrence) => locationOf(occurrence, uri)),
    occurrenceCount,
    rank: RANKS[confidence] ?? 50,
    partialFingerprints: fingerprintsOf(finding, first.offset),
    properties: { severity, confidence, kind, signing, alsoMatched, proof, notes, ...facts },
  };
}

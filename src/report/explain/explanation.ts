import type { ArtifactReport, Finding, KeyFacts, NotCounted, Occurrence } from '../../core/model/report.js';
import { formText, noteLines, placeText } from '../places.js';
import { applicable, circumstancesOf } from '../prevention/circumstances.js';
import { MEASURES_FILE, type Measure } from '../prevention/measures.js';
import { shortId } from '../short-id.js';
import { plural, unbroken } from '../text.js';

/** A part of an explanation. `commands` are not wrapped: they can be copied. */
interface ExplainedPart {
  heading: string;
  lines: readonly string[];
  commands?: readonly string[];
}

/** One finding, explained: texts of the report, in the order of acting on it. */
export interface Explanation {
  title: string;
  id: string;
  parts: readonly ExplainedPart[];
}

/** Places, tokens and names that are written out. */
const MOST = { places: 20, tokens: 10, names: 10 } as const;

/** Why a finding does not fail the gate. */
const REASONS: Readonly<Record<string, string>> = {
  'below-threshold': 'its severity or confidence is below the threshold of the scan',
  'published-test-key': 'it is a published key, which is no secret',
  ephemeral: 'it is the key of a single handshake',
  expired: 'it had expired when the dump was written',
  'unlikely-key': 'it is probably no key of the process',
  baseline: 'the baseline accepts it',
  allowed: 'the allow list has it',
  undumped: 'it is in memory of the process that no core dump would have',
  policy: 'the scan was asked about other findings',
} satisfies Record<NotCounted, string>;

const KEY_KINDS: readonly string[] = ['private-key', 'encrypted-key'];

/** The file to search for in the next dump. */
const searchedFile = ({ kind }: Finding): string => (KEY_KINDS.includes(kind) ? 'key.pem' : 'secret.env');

/** `artifactAt`: by number, undefined in a report that was cut. */
export function explain(
  finding: Finding,
  artifactAt: (artifact: number) => ArtifactReport | undefined,
  measures: readonly Measure[],
): Explanation {
  const pathOf = (artifact: number): string => artifactAt(artifact)?.path ?? `artifact ${artifact}`;
  const { severity, title, confidence, fingerprint } = finding;
  return {
    title: `${severity.toUpperCase()}  ${title}, ${confidence}`,
    id: fingerprint === null ? '' : shortId(fingerprint),
    parts: [
      whatPart(finding),
      whyPart(finding, pathOf),
      whosePart(finding, artifactAt),
      wherePart(finding, pathOf),
      { heading: 'What it opens', lines: [finding.impact] },
      doPart(finding),
      preventPart(applicable(measures, circumstancesOf(finding, artifactAt))),
      {
        heading: 'Prove it',
        lines: [
          `Make a new dump, and put the old secret into ${searchedFile(finding)}. Exit 0: it is not there.`,
        ],
        commands: [`dumpsieve scan NEW --find ${searchedFile(finding)} --expect-absent`],
      },
    ].filter(({ lines }) => lines.length > 0),
  };
}

function whatPart({
  kind,
  key,
  preview,
  claims,
  ruleId,
  alsoMatched,
  counts,
  reason,
  signing,
}: Finding): ExplainedPart {
  const facts = Object.entries(claims ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  const rules = [ruleId, ...alsoMatched].join(', ');
  const gate = counts
    ? 'It fails the gate.'
    : `It does not fail the gate: ${REASONS[reason ?? ''] ?? reason ?? 'the report does not say why'}.`;
  return {
    heading: 'What it is',
    lines: [
      `A ${kind.replace('-', ' ')}${signing ? ', whose holder can sign' : ''}${keyText(key)}.`,
      ...(preview === '' || key !== undefined ? [] : [`It begins like this: ${preview}`]),
      ...(facts.length === 0 ? [] : [`It says: ${facts.join(' ')}`]),
      `Found by: ${rules}. ${gate}`,
    ],
  };
}

function keyText(key: KeyFacts | undefined): string {
  if (key === undefined) return '';
  const { algorithm, bits, curve } = key;
  return ` (${[algorithm, curve ?? (bits === undefined ? '' : `${bits} bits`)].filter(Boolean).join(', ')})`;
}

const CONFIDENCE_WORDS: Readonly<Record<string, string>> = {
  proven: 'Arithmetic or a signature proves it; it is no guess.',
  high: 'Its form shows what it is; no arithmetic proves it.',
  medium: 'Its form and what is beside it make it likely.',
  low: 'It may be something else.',
};

function whyPart(finding: Finding, pathOf: (artifact: number) => string): ExplainedPart {
  const { confidence, proof } = finding;
  const words = CONFIDENCE_WORDS[confidence];
  return {
    heading: 'Why it is believed',
    lines: [
      ...(words === undefined ? [] : [words]),
      ...proof.map((statement) => `- ${proofInWords(statement)}`),
      ...noteLines(finding, pathOf).map((note) => `- note: ${note}`),
    ],
  };
}

function whosePart(
  { key, occurrences }: Finding,
  artifactAt: (artifact: number) => ArtifactReport | undefined,
): ExplainedPart {
  const { certificates = [], keyIds = [], accounts = [], tokens = [], tokenCount } = key ?? {};
  const named = certificates.slice(0, MOST.names).map(({ subject, san, issuer, notAfter }) => {
    const names = san.length > 0 ? ` (${san.slice(0, MOST.names).join(', ')})` : '';
    return `certificate ${subject}${names}, issued by ${issuer}, valid until ${notAfter}`;
  });
  const processes = new Set(occurrences.map(({ artifact }) => processOf(artifactAt(artifact))));
  const signed = tokens.slice(0, MOST.tokens).map(({ issuer, subject, expires }) => {
    const facts = [
      issuer && `issuer ${issuer}`,
      subject && `subject ${subject}`,
      expires && `expires ${expires}`,
    ];
    return `signed a token: ${facts.filter(Boolean).join(', ')}`;
  });
  const more = (tokenCount ?? tokens.length) - signed.length;
  return {
    heading: 'Whose it is',
    lines: [
      ...named,
      ...keyIds.slice(0, MOST.names).map((id) => `key id ${id}`),
      ...accounts.slice(0, MOST.names).map((account) => `account ${account}`),
      ...signed,
      ...(more > 0 ? [`and ${plural(more, 'further token')}`] : []),
      ...[...processes].filter((text) => text !== '').slice(0, MOST.names),
      ...(key?.spkiSha256 === undefined ? [] : [`public key, SHA-256: ${key.spkiSha256}`]),
    ],
  };
}

function processOf(artifact: ArtifactReport | undefined): string {
  const { name, executable, pid } = artifact?.process ?? {};
  const shown = name ?? executable;
  if (shown === undefined && pid === undefined) return '';
  const parts = [shown, pid === undefined ? undefined : `pid ${pid}`].filter((part) => part !== undefined);
  return `in the memory of ${parts.join(', ')}`;
}

function wherePart(
  { occurrences, occurrenceCount }: Finding,
  pathOf: (artifact: number) => string,
): ExplainedPart {
  const shown = occurrences
    .slice(0, MOST.places)
    .map((place) => `${pathOf(place.artifact)}: ${placeLine(place)}`);
  const more = Math.max(occurrenceCount, occurrences.length) - shown.length;
  const files = new Set(occurrences.map(({ artifact }) => artifact)).size;
  return {
    heading: `Where it is (${plural(occurrenceCount, 'place')} in ${plural(files, 'artifact')})`,
    lines: [
      ...shown,
      ...(more > 0 ? [`and ${plural(more, 'further place')}: report FILE ID --format json`] : []),
    ],
  };
}

function placeLine(place: Occurrence): string {
  const form = formText(place);
  return `${placeText(place)}${form === '' ? '' : ` (${form})`}`;
}

function doPart({ rotate, kind, occurrences }: Finding): ExplainedPart {
  const files = new Set(occurrences.map(({ artifact }) => artifact)).size;
  const copy = unbroken('dumpsieve redact DUMP -o COPY');
  const successor = KEY_KINDS.includes(kind) ? ': the new key would be in it too' : '';
  const dumps = files === 1 ? 'the dump' : `the ${files} dumps`;
  return {
    heading: 'What to do, in this order',
    lines: [
      `1. Stop using it: ${rotate}.`,
      `2. Contain ${dumps}: no upload, readable by you alone. A copy without secrets: ${copy}`,
      `3. Keep it out of the next dump, as below${successor}.`,
      '4. Make a new dump and prove it, as in the last line.',
    ],
  };
}

/** Words for `works`, and the number of such measures that are written out. */
const WORKS = [
  ['yes', 'helps', 5],
  ['partly', 'helps in part', 4],
  ['no', 'does NOT help', 5],
] as const satisfies readonly [Measure['works'], string, number][];

const RUNTIMES: Readonly<Record<string, string>> = {
  linux: 'Linux',
  windows: 'Windows',
  macos: 'macOS',
  node: 'Node',
  java: 'Java',
  python: 'Python',
  go: 'Go',
  dotnet: '.NET',
};

/** A path that a shell completes to that of an installed package; it is in the repository, too. */
const ALL_MEASURES = `"$(npm root -g)"/dumpsieve/${MEASURES_FILE}`;

function preventPart(rows: readonly Measure[]): ExplainedPart {
  const shown = WORKS.flatMap(([works, words, most]) =>
    rows
      .filter((row) => row.works === works)
      .slice(0, most)
      .map(({ runtime = [], measure, how, status, source, test }) => {
        const where = runtime.length === 0 ? '' : `${runtime.map((name) => RUNTIMES[name]).join(', ')}: `;
        const word = status === 'verified' ? `verified by ${test}` : `${status}: ${source}`;
        return `- ${words}: ${where}${measure}. Effect: ${how} [${word}].`;
      }),
  );
  const more = rows.length - shown.length;
  if (rows.length === 0)
    shown.push(`The dump does not say what program it is of. All measures: ${ALL_MEASURES}`);
  return {
    heading: 'How to keep it out of the next dump',
    lines: [...shown, ...(more > 0 ? [`and ${plural(more, 'further measure')} in ${ALL_MEASURES}`] : [])],
  };
}

/** Formulas of proofs (src/prove) in words, for readers who do not know what `n = p*q` says. */

const WORDS: readonly [RegExp, string][] = [
  [/^n = p\*q$/, 'the modulus is the product of the two primes'],
  [/^n is the product of \d+ primes$/, 'the modulus is the product of all the primes'],
  [/^n computed as p\*q$/, 'the modulus was computed from the primes, so that both were in memory'],
  [/ divides n$/, 'one secret prime divides the public modulus, so that the other follows'],
  [/ split n into /, 'the secret exponent yields the primes of the public modulus'],
  [/^e\*d = 1 mod /, 'what the public exponent encrypts, the private exponent decrypts'],
  [/^e\*d[pq] = 1 mod /, 'the exponent for one prime belongs to the private exponent'],
  [/^qinv\*q = 1 mod p$/, 'the coefficient belongs to the primes'],
  [/^d\*G = Q/, 'the scalar times the base point of the curve is the public point'],
  [/^g\^x = y mod p$/, 'the secret exponent yields the public value'],
  [/^verifies the JWT /, 'a JSON Web Token in the dump was signed with it'],
  [
    /checksum matches$/,
    'the checksum that is part of the token is right, which a random text has by chance alone',
  ],
  [/ assumed$/, 'assumed, since the dump does not say it'],
];

/** A statement and what it says, if there are words for it. */
export function proofInWords(statement: string): string {
  const words = WORDS.find(([pattern]) => pattern.test(statement))?.[1];
  return words === undefined ? statement : `${statement}: ${words}`;
}

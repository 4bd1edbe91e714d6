import { nameBytes } from '../core/base/text/escape.js';
import type { Finding, Occurrence } from '../core/model/report.js';
import { debugCommandOf } from '../formats/formats.js';
import { containerNamed } from '../source/containers/containers.js';
import type { ArtifactList } from './artifact-list.js';
import { namedText } from './finding-words.js';
import { byArtifact } from './holding-files.js';
import type { Origin } from './origin.js';
import { LABEL, linesOf, type TextRow } from './paper.js';
import { detailRows } from './pretty-details.js';
import { besideText, elsewhereText, placeWords } from './pretty-place.js';
import { columns, plural, shorten, wrap } from './text.js';
import { whoseTexts } from './whose.js';

/** Lines of a finding, its title included. */
const LINES = 14;
/** Other files that have a line of their own at a finding. */
const FILES = 5;

/** What a report's findings share. */
export interface FindingContext {
  artifacts: ArtifactList;
  /** Columns; Infinity for a pipe or a file. */
  width: number;
  verbose: boolean;
  /** The command that shows the rest of a finding; undefined if it was said how to make it. */
  moreText(id: string): string | undefined;
  /** Called with each artifact that is named. */
  name(artifact: number): void;
  /** The finding at which the impact and what to do were already said, by its id; undefined for the first. */
  saidAt(finding: Finding): string | undefined;
}

const row = (label: string, text: string, most?: number): TextRow => ({
  label,
  text,
  ...(most === undefined ? {} : { most }),
});
const verbatim = (label: string, text: string): TextRow => ({ label, text, verbatim: true });

/** The path, and the process beside it if it fits. */
function fileRows(path: string, process: string, width: number): TextRow[] {
  if (process === '') return [verbatim('in', path)];
  const both = `${path}  ${process}`;
  return columns(both) <= width - LABEL
    ? [verbatim('in', both)]
    : [verbatim('in', path), row('', process, 1)];
}

/** Statements on one line, as many as fit: equations are counted, what the key has signed comes next. */
function proofText(proof: readonly string[], room: number): string {
  const equations = proof.filter((statement) => EQUATION.test(statement));
  const signed = proof.filter((statement) => SIGNED.test(statement));
  const others = proof.filter((statement) => !EQUATION.test(statement) && !SIGNED.test(statement));
  const counted = equations.length > 2 ? [`all ${equations.length} equations hold`] : equations;
  const short = [...counted, ...signed, ...others].map(
    (statement) => SHORT.find(([long]) => long.test(statement))?.[1] ?? statement,
  );
  for (let shown = short.length; shown > 1; shown--) {
    const more = short.length - shown;
    const text = `${short.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    if (columns(text) <= room) return text;
  }
  return `${short[0] ?? ''}${short.length > 1 ? ` and ${short.length - 1} more` : ''}`;
}

const EQUATION = /^(?:n|e\*|qinv|d\*|g\^|[pq] )\S* ?\S* ?= /;
const SIGNED = /^(?:verifies|signed) /;
/** Statements of a proof as they are said on one line. --verbose has them whole. */
const SHORT: readonly [RegExp, string][] = [
  [/^p and q are prime/, 'both prime'],
  [/^a signature made with the key verifies/, 'a test signature verifies'],
  [/^the two check words of the OpenSSH key are equal/, 'check words equal'],
];

/** Without what the place says: `named TOKEN in an environment entry`, `named key, a field of Config`. */
function statements({ proof, location, occurrences }: Finding): string[] {
  const said = [`named ${location.region.name} in `, `named ${occurrences[0]?.owner?.name}, `];
  return proof.filter((each) => !said.some((start) => each.startsWith(start)));
}

/** Shown bytes of a token, without the length that the place has. */
function previewText({ preview, key, location }: Finding): string {
  if (key !== undefined || preview.startsWith('…')) return '';
  const shown = preview.replace(` (${location.length})`, '');
  return shown === '' ? '' : `: ${shorten(shown, 80)}`;
}

function placeRows(finding: Finding): TextRow[] {
  const { occurrences, location, key } = finding;
  const first: Occurrence = occurrences[0] ?? { artifact: -1, ...location };
  const notes = (first.notes ?? []).map((note) => `; ${note}`).join('');
  return [row('where', `${placeWords(first, key?.algorithm)}${previewText(finding)}${notes}`, 3)];
}

function commandRows(finding: Finding, { artifacts }: FindingContext): TextRow[] {
  const { location, occurrences } = finding;
  const [first] = occurrences;
  const home = first ? artifacts.at(first.artifact) : undefined;
  const origin = home?.origin ?? { file: location.path, inside: [] };
  const command =
    home?.running === undefined
      ? inspectCommand(origin, home?.format ?? '', { ...first, ...location })
      : location.address && `gdb -batch -p ${home.running} -ex 'x/32xb ${location.address}'`;
  return command === undefined ? [] : [verbatim('look', command)];
}

function adviceRows(finding: Finding, context: FindingContext): TextRow[] {
  const said = context.saidAt(finding);
  if (said !== undefined) return [row('do', `as for ${said}`)];
  return [row('opens', finding.impact, 2), row('do', finding.rotate, 3)];
}

/** How the rest is shown. */
function moreRows({ fingerprint }: Finding, id: string, { moreText }: FindingContext): TextRow[] {
  if (fingerprint === null) return [];
  const more = moreText(id);
  return [...(more === undefined ? [] : [verbatim('more', more)]), verbatim('id', fingerprint)];
}

/** What is said of the other places of a finding. */
interface Others {
  /** Places in the file of the first one. */
  beside: readonly Occurrence[];
  files: readonly [artifact: number, places: Occurrence[]][];
  /** Places that the report does not list. */
  unlisted: number;
}

function othersOf({ occurrences, occurrenceCount }: Finding): Others {
  const [home, ...files] = byArtifact(occurrences);
  return { beside: home?.[1].slice(1) ?? [], files, unlisted: occurrenceCount - occurrences.length };
}

/** `shown` files have a row each, the others are counted: behind the last row if it fits there. */
function otherRows(
  others: Others,
  shown: number,
  most: number,
  { artifacts, width }: FindingContext,
): TextRow[] {
  const { beside, files, unlisted } = others;
  const rows = [
    ...(beside.length === 0 || most === 0 ? [] : [row('', besideText(beside), most)]),
    ...files
      .slice(0, shown)
      .map(([artifact, places]) => row('also in', elsewhereText(artifacts.pathOf(artifact), places), 1)),
  ];
  const more = files.length - shown;
  const rest = [
    ...(more > 0 ? [`in ${plural(more, 'more file', 'more files')}`] : []),
    ...(unlisted > 0 ? [`${plural(unlisted, 'more place', 'more places')} that are not listed`] : []),
  ].join(', ');
  if (rest === '') return rows;
  const last = rows.at(-1);
  const behind = last && row(last.label, `${last.text}; and ${rest}`);
  if (behind && linesOf(behind, width).length === 1) return [...rows.slice(0, -1), behind];
  return [...rows, last ? row('', `and ${rest}`, 1) : row('also', rest, 1)];
}

/** The rows of as many files as fit in `room` lines; at least that there are others. */
function fittingOthers(finding: Finding, room: number, context: FindingContext): TextRow[] {
  const others = othersOf(finding);
  const named = (shown: number, rows: TextRow[]): TextRow[] => {
    const [home] = finding.occurrences;
    if (home !== undefined) context.name(home.artifact);
    for (const [artifact] of others.files.slice(0, shown)) context.name(artifact);
    return rows;
  };
  const most = Math.min(FILES, others.files.length);
  for (let shown = most; shown >= Math.min(1, most); shown--)
    for (const lines of [2, 1]) {
      const rows = otherRows(others, shown, lines, context);
      if (countLines(rows, context.width) <= room) return named(shown, rows);
    }
  const one = otherRows(others, Math.min(1, most), 0, context);
  if (countLines(one, context.width) <= room) return named(Math.min(1, most), one);
  return named(0, otherRows(others, 0, 0, context));
}

const countLines = (rows: readonly TextRow[], width: number): number =>
  rows.reduce((sum, each) => sum + linesOf(each, width).length, 0);

/** What gives way first where a finding has too many lines, with the lines that are left. */
const GIVES_WAY = [
  ['opens', 1],
  ['note', 1],
  ['do', 2],
  ['where', 2],
  ['whose', 1],
  ['where', 1],
  ['do', 1],
] as const;

/** Rows of any length, without the proof: all statements follow. */
const whole = (rows: readonly TextRow[]): TextRow[] =>
  rows.filter(({ label }) => label !== 'proof').map(({ most, ...others }) => others);

/** A finding as rows below its title: at most 14 lines with it, with `verbose` all that is known of it. */
export function findingRows(finding: Finding, id: string, context: FindingContext): TextRow[] {
  const { width, artifacts } = context;
  const { notes, location, occurrences } = finding;
  const proof = statements(finding);
  const whose = whoseTexts(finding);
  const home = occurrences[0] && artifacts.at(occurrences[0].artifact);
  let before: TextRow[] = [
    ...(whose.length === 0 ? [] : [row('whose', whose.join('; '), 2)]),
    ...fileRows(location.path, home?.process ?? '', width),
    ...placeRows(finding),
  ];
  let after: TextRow[] = [
    ...(proof.length === 0 ? [] : [row('proof', proofText(proof, width - LABEL), 1)]),
    ...(notes.length === 0 ? [] : [row('note', notes.join('; '), 2)]),
    ...adviceRows(finding, context),
    ...commandRows(finding, context),
    ...moreRows(finding, id, context),
  ];
  if (context.verbose) return [...whole(before), ...whole(after), ...detailRows(finding, artifacts)];
  const elsewhere = occurrences.some(({ artifact }) => artifact !== occurrences[0]!.artifact);
  const wanted = Math.min(elsewhere ? 3 : 2, finding.occurrenceCount - 1);
  const room = () => LINES - 1 - countLines(before, width) - countLines(after, width);
  for (const [label, most] of GIVES_WAY) {
    if (room() >= wanted) break;
    const shorter = (rows: TextRow[]) =>
      rows.map((each) => (each.label === label ? { ...each, most } : each));
    before = shorter(before);
    after = shorter(after);
  }
  return [...before, ...fittingOthers(finding, room(), context), ...after];
}

/** The title on one line, with the short id at its end. */
export function titleLine(finding: Finding, id: string, width: number): { title: string; id: string } {
  const title = `${finding.severity.toUpperCase()}  ${namedText(finding)}`;
  const room = width - id.length - 2;
  if (!Number.isFinite(width)) return { title: id === '' ? title : `${title}  `, id };
  const shown = wrap(title, room, 1)[0]!;
  const fitting = columns(shown) <= room ? shown : shorten(shown, Math.max(1, room));
  return { title: `${fitting}${' '.repeat(Math.max(0, Math.min(room, TITLE) - columns(fitting) + 2))}`, id };
}

/** Columns before the short id on a wide terminal. */
const TITLE = 100;

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

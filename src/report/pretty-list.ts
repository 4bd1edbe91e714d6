import { type Finding, type Occurrence, type Severity, severityRank } from '../core/model/report.js';
import type { KnownArtifact } from './artifact-list.js';
import { confidenceText, titleText } from './finding-words.js';
import { byArtifact } from './holding-files.js';
import type { Paper } from './paper.js';
import { hex, holder } from './pretty-place.js';
import { shortId } from './short-id.js';
import { columns, grouped, plural, shorten, unbroken, wrap } from './text.js';
import { ownerName } from './whose.js';

/** Many findings as lists: totals by kind, the secrets of most files, then file by file. Bounded memory. */

/** Kinds of findings that are written out, and those that are counted. */
const KINDS = { shown: 8, counted: 200 };
/** Secrets that lie in several files. */
const SHARED = 10;
/** Files with a list of their own. */
const LISTED_FILES = 20;
/** Findings listed, of all these files, and of each at least. */
const LISTED_FINDINGS = 200;
const EACH = LISTED_FINDINGS / LISTED_FILES;
/** Columns of a severity and of a short id. */
const [SEVERITY, ID] = [8, 8];
/** Least columns of what a secret is called. */
const NAME = 16;
/** Columns of a name where lines are not wrapped. */
const WIDE_NAME = 60;

interface Kind {
  severity: Severity;
  name: string;
  rotate: string;
  count: number;
}

/** One finding in one file, as the columns of a line. */
interface Item {
  severity: Severity;
  id: string;
  name: string;
  offset: string;
  /** Encoding, region, other files: those that fit are written. */
  form: string;
  region: string;
  files: number;
}

interface Shared {
  id: string;
  name: string;
  files: number;
  first: string;
}

/** What it is, and first whose if that is known. */
function nameOf(finding: Finding): string {
  const owner = ownerName(finding);
  const title = finding.confidence === 'proven' ? `${titleText(finding)}, proven` : titleText(finding);
  return owner === undefined ? title : `${owner}: ${title}`.replaceAll('\0', ' ');
}

const formOf = ({ component, encoding, wide }: Occurrence): string =>
  [component, encoding, wide && `UTF-16${wide.toUpperCase()}`].filter(Boolean).join(' ');

export class FindingList {
  readonly #kinds = new Map<string, Kind>();
  /** Findings of kinds beyond those that are counted. */
  #otherKinds = 0;
  readonly #shared: Shared[] = [];
  #moreShared = 0;
  readonly #byFile = new Map<number, Item[]>();
  readonly #pathOf: (artifact: number) => string;

  constructor(pathOf: (artifact: number) => string) {
    this.#pathOf = pathOf;
  }

  add(finding: Finding): void {
    this.#count(finding);
    const files = byArtifact(finding.occurrences);
    if (files.size > 1) this.#share(finding, files.size);
    for (const [artifact, [first]] of files) {
      const items = this.#byFile.get(artifact) ?? [];
      if (items.length >= LISTED_FINDINGS) continue;
      if (items.length === 0) {
        if (this.#byFile.size >= LISTED_FILES) continue;
        this.#byFile.set(artifact, items);
      }
      items.push(itemOf(finding, first!, files.size));
    }
  }

  #count(finding: Finding): void {
    const { severity, rotate } = finding;
    const name = `${titleText(finding)}, ${confidenceText(finding)}`;
    const key = JSON.stringify([severity, name, rotate]);
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size < KINDS.counted) this.#kinds.set(key, { severity, name, rotate, count: 1 });
    else this.#otherKinds++;
  }

  /** Keeps those of most files; of as many files the first. */
  #share(finding: Finding, files: number): void {
    const last = this.#shared.at(-1);
    if (this.#shared.length >= SHARED) this.#moreShared++;
    if (this.#shared.length >= SHARED && files <= last!.files) return;
    const { offset, artifact } = finding.occurrences[0]!;
    const first = unbroken(`${this.#pathOf(artifact)} ${hex(offset)}`);
    const at = this.#shared.findIndex((each) => each.files < files);
    const shared = { id: idOf(finding), name: nameOf(finding), files, first };
    this.#shared.splice(at < 0 ? this.#shared.length : at, 0, shared);
    this.#shared.length = Math.min(this.#shared.length, SHARED);
  }

  /** How many secrets of each kind, and what to do about them, once for all kinds with the same advice. */
  writeKinds(paper: Paper, painted: (severity: Severity, text: string) => string): void {
    const kinds = [...this.#kinds.values()].sort(
      (a, b) => severityRank(b.severity) - severityRank(a.severity) || b.count - a.count,
    );
    const shown = kinds.slice(0, KINDS.shown);
    const widest = Math.max(...shown.map(({ count }) => grouped(count).length));
    const indent = 2 + SEVERITY + 2 + widest + 3;
    for (const rotate of new Set(shown.map((kind) => kind.rotate))) {
      for (const { severity, count, name } of shown.filter((kind) => kind.rotate === rotate)) {
        const room = paper.width - indent;
        const named = Number.isFinite(room) ? fitting(name, Math.max(NAME, room)) : name;
        const head = painted(severity, severity.toUpperCase().padEnd(SEVERITY));
        paper.line(`  ${head}  ${grouped(count).padStart(widest)} x ${named}`);
      }
      for (const [i, line] of wrap(rotate, paper.width - indent - 4).entries())
        paper.line(`${' '.repeat(indent)}${i === 0 ? 'do: ' : '    '}${line}`);
    }
    const rest = kinds.slice(KINDS.shown);
    const more = rest.reduce((sum, { count }) => sum + count, this.#otherKinds);
    if (more > 0)
      paper.line(
        `  and ${grouped(more)} of ${this.#otherKinds > 0 ? 'more than ' : ''}${rest.length} further kinds`,
      );
    paper.line();
  }

  writeShared(paper: Paper): void {
    if (this.#shared.length === 0) return;
    paper.heading('In most files');
    const counts = this.#shared.map(({ files }) => plural(files, 'file'));
    const widest = Math.max(...counts.map((count) => count.length));
    const most = Number.isFinite(paper.width) ? Math.floor(paper.width * 0.4) : WIDE_NAME;
    for (const [i, { id, name, first }] of this.#shared.entries()) {
      const head = `${id.padEnd(ID)}  ${counts[i]!.padEnd(widest)}  ${fitting(name, most)}`;
      const lines = wrap(`${unbroken(head)}  ${first}`, paper.width - 4);
      for (const [j, line] of lines.entries()) paper.line(`${j === 0 ? '  ' : '    '}${line.trimEnd()}`);
    }
    if (this.#moreShared > 0) paper.line(`  and ${grouped(this.#moreShared)} more that lie in several files`);
    paper.line();
  }

  /** Artifacts that have a list. */
  get files(): Iterable<number> {
    return this.#byFile.keys();
  }

  /** `countOf`: the number of findings in an artifact. */
  writeFiles(
    paper: Paper,
    painted: (severity: Severity, text: string) => string,
    artifactAt: (artifact: number) => KnownArtifact | undefined,
    countOf: (artifact: number) => number,
  ): void {
    const most = Math.max(EACH, Math.floor(LISTED_FINDINGS / this.#byFile.size));
    for (const [artifact, items] of this.#byFile) {
      const known = artifactAt(artifact);
      const count = countOf(artifact);
      const shown = items.slice(0, most);
      const facts = [
        plural(count, 'secret'),
        ...(shown.length < count ? [`${shown.length} listed`] : []),
        ...(known?.process ? [known.process] : []),
      ];
      const path = unbroken(this.#pathOf(artifact));
      for (const line of wrap(`${path}  ${facts.join(', ')}`, paper.width))
        paper.line(paper.paint.bold(line));
      for (const line of linesOf(shown, paper.width))
        paper.line(`  ${painted(line.severity, line.severity.toUpperCase().padEnd(SEVERITY))}  ${line.text}`);
    }
    paper.line();
  }
}

const idOf = ({ fingerprint }: Finding): string => (fingerprint === null ? '-' : shortId(fingerprint));

function itemOf(finding: Finding, place: Occurrence, files: number): Item {
  return {
    severity: finding.severity,
    id: idOf(finding),
    name: nameOf(finding),
    offset: hex(place.offset),
    form: formOf(place),
    region: place.region.kind === 'unknown' ? '' : shorten(holder(place), 40),
    files,
  };
}

/** Cut to these columns, with an ellipsis. */
function fitting(text: string, room: number): string {
  if (columns(text) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (columns(kept) + columns(character) + 1 > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** The lines of one file, in columns. */
function linesOf(items: readonly Item[], width: number): { severity: Severity; text: string }[] {
  const room = width - 2 - SEVERITY - 2 - ID - 2;
  const offsets = Math.max(...items.map(({ offset }) => offset.length));
  const ends = items.map((item) => endOf(item, offsets, room - NAME - 2));
  const longest = Math.max(...ends.map(columns));
  const widest = Math.max(...items.map(({ name }) => columns(name)));
  const names = Math.min(widest, Number.isFinite(room) ? Math.max(NAME, room - longest - 2) : WIDE_NAME);
  return items.map(({ severity, id, name }, i) => {
    const named = fitting(name, names);
    const text = `${id.padEnd(ID)}  ${named}${' '.repeat(names - columns(named))}  ${ends[i]}`;
    return { severity, text: text.trimEnd() };
  });
}

/** Offset and encoding, then the region and the number of files where they fit. */
function endOf({ offset, form, region, files }: Item, offsets: number, room: number): string {
  const start = [offset.padEnd(offsets), form].filter(Boolean).join(' ');
  const elsewhere = files > 1 ? [`in ${grouped(files)} files`] : [];
  const whole = [start, ...(region === '' ? [] : [region]), ...elsewhere].join(', ');
  const short = [start, ...elsewhere].join(', ');
  const text = [whole, short, start].find((each) => columns(each) <= room) ?? offset;
  return text.replaceAll('\0', ' ');
}

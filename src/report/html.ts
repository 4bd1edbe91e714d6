import { deflateSync } from 'node:zlib';
import { readAsset } from '../core/base/runtime/assets.js';
import type { ArtifactReport, Finding, FindReport, Occurrence } from '../core/model/report.js';
import { type OptionRow, SCAN_OPTIONS } from '../core/options/table.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import {
  addressOf,
  type Detail,
  type FindingBlock,
  type PageData,
  type PlaceColumns,
  type TextColumn,
} from './html/data.js';
import { bodyOf } from './layout.js';
import { Overview } from './overview.js';
import { shortId } from './short-id.js';
import type { ReporterFactory } from './types.js';
import { ownerName } from './whose.js';

/** Findings of one block of data, and their places: what is kept in memory before it is written. */
const BLOCK = { findings: 4096, places: 16_384 } as const;
/** Findings with details: the page lists further ones, and the JSON report has all of them. */
const DETAILED = 10_000;
/** Characters of artifacts and answers, as JSON, in one block of data. */
const PENDING = 256 * 1024;

/** Events of one type, collected until they fill a block. */
class Pending<Body> {
  readonly #write: (bodies: Body[]) => void;
  #bodies: Body[] = [];
  #size = 0;

  constructor(write: (bodies: Body[]) => void) {
    this.#write = write;
  }

  add(body: Body): void {
    this.#bodies.push(body);
    this.#size += JSON.stringify(body).length;
    if (this.#size >= PENDING) this.flush();
  }

  flush(): void {
    if (this.#bodies.length > 0) this.#write(this.#bodies);
    this.#bodies = [];
    this.#size = 0;
  }
}

/** One file that a browser shows without a request. Blocks of data are written as events arrive. */
class HtmlReport extends EventReporter {
  readonly #document = new HtmlDocument(this.write);
  readonly #overview = new Overview();
  readonly #artifacts = new Pending<ArtifactReport>((artifacts) =>
    this.#document.block({ type: 'artifacts', artifacts }),
  );
  readonly #answers = new Pending<FindReport>((answers) => this.#document.block({ type: 'find', answers }));
  #columns = new FindingColumns();
  #findings = 0;

  protected readonly on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
      this.#document.block({ type: 'run', command: commandLineOf(event.options), ...bodyOf(event) });
    },
    artifact: (event) => {
      this.#overview.artifact(event);
      this.#artifacts.add(bodyOf(event));
    },
    finding: (event) => this.#finding(event),
    find: (event) => this.#answers.add(bodyOf(event)),
    summary: (event) => {
      this.#overview.summary = bodyOf(event);
    },
  };

  end(): void {
    this.#flush();
    this.#answers.flush();
    const { tally, summary } = this.#overview;
    const trouble = this.#overview.trouble();
    this.#document.block({
      type: 'end',
      counting: tally.counting,
      sentence: this.#overview.sentence(),
      ...(trouble !== undefined && { trouble }),
      ...(summary && { summary }),
    });
    this.#document.end();
  }

  #finding(finding: Finding): void {
    const { fingerprint, key } = finding;
    this.#overview.finding(finding);
    const id = fingerprint === null ? '' : shortId(fingerprint);
    const whose = ownerName(finding) ?? key?.sshFingerprint ?? '';
    this.#columns.add(finding, { id, whose }, this.#findings++ < DETAILED);
    if (this.#columns.size >= BLOCK.findings || this.#columns.places >= BLOCK.places) this.#flush();
  }

  /** Artifacts go before the findings in them. */
  #flush(): void {
    this.#artifacts.flush();
    if (this.#columns.size > 0) this.#document.block({ type: 'findings', ...this.#columns.block() });
    this.#columns = new FindingColumns();
  }
}

export const html: ReporterFactory = (write) => new HtmlReport(write);

const ROWS: Readonly<Record<string, OptionRow>> = SCAN_OPTIONS;

/** A word as a POSIX shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The long name of a row's flag. */
const longName = ({ flag }: OptionRow): string => /--[\w-]+/.exec(flag)![0];

/**
 * The command line of a scan, from the options of its report: those of the configuration and of a caller of
 * the library too, without defaults and without what the command alone reads. `command`: the words of another
 * verb.
 */
export function commandLineOf(options: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(options.command))
    return ['dumpsieve', ...options.command.map(String)].map(quoted).join(' ');
  const words = Object.entries(options).flatMap(([name, value]) => {
    const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
    return row === undefined || value === row.default ? [] : wordsOf(row, value);
  });
  // A saved report may have anything as options.
  const paths = Array.isArray(options.paths) ? options.paths.map(String) : [];
  const config = options.configFile === undefined ? [] : ['--config', String(options.configFile)];
  const dashed = paths.some((path) => path.startsWith('-') && path !== '-');
  return ['dumpsieve', 'scan', ...words, ...config, ...(dashed ? ['--'] : []), ...paths]
    .map(quoted)
    .join(' ');
}

function wordsOf(row: OptionRow, value: unknown): string[] {
  const flag = longName(row);
  if (typeof value === 'boolean') return value !== flag.startsWith('--no-') ? [flag] : [];
  if (Array.isArray(value)) return value.flatMap((each) => [flag, String(each)]);
  return [flag, String(value)];
}

/** What the build makes of src/report/html-page: one script, one style, and digests for its policy. */
interface PageParts {
  script: string;
  style: string;
  scriptHash: string;
  styleHash: string;
}

/** Where the build writes it, from the package's root. */
const PAGE_PARTS = 'dist/html-page.json';

/** Nothing is loaded, and nothing runs but the script of the build. Blocks of data are no scripts. */
const policyOf = ({ scriptHash, styleHash }: PageParts): string =>
  `default-src 'none'; script-src '${scriptHash}'; style-src '${styleHash}'; ` +
  "base-uri 'none'; form-action 'none'";

const head = (parts: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="dumpsieve">
<meta http-equiv="Content-Security-Policy" content="${policyOf(parts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>dumpsieve report</title>
<style>${parts.style}</style>
</head>
<body>
<noscript>This report is drawn by a script inside it, which loads nothing. Other formats need no script:
dumpsieve scan --format pretty, markdown or json.</noscript>
`;

/** Writes the document: its head, blocks of data as they come, and the script that draws them. */
class HtmlDocument {
  readonly #write: (text: string) => void;
  readonly #parts: PageParts;

  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#parts = JSON.parse(readAsset(PAGE_PARTS).toString()) as PageParts;
    write(head(this.#parts));
  }

  block(block: PageData): void {
    const data = deflateSync(JSON.stringify(block), { level: 9 }).toString('base64');
    this.#write(`<script type="text/plain" class="data">${data}</script>\n`);
  }

  end(): void {
    this.#write(`<script>${this.#parts.script}</script>\n</body>\n</html>\n`);
  }
}

/** Texts of a row that are not fields of the finding. */
type RowTexts = Pick<Record<TextColumn, string>, 'id' | 'whose'>;

/** Places of a finding in an HTML report, beside the first in each further artifact. */
const MOST_PLACES = 20;

/** Collects findings as one block. Its memory is that of the block: texts are kept once. */
class FindingColumns {
  readonly #index = new Map<string, number>();
  readonly #block: FindingBlock = {
    texts: [],
    columns: {
      id: [],
      rule: [],
      title: [],
      kind: [],
      severity: [],
      confidence: [],
      status: [],
      whose: [],
      preview: [],
    },
    occurrences: [],
    places: { finding: [], artifact: [], offset: [], length: [], shift: [], region: [], form: [] },
    details: [],
  };

  get size(): number {
    return this.#block.occurrences.length;
  }

  /** Places of all findings. */
  get places(): number {
    return this.#block.places.offset.length;
  }

  add(finding: Finding, { id, whose }: RowTexts, withDetail: boolean): void {
    const { ruleId, title, kind, severity, confidence, counts, reason, preview, occurrences } = finding;
    const status = counts ? 'counts' : (reason ?? 'below-threshold');
    const row = { id, rule: ruleId, title, kind, severity, confidence, status, whose, preview };
    for (const [name, text] of Object.entries(row))
      this.#block.columns[name as TextColumn].push(this.#text(text));
    for (const place of shownPlaces(occurrences)) this.#addPlace(place);
    this.#block.occurrences.push(finding.occurrenceCount);
    if (withDetail) this.#block.details.push(detailOf(finding));
  }

  block(): FindingBlock {
    return this.#block;
  }

  #addPlace({ artifact, offset, length, address, region, component, encoding, partial }: Occurrence): void {
    const { kind, name, thread } = region;
    const parts = [kind, name, thread === undefined ? undefined : `thread ${thread}`];
    const form = [component, encoding, partial ? '(partial)' : undefined];
    const start = Number.isSafeInteger(offset) ? addressOf(address) : undefined;
    const shift = start === undefined ? -1 : this.#text(String(start - BigInt(offset)));
    const place: Record<keyof PlaceColumns, number> = {
      finding: this.size,
      artifact,
      offset,
      length,
      shift,
      region: this.#text(joined(parts)),
      form: this.#text(joined(form)),
    };
    for (const [name, value] of Object.entries(place))
      this.#block.places[name as keyof PlaceColumns].push(value);
  }

  #text(text: string): number {
    const known = this.#index.get(text);
    if (known !== undefined) return known;
    const index = this.#block.texts.push(text) - 1;
    this.#index.set(text, index);
    return index;
  }
}

const joined = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ');

/** The first places, and one in each further artifact. */
function* shownPlaces(occurrences: readonly Occurrence[]): Generator<Occurrence> {
  const artifacts = new Set<number>();
  let count = 0;
  for (const place of occurrences) {
    if (count >= MOST_PLACES && artifacts.has(place.artifact)) continue;
    artifacts.add(place.artifact);
    count++;
    yield place;
  }
}

function detailOf({ fingerprint, impact, rotate, proof, notes, alsoMatched, ...finding }: Finding): Detail {
  const { key, claims, occurrences } = finding;
  const { certificates, ...identity } = key ?? {};
  const owner = occurrences[0]?.owner;
  return {
    ...{ fingerprint, impact, rotate, proof, notes, alsoMatched },
    ...(key && { key: identity as Omit<typeof key, 'certificates'> }),
    ...(certificates && { certificates }),
    ...(claims && { claims }),
    ...(owner && { owner }),
  };
}

import { Chalk, type ChalkInstance } from 'chalk';
import type { Notice } from '../base/runtime/errors.js';
import {
  type ArtifactReport,
  type Finding,
  type FindStatus,
  type NotCounted,
  SEVERITIES,
  type Severity,
} from '../model/report.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { COLUMNS, type FindRow, FindTable } from './find-table.js';
import { limitText } from './limits.js';
import { missingMemoryLines } from './missing.js';
import { Overview } from './overview.js';
import { type FileBudget, type FindingRow, findingRows } from './pretty-finding.js';
import { columns, grouped, offsetText, plural, unbroken, wrap } from './text.js';
import type { ReporterFactory } from './types.js';

/** Findings written out; the others are counted. Report order begins with the most severe. */
const WRITTEN_OUT = 200;
/** Lines about warnings, unread ranges and limits of the scan. */
const TROUBLES = 200;
/** Kinds of findings named for one reason. */
const TITLES = 5;
/** Distinct titles counted for one reason. */
const REMEMBERED = 200;
/** Answers to --find that are written out. */
const ANSWERS = { holding: 10_000, absent: 200 };
/** Further files that are named at their findings; the rest are named at the end. */
const FILES = 10_000;
/** Hint for memory that the headers describe and the file lacks. */
const CUT_DUMP_HINT =
  'the dump was truncated, by a full disk or a size limit: get a complete one (--strict exits 2)';
const LABEL = 11;
const NARROWEST = 40;
/** Columns of a path in the table of --find; with a longer one the rows are written line by line. */
const WIDEST_FILE = 80;

const WHY: Readonly<Record<NotCounted, string>> = {
  'below-threshold': 'severity below --fail-on, or confidence below --min-confidence',
  'published-test-key': 'published in a standard or a library: every process that loads it has them',
  ephemeral: 'made for one handshake or signature',
  expired: 'expired before the dump was written',
  'unlikely-key': 'in the form of a key, but zeros or text, and nothing was found that proves it',
  baseline: 'in the baseline',
  allowed: 'on the allow list',
  undumped: 'in memory of the process that no core dump would have (--include-undumped)',
  policy: 'left out by --fail-on-kind or --expect-absent',
};

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** A finding that is written out at the end. */
type Block = Pick<Finding, 'severity' | 'title' | 'confidence'> & { rows: readonly FindingRow[] };

class PrettyReport extends EventReporter {
  readonly #width: number;
  readonly #paint: ChalkInstance;
  readonly #counting: Block[] = [];
  /** Counts by reason and title. */
  readonly #others = new Map<NotCounted, Map<string, number>>();
  readonly #troubles: FindingRow[] = [];
  #moreTroubles = 0;
  readonly #overview = new Overview();
  readonly #answers = new FindTable(ANSWERS, this.#overview.artifacts);
  readonly #files: FileBudget = { left: FILES, name: (artifact) => this.#overview.holding.name(artifact) };

  constructor(write: (text: string) => void, color: boolean, width: number) {
    super(write);
    this.#width = Math.max(NARROWEST, width);
    this.#paint = new Chalk({ level: color ? 1 : 0 });
  }

  protected readonly on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => this.#finding(event),
    find: (event) => this.#answers.find(event),
    summary: (event) => {
      this.#overview.summary = event;
      for (const warning of event.warnings) this.#warning(warning);
    },
  };

  end(): void {
    const sorted = [...this.#counting].sort((a, b) => rank(b.severity) - rank(a.severity));
    for (const finding of sorted) this.#block(finding);
    const more = this.#overview.tally.counting - sorted.length;
    if (more > 0)
      this.#line(`and ${plural(more, 'further finding')} that count: see --format json or ndjson\n`);
    this.#furtherFiles();
    this.#notCounted();
    this.#section('Warnings', this.#troubles, this.#moreTroubles);
    this.#answersSection();
    this.#digests();
    this.#lastLines();
  }

  #artifact(event: ArtifactReport): void {
    const { coverage, warnings } = event;
    const path = unbroken(event.path);
    this.#overview.artifact(event);
    for (const warning of warnings) this.#warning(warning, path);
    for (const { offset, length, reason } of coverage.file.unread)
      this.#trouble('not read', `${path}: ${extentText(offset, length)}: ${reason}`);
    const missing = coverage.memory?.missing ?? [];
    for (const line of missingMemoryLines(missing)) this.#trouble('missing', `${path}: ${line}`);
    // Damage in a container has a warning with a hint of its own.
    if (missing.length > 0 && coverage.file.unread.length === 0) this.#trouble('', `hint: ${CUT_DUMP_HINT}`);
    for (const limit of coverage.limits)
      this.#trouble('limit', `${path}: ${extentText(limit.offset, limit.length)}: ${limitText(limit)}`);
  }

  #finding(event: Finding): void {
    this.#overview.finding(event);
    if (event.counts) {
      if (this.#counting.length >= WRITTEN_OUT) return;
      const { severity, title, confidence } = event;
      const rows = findingRows(event, this.#overview.artifacts, this.#files);
      this.#counting.push({ severity, title, confidence, rows });
      return;
    }
    const reason = event.reason ?? 'below-threshold';
    const titles = this.#others.get(reason) ?? new Map<string, number>();
    const title = `${event.title} (${event.severity}, confidence ${event.confidence})`;
    const name = titles.has(title) || titles.size < REMEMBERED ? title : 'others';
    titles.set(name, (titles.get(name) ?? 0) + 1);
    this.#others.set(reason, titles);
  }

  #warning({ code, message, hint, offset, length }: Notice, path?: string): void {
    const place = [path, offset === undefined ? undefined : extentText(offset, length)];
    const where = place.filter((each) => each !== undefined).join(', ');
    this.#trouble('warning', `${where ? `${where}: ` : ''}${message} [${code}]`);
    if (hint !== undefined) this.#trouble('', `hint: ${hint}`);
  }

  #trouble(label: string, text: string): void {
    if (this.#troubles.length < TROUBLES) this.#troubles.push({ label, text });
    else if (label !== '') this.#moreTroubles++;
  }

  #block(finding: Block): void {
    const title = `${finding.severity.toUpperCase()}  ${finding.title}`;
    const confidence = finding.confidence === 'proven' ? 'proven' : `confidence ${finding.confidence}`;
    const room = this.#width - columns(title) - columns(confidence);
    const paint = this.#severityPaint(finding.severity);
    if (room >= 2)
      this.#line(`${paint(title)}${' '.repeat(Math.min(room, 4))}${this.#paint.bold(confidence)}`);
    else for (const line of wrap(`${title}, ${confidence}`, this.#width)) this.#line(paint(line));
    for (const row of finding.rows) this.#row(row);
    this.#line('');
  }

  #notCounted(): void {
    const rows = [...this.#others].map(([reason, titles]) => {
      const total = [...titles.values()].reduce((sum, count) => sum + count, 0);
      const named = [...titles].sort((a, b) => b[1] - a[1]).slice(0, TITLES);
      const kinds = named.map(([title, count]) => `${grouped(count)} x ${title}`).join('; ');
      const rest = titles.size - named.length;
      const list =
        reason === 'published-test-key' ? '' : `: ${kinds}${rest > 0 ? `; and ${rest} other kinds` : ''}`;
      return { label: grouped(total), text: `${reason}, ${WHY[reason] ?? reason}${list}` };
    });
    this.#section('Found, not counted', rows, 0);
  }

  /** Files that hold findings and were not named at one. */
  #furtherFiles(): void {
    const rows = this.#overview.holding.unnamed().map(([artifact, findings]) => {
      const path = this.#overview.artifacts.pathOf(artifact);
      return { label: grouped(findings), text: path, verbatim: true };
    });
    this.#section('Further files with findings that count', rows, 0);
  }

  #answersSection(): void {
    const rows = this.#answers.rows();
    if (rows.length === 0) return;
    this.#line(this.#paint.bold('Targets of --find'));
    const widths = COLUMNS.map((name, i) =>
      rows.reduce((most, { cells }) => Math.max(most, columns(cells[i]!)), name.length),
    );
    const whole = widths.reduce((sum, width) => sum + width + 2, 0);
    if (whole <= this.#width && widths[0]! <= WIDEST_FILE) this.#table(rows, widths);
    else for (const row of rows) this.#answer(row);
    for (const note of this.#answers.notes())
      for (const line of wrap(note, this.#width - 2)) this.#line(`  ${line}`);
    this.#line('');
  }

  #table(rows: readonly FindRow[], widths: readonly number[]): void {
    const padded = (cells: readonly string[]) =>
      cells
        .map((cell, i) => cell + ' '.repeat(widths[i]! - columns(cell)))
        .join('  ')
        .trimEnd();
    this.#line(`  ${this.#paint.dim(padded(COLUMNS.map((name) => name.toLowerCase())))}`);
    for (const { status, cells } of rows) this.#line(`  ${this.#statusPaint(status)(padded(cells))}`);
  }

  /** An answer of a table that is too wide: the file on a line of its own. */
  #answer({ status, cells: [file, what, answer, form, coverage] }: FindRow): void {
    const text = [`${what}: ${answer}`, ...(form === '' ? [] : [form]), coverage].join('; ');
    this.#line(`  ${this.#statusPaint(status)(file)}`);
    for (const line of wrap(text, this.#width - 4)) this.#line(`    ${line}`);
  }

  #statusPaint(status: FindStatus): (text: string) => string {
    const { red, yellow } = this.#paint;
    return { present: red.bold, 'public-only': yellow, absent: String }[status] ?? String;
  }

  /** Digests of --hash, as sha256sum prints them. */
  #digests(): void {
    const rows = [...this.#overview.artifacts].flatMap(({ path, sha256 }) =>
      sha256 === undefined ? [] : [`${sha256}  ${path}`],
    );
    if (rows.length === 0) return;
    this.#line(this.#paint.bold('SHA-256'));
    for (const row of rows) this.#line(`  ${row}`);
    this.#line('');
  }

  #section(title: string, rows: readonly FindingRow[], more: number): void {
    if (rows.length === 0) return;
    this.#line(this.#paint.bold(title));
    for (const row of rows) this.#row(row);
    if (more > 0) this.#row({ label: '', text: `and ${grouped(more)} more: see --format json` });
    this.#line('');
  }

  #lastLines(): void {
    const trouble = this.#overview.trouble();
    if (trouble) this.#line(this.#paint.yellow(trouble));
    const paint = this.#overview.tally.counting > 0 ? this.#paint.red.bold : this.#paint.bold;
    for (const line of wrap(this.#overview.sentence(), this.#width)) this.#line(paint(line));
  }

  #row({ label, text, verbatim }: FindingRow): void {
    const lines = verbatim ? [text] : wrap(text, this.#width - LABEL);
    for (const [i, line] of lines.entries()) {
      const head = (i === 0 ? `  ${label}` : '').padEnd(LABEL);
      this.#line(`${this.#paint.dim(head)}${line}`);
    }
  }

  #line(text: string): void {
    this.write(`${text}\n`);
  }

  #severityPaint(severity: Severity): (text: string) => string {
    const { red, yellow, cyan, bold } = this.#paint;
    const paints: Record<Severity, (text: string) => string> = {
      critical: red.bold.inverse,
      high: red.bold,
      medium: yellow.bold,
      low: cyan,
      info: bold,
    };
    return paints[severity] ?? bold;
  }
}

function extentText(offset: number, length: number | null | undefined): string {
  if (length === null) return `from ${offsetText(offset)} to an unknown end`;
  return length === undefined ? offsetText(offset) : `${plural(length, 'byte')} at ${offsetText(offset)}`;
}

/** For people: findings that count are written at the end, in bounded memory. */
export const pretty: ReporterFactory = (write, { color, width = Number.POSITIVE_INFINITY }) =>
  new PrettyReport(write, color, width);

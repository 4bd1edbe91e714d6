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
import { AnswerList } from './answers.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { limitText } from './limits.js';
import { missingMemoryLines } from './missing.js';
import { Origins } from './origin.js';
import { Overview } from './overview.js';
import { findingRows, type KnownArtifact, processText, type Row } from './pretty-finding.js';
import { columns, grouped, offsetText, plural, wrap } from './text.js';
import type { ReporterFactory } from './types.js';

/** Findings written out; the others are counted. Report order begins with the most severe. */
const WRITTEN_OUT = 200;
/** Lines about warnings, unread ranges and limits of the scan. */
const TROUBLES = 200;
/** Kinds of findings named for one reason. */
const TITLES = 5;
/** Distinct titles counted for one reason. */
const REMEMBERED = 200;
/** Answers to --find that are written out for each status. */
const ANSWERS = 200;
/** Hint for memory that the headers describe and the file lacks. */
const CUT_DUMP_HINT =
  'the dump was truncated, by a full disk or a size limit: get a complete one (--strict exits 2)';
const LABEL = 11;
const NARROWEST = 40;

const WHY: Readonly<Record<NotCounted, string>> = {
  'below-threshold': 'severity below --fail-on, or confidence below --min-confidence',
  'published-test-key': 'published in a standard or a library: every process that loads it has them',
  ephemeral: 'made for one handshake or signature',
  expired: 'expired before the dump was written',
  baseline: 'in the baseline',
  allowed: 'on the allow list',
  policy: 'left out by --fail-on-kind or --expect-absent',
};

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

class PrettyReport extends EventReporter {
  readonly #width: number;
  readonly #paint: ChalkInstance;
  readonly #artifacts: KnownArtifact[] = [];
  readonly #origins = new Origins();
  readonly #counting: Finding[] = [];
  /** Counts by reason and title. */
  readonly #others = new Map<NotCounted, Map<string, number>>();
  readonly #troubles: Row[] = [];
  readonly #answers = new AnswerList(ANSWERS);
  #moreTroubles = 0;
  readonly #overview = new Overview();

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
    this.#notCounted();
    this.#section('Warnings', this.#troubles, this.#moreTroubles);
    this.#answersSection();
    this.#lastLines();
  }

  #artifact(event: ArtifactReport): void {
    const { path, format, coverage, warnings } = event;
    const origin = this.#origins.next(event);
    this.#artifacts.push({ path, format, origin, process: processText(event.process) });
    this.#overview.artifact(event);
    this.#answers.artifact(event);
    for (const warning of warnings) this.#warning(warning, path);
    for (const { offset, length, reason } of coverage.file.unread)
      this.#trouble('not read', `${path}: ${extentText(offset, length)}: ${reason}`);
    const missing = coverage.memory?.missing ?? [];
    for (const line of missingMemoryLines(missing)) this.#trouble('missing', `${path}: ${line}`);
    if (missing.length > 0) this.#trouble('', `hint: ${CUT_DUMP_HINT}`);
    for (const limit of coverage.limits)
      this.#trouble('limit', `${path}: ${extentText(limit.offset, limit.length)}: ${limitText(limit)}`);
  }

  #finding(event: Finding): void {
    this.#overview.tally.add(event);
    if (event.counts) {
      if (this.#counting.length < WRITTEN_OUT) this.#counting.push(event);
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

  #block(finding: Finding): void {
    const title = `${finding.severity.toUpperCase()}  ${finding.title}`;
    const confidence = finding.confidence === 'proven' ? 'proven' : `confidence ${finding.confidence}`;
    const room = this.#width - columns(title) - columns(confidence);
    const paint = this.#severityPaint(finding.severity);
    if (room >= 2)
      this.#line(`${paint(title)}${' '.repeat(Math.min(room, 4))}${this.#paint.bold(confidence)}`);
    else for (const line of wrap(`${title}, ${confidence}`, this.#width)) this.#line(paint(line));
    for (const row of findingRows(finding, this.#artifacts)) this.#row(row);
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

  #answersSection(): void {
    const all = this.#answers.list();
    if (all.length === 0) return;
    this.#line(this.#paint.bold('Targets of --find'));
    const { red, yellow } = this.#paint;
    const paints: Record<FindStatus, (text: string) => string> = {
      present: red.bold,
      'public-only': yellow,
      absent: String,
    };
    for (const { status, name, text } of all)
      for (const [i, line] of wrap(`${name}: ${text}`, this.#width - 4).entries())
        this.#line(`${i === 0 ? '  ' : '    '}${paints[status](line)}`);
    const { more } = this.#answers;
    if (more > 0) this.#line(`  and ${plural(more, 'further answer')}: see --format json`);
    this.#line('');
  }

  #section(title: string, rows: readonly Row[], more: number): void {
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

  #row({ label, text, verbatim }: Row): void {
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

/** For people: findings that count are written at the end, in bounded memory. Default 80 columns. */
export const pretty: ReporterFactory = (write, { color, width }) =>
  new PrettyReport(write, color, width ?? 80);

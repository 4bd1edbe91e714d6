import type { ChalkInstance } from 'chalk';
import { type Finding, type FindStatus, type Severity, severityRank } from '../core/model/report.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { COLUMNS, type FindRow, FindTable } from './find-table.js';
import { NotFailing } from './not-failing.js';
import { Overview } from './overview.js';
import { Paper, type TextRow } from './paper.js';
import { type FindingContext, findingRows, shellQuote, titleLine } from './pretty-finding.js';
import { FindingList } from './pretty-list.js';
import { shortId } from './short-id.js';
import { columns, grouped, plural, unbroken, wrap } from './text.js';
import { Troubles } from './troubles.js';
import type { ReporterFactory, ReporterOptions } from './types.js';

/** Findings written out, each with a paragraph. More of them are a list by file, except with --verbose. */
const WRITTEN_OUT = { usual: 10, verbose: 200 };
/** Answers to --find that are written out. */
const ANSWERS = { holding: 10_000, absent: 200 };
const NARROWEST = 40;

/** A finding that is written out at the end. */
interface Block {
  severity: Severity;
  title: string;
  id: string;
  rows: readonly TextRow[];
}

class PrettyReport extends EventReporter {
  readonly #paper: Paper;
  readonly #verbose: boolean;
  readonly #saved: string | undefined;
  readonly #blocks: Block[] = [];
  readonly #overview = new Overview();
  readonly #list = new FindingList((artifact) => this.#overview.artifacts.pathOf(artifact));
  readonly #notFailing: NotFailing;
  readonly #troubles: Troubles;
  readonly #answers: FindTable;
  /** Impact and what to do, with the finding that said so. */
  readonly #said = new Map<string, string>();
  /** Artifacts named at the findings that are written out. */
  readonly #named = new Set<number>();
  /** It was said how the rest of a finding is shown. */
  #saidMore = false;
  readonly #context: FindingContext;

  constructor(write: (text: string) => void, { color, width, verbose = false, saved }: ReporterOptions) {
    super(write);
    this.#paper = new Paper(write, color, Math.max(NARROWEST, width ?? Number.POSITIVE_INFINITY));
    this.#verbose = verbose;
    this.#saved = saved;
    this.#notFailing = new NotFailing(verbose);
    this.#troubles = new Troubles(verbose);
    this.#answers = new FindTable({ ...ANSWERS, countsAbsent: !verbose }, this.#overview.artifacts);
    this.#context = {
      artifacts: this.#overview.artifacts,
      width: this.#paper.width,
      verbose,
      moreText: (id) => this.#moreText(id),
      name: (artifact) => this.#named.add(artifact),
      saidAt: (finding) => this.#saidAt(finding),
    };
  }

  protected readonly on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
    },
    artifact: (event) => {
      this.#overview.artifact(event);
      this.#troubles.artifact(event);
    },
    finding: (event) => this.#finding(event),
    find: (event) => this.#answers.find(event),
    summary: (event) => {
      this.#overview.summary = event;
      for (const warning of event.warnings) this.#troubles.warning(warning);
    },
  };

  end(): void {
    writeAnswers(this.#paper, this.#answers);
    const { counting } = this.#overview.tally;
    if (counting <= this.#blocks.length) this.#writeBlocks();
    else if (this.#verbose) {
      this.#writeBlocks();
      this.#paper.line(
        `and ${plural(counting - this.#blocks.length, 'further secret')}: see --format json or ndjson\n`,
      );
    } else this.#writeList();
    this.#files();
    this.#others();
    this.#section('Warnings', this.#troubles.rows(), this.#troubles.more);
    this.#digests();
    this.#lastLines();
  }

  #finding(event: Finding): void {
    this.#overview.finding(event);
    if (!event.counts) {
      this.#notFailing.add(event);
      return;
    }
    this.#list.add(event);
    const most = this.#verbose ? WRITTEN_OUT.verbose : WRITTEN_OUT.usual;
    if (this.#blocks.length >= most) return;
    const { severity, fingerprint } = event;
    const id = fingerprint === null ? '' : shortId(fingerprint);
    const { title } = titleLine(event, id, this.#paper.width);
    const rows = findingRows(event, id, this.#context);
    this.#blocks.push({ severity, title, id, rows });
  }

  #saidAt({ impact, rotate, fingerprint }: Finding): string | undefined {
    const advice = JSON.stringify([impact, rotate]);
    const said = this.#said.get(advice);
    if (said === undefined && fingerprint !== null) this.#said.set(advice, shortId(fingerprint));
    return said;
  }

  #moreText(id: string): string | undefined {
    if (this.#saved !== undefined) return `dumpsieve report ${shellQuote(this.#saved)} ${id}`;
    if (this.#saidMore) return undefined;
    this.#saidMore = true;
    return `--output json=report.json, then dumpsieve report report.json ${id}`;
  }

  #writeBlocks(): void {
    const { paint } = this.#paper;
    const sorted = [...this.#blocks].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
    for (const { severity, title, id, rows } of sorted) {
      this.#paper.line(`${this.#painted(severity, title)}${paint.bold(id)}`.trimEnd());
      for (const row of rows) this.#paper.row(row);
      this.#paper.line();
    }
  }

  #writeList(): void {
    const { tally, artifacts, holding, summary } = this.#overview;
    const exit = summary?.complete ? ` (exit ${summary.exit})` : '';
    const painted = (severity: Severity, text: string) => this.#painted(severity, text);
    this.#paper.heading(
      `${plural(tally.counting, 'secret')} fail the gate, in ${this.#overview.filesHolding()}${exit}`,
    );
    this.#list.writeKinds(this.#paper, painted);
    this.#list.writeShared(this.#paper);
    this.#list.writeFiles(
      this.#paper,
      painted,
      (artifact) => artifacts.at(artifact),
      (artifact) => holding.countOf(artifact),
    );
    // All have a heading with a number, or all are named below.
    this.#named.clear();
    const listed = new Set(this.#list.files);
    if (holding.besides(listed).length === 0) for (const artifact of listed) this.#named.add(artifact);
  }

  /** Files that hold findings: those not named above, or all of them where findings are listed. */
  #files(): void {
    const { artifacts, holding } = this.#overview;
    const rows = holding
      .besides(this.#named)
      .map(([artifact, findings]) => `${unbroken(artifacts.pathOf(artifact))}\0${grouped(findings)}`);
    if (rows.length === 0) return;
    const title = this.#named.size > 0 ? 'Further files with secrets' : 'Files with secrets';
    this.#paper.heading(`${title}, and how many (${grouped(rows.length)})`);
    this.#paper.list(rows);
    this.#paper.line();
  }

  #others(): void {
    const { total } = this.#notFailing;
    if (total === 0) return;
    const hint = this.#verbose ? '' : ' (--verbose lists them)';
    const rows = this.#notFailing.rows(this.#overview.run?.options ?? {});
    this.#section(
      `Found, and does not fail the gate: ${grouped(total)}${hint}`,
      [...rows, ...this.#notFailing.list()],
      0,
    );
  }

  /** Digests of --hash, as sha256sum prints them. */
  #digests(): void {
    const rows = [...this.#overview.artifacts].flatMap(({ path, sha256 }) =>
      sha256 === undefined ? [] : [`${sha256}  ${path}`],
    );
    if (rows.length === 0) return;
    this.#paper.heading('SHA-256');
    for (const row of rows) this.#paper.line(`  ${row}`);
    this.#paper.line();
  }

  #section(title: string, rows: readonly TextRow[], more: number): void {
    if (rows.length === 0) return;
    this.#paper.heading(title);
    for (const row of rows) this.#paper.row(row);
    if (more > 0) this.#paper.row({ label: '', text: `and ${grouped(more)} more: see --format json` });
    this.#paper.line();
  }

  #lastLines(): void {
    const { paint } = this.#paper;
    const { counting } = this.#overview.tally;
    if (counting > this.#blocks.length) {
      const saved = this.#saved === undefined ? undefined : shellQuote(this.#saved);
      const command = `dumpsieve report ${saved ?? 'report.json'} ID`;
      const first = saved === undefined ? '--output json=report.json, then ' : '';
      this.#paper.line(`All of one finding: ${first}${command}`);
    }
    const trouble = this.#overview.trouble();
    if (trouble) this.#paper.paragraph(trouble, 0, paint.yellow);
    this.#paper.paragraph(this.#overview.sentence(), 0, counting > 0 ? paint.red.bold : paint.bold);
  }

  #painted(severity: Severity, text: string): string {
    const { red, yellow, cyan, bold } = this.#paper.paint;
    const paints: Record<Severity, (text: string) => string> = {
      critical: red.bold.inverse,
      high: red.bold,
      medium: yellow.bold,
      low: cyan,
      info: bold,
    };
    const shown = text.trimEnd();
    return `${(paints[severity] ?? bold)(shown)}${text.slice(shown.length)}`;
  }
}

/** For people: written at the end, in bounded memory. */
export const pretty: ReporterFactory = (write, options) => new PrettyReport(write, options);

/** Columns of a path in the table; with a longer one the rows are written line by line. */
const WIDEST_FILE = 80;

/** The answers to `--find`: a table if it fits, else each answer below its file. */
function writeAnswers(paper: Paper, answers: FindTable): void {
  const rows = answers.rows();
  if (rows.length === 0) return;
  paper.heading('Targets of --find');
  const widths = COLUMNS.map((name, i) =>
    rows.reduce((most, { cells }) => Math.max(most, columns(cells[i]!)), name.length),
  );
  const whole = widths.reduce((sum, width) => sum + width + 2, 0);
  if (whole <= paper.width && widths[0]! <= WIDEST_FILE) writeTable(paper, rows, widths);
  else
    for (const [i, row] of rows.entries()) {
      const [file] = row.cells;
      if (file !== '' && file !== rows[i - 1]?.cells[0])
        paper.line(`  ${painted(paper.paint, row.status)(file)}`);
      writeAnswer(paper, row);
    }
  for (const note of answers.notes()) paper.paragraph(note, 2);
  paper.line();
}

function writeTable(paper: Paper, rows: readonly FindRow[], widths: readonly number[]): void {
  const padded = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell + ' '.repeat(widths[i]! - columns(cell)))
      .join('  ')
      .trimEnd();
  paper.line(`  ${paper.paint.dim(padded(COLUMNS.map((name) => name.toLowerCase())))}`);
  for (const { status, cells } of rows) paper.line(`  ${painted(paper.paint, status)(padded(cells))}`);
}

/** An answer of a table that is too wide, below its file. */
function writeAnswer(paper: Paper, { cells: [, what, answer, form, coverage] }: FindRow): void {
  const text = [`${what}: ${answer}`, ...(form === '' ? [] : [form]), coverage].join('; ');
  for (const line of wrap(text, paper.width - 4)) paper.line(`    ${line}`);
}

function painted({ red, yellow }: ChalkInstance, status: FindStatus): (text: string) => string {
  return { present: red.bold, 'public-only': yellow, absent: String }[status] ?? String;
}

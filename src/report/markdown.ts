import type { ArtifactReport, Finding } from '../core/model/report.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { COLUMNS, FindTable } from './find-table.js';
import { artifactsOf } from './holding-files.js';
import { limitText } from './limits.js';
import { Overview } from './overview.js';
import { placeText } from './places.js';
import { shortId } from './short-id.js';
import { countsByReason, grouped, plural, shorten } from './text.js';
import type { ReporterFactory } from './types.js';

const CELL = 300;
/** Lines below the answers to --find. */
const NOTES = 10;

/**
 * Lines of one list, with a cap on their number and on their bytes of UTF-8. GitHub drops a job summary of
 * more than 1 MiB, and an escaped name from a dump can be 20 times as long as the name.
 */
class CappedLines {
  readonly #kept: string[] = [];
  readonly #most: number;
  #room: number;
  /** Lines beyond the cap. */
  more = 0;

  constructor(most: number, bytes: number) {
    this.#most = most;
    this.#room = bytes;
  }

  get empty(): boolean {
    return this.#kept.length === 0;
  }

  /** Returns false if the line is beyond the cap. */
  add(line: string): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    // Once full it stays full: the end of the list is left out, not a long line in its middle.
    if (this.more > 0 || this.#kept.length >= this.#most || bytes > this.#room) {
      this.more++;
      return false;
    }
    this.#room -= bytes;
    this.#kept.push(line);
    return true;
  }

  text(): string {
    return `${this.#kept.join('\n')}\n`;
  }
}

/** Caps by list. The whole summary stays below 1 MiB. */
const ROWS = { most: 500, bytes: 450_000 };
const FILES = { most: 5_000, bytes: 250_000 };
const ANSWERS = { most: 500, bytes: 150_000 };
const TROUBLES = { most: 100, bytes: 100_000 };
const DIGESTS = { most: 500, bytes: 70_000 };
/** Files that hold a secret named in its row; the others are in the list of files. */
const NAMED = 3;

/** Text for a table cell, escaped for Markdown and HTML. */
export function markdownText(text: string): string {
  return markdownPath(shorten(text, CELL));
}

/** A path in Markdown, which is never shortened. */
function markdownPath(path: string): string {
  return path
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/^-|[\\`*_{}[\]()#+!|~@:]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function findingRow(finding: Finding, paths: readonly string[], moreFiles: number): string {
  const { severity, title, confidence, location, key, fingerprint, occurrenceCount } = finding;
  const who = key?.certificates?.[0]?.subject ?? key?.sshFingerprint ?? '';
  const more = occurrenceCount > 1 ? ` and ${grouped(occurrenceCount - 1)} more` : '';
  const files = [
    ...paths.map(markdownPath),
    ...(moreFiles > 0 ? [`and ${grouped(moreFiles)} more, below`] : []),
  ];
  const cells = [
    markdownText(severity),
    markdownText(who ? `${title}, ${who}` : title),
    markdownText(confidence),
    files.join('<br>'),
    markdownText(`${placeText(location)}${more}`),
    fingerprint === null ? '' : shortId(fingerprint),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** For a job's step summary: totals, what to do first, then a table of the findings that fail the gate. */
class MarkdownReport extends EventReporter {
  readonly #rows = new CappedLines(ROWS.most, ROWS.bytes);
  readonly #troubles = new CappedLines(TROUBLES.most, TROUBLES.bytes);
  readonly #overview = new Overview();
  readonly #answers = new FindTable(
    { holding: ANSWERS.most, absent: ANSWERS.most },
    this.#overview.artifacts,
  );
  readonly #digests = new CappedLines(DIGESTS.most, DIGESTS.bytes);
  readonly #totals = new MarkdownTotals(markdownText);

  protected readonly on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => {
      this.#overview.finding(event);
      if (!event.counts) return;
      this.#totals.add(event);
      this.#row(event);
    },
    find: (event) => this.#answers.find(event),
    summary: (event) => {
      this.#overview.summary = event;
      for (const { code, message } of event.warnings) this.#trouble(`${message} [${code}]`);
    },
  };

  end(): void {
    const { counting } = this.#overview.tally;
    const incomplete = this.#overview.trouble();
    const heading = counting > 0 ? 'secrets found' : incomplete ? 'incomplete' : 'no finding fails the gate';
    this.write(`## dumpsieve: ${heading}\n\n${markdownText(this.#overview.sentence())}\n\n`);
    if (incomplete) this.write(`**${markdownText(incomplete)}**\n\n`);
    this.#answersSection();
    this.#totals.write(this.write);
    this.#table();
    this.#files();
    this.#others();
    this.#list('Warnings', this.#troubles);
    this.#list('SHA-256', this.#digests);
  }

  #artifact(event: ArtifactReport): void {
    const { path, coverage, warnings, sha256 } = event;
    this.#overview.artifact(event);
    if (sha256 !== undefined) this.#digests.add(`- \`${sha256}\` ${markdownPath(path)}`);
    for (const { offset, length, reason } of coverage.file.unread) {
      const range = length === null ? 'to an unknown end' : plural(length, 'byte');
      this.#trouble(`${path}: not read from offset ${offset}, ${range}: ${reason}`);
    }
    for (const { code, message } of warnings) this.#trouble(`${path}: ${message} [${code}]`);
    for (const limit of coverage.limits) this.#trouble(`${path}: ${limitText(limit)}`);
  }

  #trouble(text: string): void {
    this.#troubles.add(`- ${markdownText(text)}`);
  }

  /** Its file, and if there are a few more, these too. */
  #row(finding: Finding): void {
    const { artifacts, holding } = this.#overview;
    const [first, ...others] = artifactsOf(finding.occurrences);
    const named = others.length < NAMED ? others : [];
    const paths = named.map((artifact) => artifacts.pathOf(artifact));
    const row = findingRow(finding, [finding.location.path, ...paths], others.length - named.length);
    if (this.#rows.add(row)) for (const artifact of [first!, ...named]) holding.name(artifact);
  }

  #answersSection(): void {
    const rows = this.#answers.rows();
    if (rows.length === 0) return;
    const lines = new CappedLines(ANSWERS.most, ANSWERS.bytes);
    for (const {
      cells: [file, ...others],
    } of rows)
      lines.add(`| ${[markdownPath(file), ...others.map(markdownText)].join(' | ')} |`);
    const head = `| ${COLUMNS.join(' | ')} |\n|${'---|'.repeat(COLUMNS.length)}\n`;
    this.write(`### Targets of --find\n\n${head}${lines.text()}\n`);
    const more = lines.more > 0 ? [`and ${plural(lines.more, 'further answer')}`] : [];
    for (const note of [...more, ...this.#answers.notes()].slice(0, NOTES))
      this.write(`- ${markdownText(note)}\n`);
    this.write('\n');
  }

  #table(): void {
    if (this.#rows.empty) return;
    this.write('### Findings\n\n');
    this.write('| Severity | What | Confidence | File | Place | Id |\n|---|---|---|---|---|---|\n');
    this.write(`${this.#rows.text()}\n`);
    const { more } = this.#rows;
    if (more > 0)
      this.write(
        `and ${plural(more, 'further finding')} that ${more === 1 ? 'fails' : 'fail'} the gate.\n\n`,
      );
  }

  /** Files that no row of the table names. */
  #files(): void {
    const lines = new CappedLines(FILES.most, FILES.bytes);
    for (const [artifact, findings] of this.#overview.holding.unnamed()) {
      const path = this.#overview.artifacts.pathOf(artifact);
      lines.add(`- ${markdownPath(path)} (${plural(findings, 'finding')})`);
    }
    this.#list('Further files with findings that fail the gate', lines);
  }

  #others(): void {
    const others = countsByReason(this.#overview.tally);
    if (others !== '') this.write(`Found, and does not fail the gate: ${markdownText(others)}.\n\n`);
  }

  #list(title: string, lines: CappedLines): void {
    if (lines.empty && lines.more === 0) return;
    this.write(`### ${title}\n\n${lines.text()}`);
    if (lines.more > 0) this.write(`- and ${grouped(lines.more)} more, see --format json\n`);
    this.write('\n');
  }
}

export const markdown: ReporterFactory = (write) => new MarkdownReport(write);

/** Kinds of secrets in the table, titles of one sentence, and characters of a title: names can be long. */
const MOST = { kinds: 10, titles: 4, title: 120 } as const;
/** Cap on distinct kinds; findings of further ones are counted with the last. */
const KNOWN = 1_000;

interface KindTotal {
  severity: string;
  title: string;
  rotate: string;
  findings: number;
  artifacts: Set<number>;
}

/** Findings that fail the gate by what they are: a table of totals, and what to do first, once a kind. */
class MarkdownTotals {
  readonly #kinds = new Map<string, KindTotal>();
  #last: KindTotal | undefined;
  readonly #cell: (text: string) => string;

  /** `cell`: escapes a text for a table. */
  constructor(cell: (text: string) => string) {
    this.#cell = cell;
  }

  add({ severity, title, rotate, occurrences }: Finding): void {
    const key = JSON.stringify([severity, title, rotate]);
    const known = this.#kinds.get(key) ?? (this.#kinds.size < KNOWN ? undefined : this.#last);
    const kind = known ?? { severity, title, rotate, findings: 0, artifacts: new Set() };
    kind.findings++;
    for (const artifact of artifactsOf(occurrences)) kind.artifacts.add(artifact);
    if (known !== undefined) return;
    this.#kinds.set(key, kind);
    this.#last = kind;
  }

  write(write: (text: string) => void): void {
    const all = [...this.#kinds.values()];
    if (all.length === 0) return;
    const rows = all.slice(0, MOST.kinds).map(({ severity, title, findings, artifacts }) => {
      const cells = [severity, shorten(title, MOST.title), grouped(findings), grouped(artifacts.size)].map(
        this.#cell,
      );
      return `| ${cells.join(' | ')} |\n`;
    });
    write(`| Severity | What | Number | Artifacts |\n|---|---|---|---|\n${rows.join('')}\n`);
    if (all.length > MOST.kinds) write(`and ${plural(all.length - MOST.kinds, 'further kind')}.\n\n`);
    write('### What to do first\n\n');
    const byRotate = new Map<string, string[]>();
    for (const { title, rotate } of all) byRotate.set(rotate, [...(byRotate.get(rotate) ?? []), title]);
    for (const [rotate, titles] of [...byRotate].slice(0, MOST.kinds)) {
      const distinct = [...new Set(titles)].map((title) => this.#cell(shorten(title, MOST.title)));
      const more = distinct.length > MOST.titles ? ` and ${distinct.length - MOST.titles} more` : '';
      const named = `${distinct.slice(0, MOST.titles).join(', ')}${more}`;
      write(`- **${named}**: ${this.#cell(rotate)}\n`);
    }
    write('- Keep the dumps where they are until that is done. ');
    write('Each finding explained: `dumpsieve report report.json ID`.\n\n');
  }
}

import type { ArtifactReport, Finding } from '../model/report.js';
import { AnswerList } from './answers.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { limitText } from './limits.js';
import { Overview } from './overview.js';
import { placeText } from './places.js';
import { countsByReason, grouped, plural, shorten } from './text.js';
import type { ReporterFactory } from './types.js';

const CELL = 300;

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

  add(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    // Once full it stays full: the end of the list is left out, not a long line in its middle.
    if (this.more > 0 || this.#kept.length >= this.#most || bytes > this.#room) this.more++;
    else {
      this.#room -= bytes;
      this.#kept.push(line);
    }
  }

  text(): string {
    return `${this.#kept.join('\n')}\n`;
  }
}

/** Caps by list. The whole summary stays below 1 MiB. */
const ROWS = { most: 500, bytes: 640_000 };
const ANSWERS = { most: 500, bytes: 200_000 };
const TROUBLES = { most: 100, bytes: 160_000 };

/** Text for a table cell, escaped for Markdown and HTML. */
export function markdownText(text: string): string {
  return shorten(text, CELL)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~@:-]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function findingRow({
  severity,
  title,
  confidence,
  location,
  key,
  rotate,
  occurrenceCount,
}: Finding): string {
  const who = key?.certificates?.[0]?.subject ?? key?.sshFingerprint ?? '';
  const cells = [
    severity,
    who ? `${title}, ${who}` : title,
    confidence,
    location.path,
    `${placeText(location)}${occurrenceCount > 1 ? ` and ${grouped(occurrenceCount - 1)} more` : ''}`,
    rotate,
  ];
  return `| ${cells.map(markdownText).join(' | ')} |`;
}

/** For a job's step summary: a table of the findings that count, a sentence for each other part. */
class MarkdownReport extends EventReporter {
  readonly #rows = new CappedLines(ROWS.most, ROWS.bytes);
  readonly #troubles = new CappedLines(TROUBLES.most, TROUBLES.bytes);
  readonly #answers = new AnswerList(ANSWERS.most);
  readonly #overview = new Overview();

  protected readonly on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => {
      this.#overview.tally.add(event);
      if (event.counts) this.#rows.add(findingRow(event));
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
    this.#table();
    this.#others();
    this.#list();
  }

  #artifact(event: ArtifactReport): void {
    const { path, coverage, warnings } = event;
    this.#overview.artifact(event);
    this.#answers.artifact(event);
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

  #answersSection(): void {
    const all = this.#answers.list();
    if (all.length === 0) return;
    const lines = new CappedLines(ANSWERS.most, ANSWERS.bytes);
    for (const { name, text } of all) lines.add(`- **${markdownText(name)}**: ${markdownText(text)}`);
    this.write(`### Targets of --find\n\n${lines.text()}`);
    const more = this.#answers.more + lines.more;
    if (more > 0) this.write(`- and ${plural(more, 'further answer')}\n`);
    this.write('\n');
  }

  #table(): void {
    if (this.#rows.empty) return;
    this.write('| Severity | What | Confidence | File | Place | Rotate |\n|---|---|---|---|---|---|\n');
    this.write(`${this.#rows.text()}\n`);
    const { more } = this.#rows;
    if (more > 0) this.write(`and ${plural(more, 'further finding')} that count.\n\n`);
  }

  #others(): void {
    const others = countsByReason(this.#overview.tally);
    if (others !== '') this.write(`Found, not counted: ${markdownText(others)}.\n\n`);
  }

  #list(): void {
    if (this.#troubles.empty) return;
    this.write(`### Warnings\n\n${this.#troubles.text()}`);
    if (this.#troubles.more > 0) this.write(`- and ${grouped(this.#troubles.more)} more\n`);
  }
}

export const markdown: ReporterFactory = (write) => new MarkdownReport(write);

import type { ArtifactReport, Finding, NotCounted, ScanEvent } from '../model.js';
import { Answers } from './answers.js';
import { dispatch, type Handlers } from './dispatch.js';
import { Overview } from './overview.js';
import { placeText } from './places.js';
import { grouped, plural, shorten } from './text.js';
import type { Reporter, ReporterFactory } from './types.js';

/** A job summary on GitHub holds 1 MiB. */
const ROWS = 500;
const TROUBLES = 100;
const CELL = 300;

/** Text that Markdown and HTML leave alone, in a table cell. */
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

/** For a job's step summary: what counts as one table, the rest in a sentence each. */
class MarkdownReport implements Reporter {
  readonly #write: (text: string) => void;
  readonly #rows: string[] = [];
  readonly #troubles: string[] = [];
  readonly #answers = new Answers(ROWS);
  #moreTroubles = 0;
  readonly #overview = new Overview();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  event(event: ScanEvent): void {
    dispatch(this.#on, event);
  }

  readonly #on: Handlers = {
    run: (event) => {
      this.#overview.run = event;
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => {
      this.#overview.tally.add(event);
      if (event.counts && this.#rows.length < ROWS) this.#rows.push(findingRow(event));
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
    const heading = counting > 0 ? 'secrets found' : incomplete ? 'incomplete' : 'nothing that counts';
    this.#write(`## dumpsieve: ${heading}\n\n${markdownText(this.#overview.sentence())}\n\n`);
    if (incomplete) this.#write(`**${markdownText(incomplete)}**\n\n`);
    this.#askedFor();
    this.#table();
    this.#others();
    this.#list();
  }

  #artifact(event: ArtifactReport): void {
    const { path, coverage, warnings } = event;
    this.#overview.artifact(event);
    this.#answers.artifact(event);
    for (const { offset, length, reason } of coverage.file.unread)
      this.#trouble(
        `${path}: not read from offset ${offset}, ${length === null ? 'to an unknown end' : plural(length, 'byte')}: ${reason}`,
      );
    for (const { code, message } of warnings) this.#trouble(`${path}: ${message} [${code}]`);
    for (const { search, reason } of coverage.limits) this.#trouble(`${path}: search ${search}: ${reason}`);
  }

  #trouble(text: string): void {
    if (this.#troubles.length < TROUBLES) this.#troubles.push(`- ${markdownText(text)}`);
    else this.#moreTroubles++;
  }

  #askedFor(): void {
    const all = this.#answers.list();
    if (all.length === 0) return;
    const lines = all.map(({ name, text }) => `- **${markdownText(name)}**: ${markdownText(text)}`);
    this.#write(`### Asked for\n\n${lines.join('\n')}\n`);
    if (this.#answers.more > 0) this.#write(`- and ${plural(this.#answers.more, 'further answer')}\n`);
    this.#write('\n');
  }

  #table(): void {
    if (this.#rows.length === 0) return;
    this.#write('| Severity | What | Confidence | File | Place | Rotate |\n|---|---|---|---|---|---|\n');
    this.#write(`${this.#rows.join('\n')}\n\n`);
    const more = this.#overview.tally.counting - this.#rows.length;
    if (more > 0) this.#write(`and ${plural(more, 'further finding')} that count.\n\n`);
  }

  #others(): void {
    const reasons = Object.entries(this.#overview.tally.notCounted) as [NotCounted, number][];
    if (reasons.length === 0) return;
    const list = reasons.map(([reason, count]) => `${grouped(count)} ${reason}`).join(', ');
    this.#write(`Found, not counted: ${markdownText(list)}.\n\n`);
  }

  #list(): void {
    if (this.#troubles.length === 0) return;
    this.#write(`### Warnings\n\n${this.#troubles.join('\n')}\n`);
    if (this.#moreTroubles > 0) this.#write(`- and ${grouped(this.#moreTroubles)} more\n`);
  }
}

export const markdown: ReporterFactory = (write) => new MarkdownReport(write);

import type {
  ArtifactReport,
  Finding,
  FindReport,
  RunFacts,
  Summary,
  Verdict,
} from '../core/model/report.js';
import { Tally } from '../core/model/tally.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { bodyOf } from './layout.js';
import type { ReporterFactory } from './types.js';

/** Characters that are buffered so that verdict and completeness can be written before the artifacts. */
const MOST_BUFFERED = 4 * 2 ** 20;

/** Sections in the order of the events. */
const SECTIONS = ['artifacts', 'findings', 'find'] as const;
type Section = (typeof SECTIONS)[number];

/** Facts of a scan that ended without its summary. */
function abortedSummary(bytesScanned: number, tally: Tally): Partial<Summary> {
  const verdict: Verdict = tally.counting > 0 ? 'findings' : 'incomplete';
  const { bySeverity, notCounted } = tally;
  return { verdict, complete: false, bytesScanned, bySeverity, notCounted };
}

/**
 * One document, valid however the scan ends. Up to 4 MiB are buffered and written in the documented order. A
 * longer report is streamed in bounded memory, with `verdict` and `complete` after the findings: the order of
 * members has no meaning (RFC 8259, section 4).
 */
class JsonReport extends EventReporter {
  #run: Partial<RunFacts> = { schemaVersion: 1 };
  #section: Section = 'artifacts';
  #empty = true;
  /** Undefined while the report is streamed. */
  #buffered: string[] | undefined = [];
  #bufferedLength = 0;
  #summary: Summary | undefined;
  readonly #tally = new Tally();
  #bytes = 0;

  protected readonly on: Handlers = {
    run: (event) => {
      this.#run = bodyOf(event);
    },
    artifact: (event) => {
      if (this.#section !== 'artifacts') throw new RangeError('an artifact event came after a finding');
      const body: ArtifactReport = bodyOf(event);
      this.#bytes += body.coverage.file.bytes;
      this.#item(body);
    },
    finding: (event) => {
      const body: Finding = bodyOf(event);
      this.#tally.add(body);
      this.#enter('findings');
      this.#item(body);
    },
    find: (event) => {
      const body: FindReport = bodyOf(event);
      this.#enter('find');
      this.#item(body);
    },
    summary: (event) => {
      this.#summary = bodyOf(event);
    },
  };

  end(): void {
    this.#enter('find');
    this.#body(`${this.#empty ? '' : '\n  '}]`);
    const { verdict, complete, ...summary } = this.#summary ?? abortedSummary(this.#bytes, this.#tally);
    const outcome = { verdict, complete };
    if (this.#buffered) {
      this.write(this.#head({ ...this.#run, ...outcome }));
      this.#flush();
      this.write(`,\n${member('summary', summary)}\n}\n`);
    } else this.write(`,\n${members(outcome)},\n${member('summary', summary)}\n}\n`);
  }

  #enter(section: Section): void {
    const last = SECTIONS.indexOf(section);
    for (const next of SECTIONS.slice(SECTIONS.indexOf(this.#section) + 1, last + 1)) {
      this.#body(`${this.#empty ? '' : '\n  '}],\n  "${next}": [`);
      this.#section = next;
      this.#empty = true;
    }
  }

  #item(body: ArtifactReport | Finding | FindReport): void {
    this.#body(`${this.#empty ? '' : ','}\n    ${JSON.stringify(body)}`);
    this.#empty = false;
  }

  #body(text: string): void {
    if (!this.#buffered) {
      this.write(text);
      return;
    }
    this.#buffered.push(text);
    this.#bufferedLength += text.length;
    if (this.#bufferedLength < MOST_BUFFERED) return;
    this.write(this.#head(this.#run));
    this.#flush();
    this.#buffered = undefined;
  }

  #head(facts: object): string {
    return `{\n${members(facts)},\n  "artifacts": [`;
  }

  #flush(): void {
    for (const text of this.#buffered ?? []) this.write(text);
  }
}

const member = (name: string, value: unknown): string =>
  `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
const members = (facts: object): string =>
  Object.entries(facts)
    .map(([name, value]) => member(name, value))
    .join(',\n');

export const json: ReporterFactory = (write) => new JsonReport(write);

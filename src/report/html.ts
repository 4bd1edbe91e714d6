import type { ArtifactReport, Finding, FindReport } from '../core/model/report.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { FindingColumns } from './html/columns.js';
import { commandLineOf } from './html/command-line.js';
import { HtmlDocument } from './html/document.js';
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

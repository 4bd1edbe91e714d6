import type { ArtifactReport, Finding } from '../core/model/report.js';
import { ArtifactList } from './artifact-list.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { byArtifact } from './holding-files.js';
import { limitText } from './limits.js';
import { shortId } from './short-id.js';
import { plural, unreadText } from './text.js';
import type { ReporterFactory } from './types.js';

/** The first line. What begins like it is a comment. */
const HEAD = '# dumpsieve lines: FILE:LINE:COLUMN: SEVERITY: MESSAGE\n';

type Level = 'error' | 'warning';

/** What is about no file. */
const RUN = 'dumpsieve';

/**
 * A line for each finding that fails the gate and artifact that holds it, in the form of a compiler, for
 * problem matchers of editors and of GitHub (.github/dumpsieve-matcher.json). What was not read is a warning.
 */
class LinesReport extends EventReporter {
  readonly #artifacts = new ArtifactList();
  #isEnded = false;
  /** Findings that do not fail the gate. */
  #others = 0;

  constructor(write: (text: string) => void) {
    super(write);
    this.write(HEAD);
  }

  protected readonly on: Handlers = {
    run() {},
    artifact: (event) => this.#artifact(event),
    finding: (event) => this.#finding(event),
    find() {},
    summary: ({ warnings, complete }) => {
      this.#isEnded = true;
      if (!complete) this.#line(RUN, 'warning', 'not everything was read and searched');
      for (const { code, message } of warnings) this.#line(RUN, 'warning', `${message} (${code})`);
    },
  };

  end(): void {
    if (this.#others > 0)
      this.write(`# ${plural(this.#others, 'finding')} more, which do not fail the gate\n`);
    if (!this.#isEnded)
      this.#line(RUN, 'warning', 'the run was aborted: not everything was read and searched');
  }

  #artifact(event: ArtifactReport): void {
    this.#artifacts.add(event);
    const { path, sha256, coverage, verdict } = event;
    if (sha256 !== undefined) this.write(`# SHA-256 ${sha256} ${path}\n`);
    for (const { offset, length, reason } of coverage.file.unread)
      this.#line(path, 'warning', `${unreadText(length)} not read at 0x${offset.toString(16)}: ${reason}`);
    for (const limit of coverage.limits)
      if (verdict === 'incomplete') this.#line(path, 'warning', limitText(limit));
      else if (limit.accepted) this.write(`# ${limitText(limit)}: ${path}\n`);
  }

  #finding({ counts, title, fingerprint, occurrences }: Finding): void {
    if (!counts) {
      this.#others++;
      return;
    }
    const id = fingerprint === null ? 'no id' : shortId(fingerprint);
    for (const [artifact, [place]] of byArtifact(occurrences))
      this.#line(
        this.#artifacts.pathOf(artifact),
        'error',
        `${title} at 0x${place!.offset.toString(16)} (${id})`,
      );
  }

  #line(file: string, level: Level, message: string): void {
    this.write(`${file}:1:1: ${level}: ${message}\n`);
  }
}

export const lines: ReporterFactory = (write) => new LinesReport(write);

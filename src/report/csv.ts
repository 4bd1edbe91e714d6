import type {
  ArtifactReport,
  Finding,
  FindReport,
  FindStatus,
  Occurrence,
  Summary,
} from '../core/model/report.js';
import { answerOf, namesOf } from './answers.js';
import { ArtifactList, type KnownArtifact } from './artifact-list.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { byArtifact } from './holding-files.js';
import { formText, placeText } from './places.js';
import type { ReporterFactory } from './types.js';

/** The columns, in order (docs/report.md). */
const COLUMNS = [
  'file',
  'answer',
  'kind',
  'severity',
  'confidence',
  'what',
  'identity',
  'place',
  'places',
  'coverage',
  'sha256',
] as const;
type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/**
 * Beginnings that a spreadsheet takes for a formula (OWASP, CSV injection), full-width forms included. The
 * apostrophe makes the cell a text.
 */
const FORMULA = /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r]/;

/** Every cell in quotes (RFC 4180, section 2): what a semicolon follows begins no cell of its own. */
function cell(text: string): string {
  const defused = FORMULA.test(text) ? `'${text}` : text;
  return `"${defused.replaceAll('"', '""')}"`;
}

const ANSWERS: Readonly<Record<FindStatus, string>> = {
  present: 'PRESENT',
  'public-only': 'public half only',
  absent: 'absent',
};

const coverageText = ({ read, size, gaps }: Pick<KnownArtifact, 'read' | 'size' | 'gaps'>): string =>
  [`${read} of ${size} bytes`, gaps].filter(Boolean).join('; ');

/** Empty for an artifact without an event, in a report that was cut. */
function factsOf(artifact: KnownArtifact | undefined): { coverage: string; sha256: string } {
  if (artifact === undefined) return { coverage: '', sha256: '' };
  return { coverage: coverageText(artifact), sha256: artifact.sha256 ?? '' };
}

function placeCell(place: Occurrence | undefined): string {
  if (place === undefined) return '';
  const form = formText(place);
  return `${placeText(place)}${form === '' ? '' : ` (${form})`}`;
}

/**
 * A row for each finding and artifact that holds it, for each target of --find and file, for each other
 * artifact, and for each warning of the run. Lines end with a line feed.
 */
class CsvReport extends EventReporter {
  readonly #artifacts = new ArtifactList();
  /** What the row of an artifact without a finding says. */
  readonly #answers: string[] = [];
  readonly #holding = new Set<number>();
  /** SHA-256 of each artifact that has one, by path. */
  readonly #digests = new Map<string, string>();
  #isEnded = false;

  constructor(write: (text: string) => void) {
    super(write);
    this.write(`${COLUMNS.map(cell).join(',')}\n`);
  }

  protected readonly on: Handlers = {
    run() {},
    artifact: (event) => this.#artifact(event),
    finding: (event) => this.#finding(event),
    find: (event) => this.#find(event),
    summary: (event) => this.#summary(event),
  };

  end(): void {
    for (const [index, artifact] of [...this.#artifacts].entries())
      if (!this.#holding.has(index)) {
        const { coverage, sha256 } = factsOf(artifact);
        this.#row({ file: artifact.path, answer: this.#answers[index]!, coverage, sha256 });
      }
    if (!this.#isEnded) this.#row({ answer: 'incomplete', what: 'the run was aborted' });
  }

  #artifact(event: ArtifactReport): void {
    const { path, sha256 } = this.#artifacts.add(event);
    if (sha256 !== undefined) this.#digests.set(path, sha256);
    // A finding beyond a cap has no row: the verdict of its artifact says that there is one.
    const answers = {
      findings: 'fails the gate',
      incomplete: 'incomplete',
      'nothing-found': 'nothing found',
    };
    this.#answers.push(answers[event.verdict] ?? event.verdict);
  }

  #finding(event: Finding): void {
    const { counts, reason, kind, severity, confidence, title, fingerprint, occurrences } = event;
    for (const [index, places] of byArtifact(occurrences)) {
      this.#holding.add(index);
      const { coverage, sha256 } = factsOf(this.#artifacts.at(index));
      // No field is given twice: V8 would make a hidden class for each row, which lives until the next full
      // collection.
      this.#row({
        file: this.#artifacts.pathOf(index),
        answer: counts ? 'fails the gate' : `does not fail: ${reason ?? 'no reason given'}`,
        kind,
        severity,
        confidence,
        what: title,
        identity: fingerprint ?? '',
        place: placeCell(places[0]),
        places: `${places.length}`,
        coverage,
        sha256,
      });
    }
  }

  #find(event: FindReport): void {
    const { spkiSha256, sshFingerprint } = event;
    const { holding, absent } = answerOf(event, this.#artifacts);
    const target = { kind: 'target', what: namesOf(event), identity: spkiSha256 ?? sshFingerprint ?? '' };
    for (const { artifact: index, status, complete, occurrences = [], occurrenceCount = 0 } of holding) {
      const { coverage, sha256 } = factsOf(this.#artifacts.at(index));
      this.#row({
        file: this.#artifacts.pathOf(index),
        answer: `${ANSWERS[status] ?? status}${complete ? '' : ', not everything was searched'}`,
        ...target,
        place: placeCell(occurrences[0]),
        places: `${occurrenceCount}`,
        coverage,
        sha256,
      });
    }
    for (const { path, complete, ...searched } of absent)
      this.#row({
        file: path,
        answer: complete ? ANSWERS.absent : `${ANSWERS.absent}, not everything was searched`,
        ...target,
        places: '0',
        coverage: coverageText(searched),
        sha256: this.#digests.get(path) ?? '',
      });
  }

  #summary({ complete, warnings }: Summary): void {
    this.#isEnded = true;
    for (const { code, message } of warnings)
      this.#row({ answer: complete ? 'warning' : 'incomplete', kind: code, what: message });
  }

  #row(row: Row): void {
    this.write(`${COLUMNS.map((name) => cell(row[name] ?? '')).join(',')}\n`);
  }
}

export const csv: ReporterFactory = (write) => new CsvReport(write);

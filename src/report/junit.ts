import type {
  ArtifactReport,
  Finding,
  FindReport,
  Occurrence,
  RunFacts,
  ScanEvent,
  Summary,
} from '../model/report.js';
import { answers, type Searched, searched } from './answers.js';
import { dispatch, type Handlers } from './dispatch.js';
import { placeText } from './places.js';
import { plural, shorten } from './text.js';
import type { Reporter, ReporterFactory } from './types.js';

/** Findings that become test cases; an XML report is read whole by every consumer. */
const CASES = 25_000;
/** Characters of one message. */
const LONGEST = 1_000;

/** XML 1.0, 2.2: characters that no XML document may hold; escaping has made the controls visible already. */
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function xml(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

interface Suite {
  path: string;
  /** A finding that counts lies in it, also where no case says which: there are more places than a report lists. */
  counts?: boolean;
  cases: string[];
  failures: number;
  errors: number;
}

function failure({ title, ruleId, confidence, proof, impact, rotate }: Finding, first: Occurrence): string {
  const place = placeText(first);
  const text = [
    place,
    ...proof.map((statement) => `proof: ${statement}`),
    `impact: ${impact}`,
    `rotate: ${rotate}`,
  ].join('\n');
  return `<testcase classname="${xml(ruleId)}" name="${xml(`${title} at ${place}`)}"><failure type="${xml(ruleId)}" message="${xml(`${title}, confidence ${confidence}`)}">${xml(text)}</failure></testcase>`;
}

const passed = (name: string): string => `<testcase classname="dumpsieve" name="${xml(name)}"/>`;
const error = (name: string, message: string): string =>
  `<testcase classname="dumpsieve" name="${xml(name)}"><error type="incomplete" message="${xml(message)}"/></testcase>`;

/** By artifact, the first place of a finding in it. */
function firstPlaces({ occurrences }: Finding): Map<number, Occurrence> {
  const first = new Map<number, Occurrence>();
  for (const each of occurrences) if (!first.has(each.artifact)) first.set(each.artifact, each);
  return first;
}

/** With what the run says of it: a path that is missing is no artifact, and stands in no other suite. */
const notWhole = ({ warnings }: Summary): string =>
  shorten(['not everything was read', ...warnings.map(({ message }) => message)].join('; '), LONGEST);

const unnamed = `<testcase classname="dumpsieve" name="a finding that counts"><failure type="unlisted" message="a secret that counts lies here, too: its places are more than are listed"/></testcase>`;

/** Why an artifact whose bytes were all read is incomplete. */
function incomplete({ coverage, warnings }: ArtifactReport): string {
  const lacking = coverage.memory?.missing.length ?? 0;
  const reasons = [
    ...warnings.map(({ message }) => message),
    ...(lacking > 0 ? [`${plural(lacking, 'range')} of memory missing`] : []),
    ...coverage.limits.map(({ search, reason }) => `search ${search}: ${reason}`),
  ];
  return shorten(reasons.join('; '), LONGEST);
}

/**
 * JUnit XML as Jenkins and GitLab read it: a suite an artifact, a failure in each suite for each finding that counts and
 * lies in it, an error where bytes were not read. What does not count is no failure and is left out. Held until the end: counts stand before cases.
 */
class JunitReport implements Reporter {
  readonly #write: (text: string) => void;
  readonly #suites: Suite[] = [];
  readonly #searched: Searched[] = [];
  readonly #asked: Suite = { path: 'asked for', cases: [], failures: 0, errors: 0 };
  #run: RunFacts | undefined;
  #summary: Summary | undefined;
  #cases = 0;
  #left = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  event(event: ScanEvent): void {
    dispatch(this.#on, event);
  }

  readonly #on: Handlers = {
    run: (event) => {
      this.#run = event;
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => this.#finding(event),
    find: (event) => this.#find(event),
    summary: (event) => {
      this.#summary = event;
    },
  };

  end(): void {
    if (this.#asked.cases.length > 0) this.#suites.push(this.#asked);
    this.#whole();
    for (const suite of this.#suites) {
      if (suite.counts && suite.failures === 0) {
        suite.cases.push(unnamed);
        suite.failures++;
      }
      if (suite.cases.length === 0) suite.cases.push(passed('nothing that counts found'));
    }
    const total = (of: (suite: Suite) => number) => this.#suites.reduce((sum, suite) => sum + of(suite), 0);
    const time = (this.#summary?.seconds ?? 0).toFixed(3);
    const counts = `tests="${total((s) => s.cases.length)}" failures="${total((s) => s.failures)}" errors="${total((s) => s.errors)}"`;
    this.#write(
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="dumpsieve" ${counts} time="${time}">\n`,
    );
    for (const suite of this.#suites) this.#suite(suite);
    this.#write('</testsuites>\n');
  }

  #artifact(event: ArtifactReport): void {
    const { path, coverage, verdict } = event;
    const suite: Suite = { path, counts: verdict === 'findings', cases: [], failures: 0, errors: 0 };
    for (const { offset, length, reason } of coverage.file.unread) {
      const what = length === null ? 'bytes to an unknown end' : plural(length, 'byte');
      suite.cases.push(error(`read from offset ${offset}`, `${what}: ${reason}`));
      suite.errors++;
    }
    // Also for another reason than bytes that were not read: memory that is missing or a budget that was spent, under --strict.
    if (verdict === 'incomplete' && suite.errors === 0) {
      suite.cases.push(error('read and searched to the end', incomplete(event)));
      suite.errors++;
    }
    this.#suites.push(suite);
    this.#searched.push(searched(event));
  }

  #find(event: FindReport): void {
    if (this.#cases >= CASES) return;
    this.#cases++;
    const { status, sentences } = answers(event, this.#searched);
    const message = `${event.name}: ${sentences.join('; ')}`;
    if (status !== 'present') {
      this.#asked.cases.push(passed(message));
      return;
    }
    this.#asked.failures++;
    this.#asked.cases.push(
      `<testcase classname="find" name="${xml(event.name)}"><failure type="present" message="${xml(message)}"/></testcase>`,
    );
  }

  #finding(finding: Finding): void {
    if (!finding.counts) return;
    for (const [artifact, place] of firstPlaces(finding)) {
      const suite = this.#suites[artifact];
      if (suite === undefined || this.#cases >= CASES) {
        this.#left++;
        continue;
      }
      suite.cases.push(failure(finding, place));
      suite.failures++;
      this.#cases++;
    }
  }

  /** A suite of the run itself: aborted, incomplete for a reason outside any artifact, or cut short here. */
  #whole(): void {
    const complaints = [
      ...(this.#summary ? [] : ['the run was aborted']),
      ...(this.#summary?.complete === false ? [notWhole(this.#summary)] : []),
      ...(this.#left > 0 ? [`${plural(this.#left, 'further failure')} not listed`] : []),
    ];
    const cases = complaints.map((complaint) => error('the whole run', complaint));
    this.#suites.push({
      path: 'run',
      cases: cases.length > 0 ? cases : [passed('the whole run')],
      failures: 0,
      errors: cases.length,
    });
  }

  #suite({ path, cases, failures, errors }: Suite): void {
    const stamp = this.#run ? ` timestamp="${this.#run.startedAt.slice(0, 19)}"` : '';
    this.#write(
      `<testsuite name="${xml(path)}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0" time="0"${stamp}>\n`,
    );
    for (const each of cases) this.#write(`${each}\n`);
    this.#write('</testsuite>\n');
  }
}

export const junit: ReporterFactory = (write) => new JunitReport(write);

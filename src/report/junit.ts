import { definedFields } from '../core/base/runtime/defined.js';
import type {
  ArtifactReport,
  Finding,
  FindReport,
  Occurrence,
  RunFacts,
  Summary,
} from '../core/model/report.js';
import { answerOf, namesOf, sentences } from './answers.js';
import { ArtifactList } from './artifact-list.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { byArtifact } from './holding-files.js';
import { limitText } from './limits.js';
import { placeText } from './places.js';
import { shortId } from './short-id.js';
import { plural, shorten, unreadText } from './text.js';
import type { ReporterFactory } from './types.js';

/** Cap on test cases: consumers read an XML report into memory. */
const CASES = 25_000;
/** Files named in the answer of one case. */
const SENTENCES = 20;
/** Characters of one message. */
const LONGEST = 1_000;

/** XML 1.0, 2.2: characters not allowed in a document. Control characters were escaped before. */
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function xml(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** An element with content that is XML already. */
function element(name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml(value)}"`);
  const start = `<${name}${pairs.join('')}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

const testCase = (classname: string, name: string, content = ''): Buffer =>
  Buffer.from(element('testcase', { classname, name }, content));

interface Suite {
  path: string;
  sha256?: string;
  /** Names of the limits that --accept-limits took the exit status of. */
  accepted: string[];
  /** A finding that counts lies in it. There may be no case for it, beyond a cap. */
  counts?: boolean;
  /** As bytes: strings put together from parts take three times as much. */
  cases: Buffer[];
  failures: number;
  errors: number;
  /** Failures without a fingerprint. */
  nameless?: number;
}

/** `id`: tells the finding from others with its title, the same in each run. */
function failure(finding: Finding, first: Occurrence, id: string): Buffer {
  const { title, ruleId, confidence, proof, impact, rotate } = finding;
  const place = placeText(first);
  const text = [
    place,
    ...proof.map((statement) => `proof: ${statement}`),
    `impact: ${impact}`,
    `rotate: ${rotate}`,
  ].join('\n');
  const type = { type: ruleId, message: `${title}, confidence ${confidence}` };
  return testCase(ruleId, `${title} (${id})`, element('failure', type, xml(text)));
}

const passed = (name: string): Buffer => testCase('dumpsieve', name);
const answered = (name: string, answer: string): Buffer =>
  testCase('find', name, element('system-out', {}, xml(answer)));
const error = (name: string, message: string): Buffer =>
  testCase('dumpsieve', name, element('error', { type: 'incomplete', message }));

/** With the warnings of the scan: a missing path is no artifact and has no suite. */
const incompleteScan = ({ warnings }: Summary): string =>
  shorten(
    ['not everything was read and searched', ...warnings.map(({ message }) => message)].join('; '),
    LONGEST,
  );

const UNLISTED = testCase(
  'dumpsieve',
  'a finding that fails the gate',
  element('failure', {
    type: 'unlisted',
    message: 'a finding that fails the gate lies here too, beyond what this report lists',
  }),
);

/** Why an artifact is incomplete although all of its bytes were read. */
function incomplete({ coverage, warnings }: ArtifactReport): string {
  const lacking = coverage.memory?.missing.length ?? 0;
  const reasons = [
    ...warnings.map(({ message }) => message),
    ...(lacking > 0 ? [`${plural(lacking, 'range')} of memory missing`] : []),
    ...coverage.limits.map(limitText),
  ];
  return shorten(reasons.join('; '), LONGEST);
}

/**
 * JUnit XML for Jenkins and GitLab: a suite for each artifact, a failure for each finding in it that counts,
 * an error for each range that was not read. Findings that do not count are left out. Buffered until the end,
 * because the totals precede the cases.
 */
class JunitReport extends EventReporter {
  readonly #suites: Suite[] = [];
  readonly #artifacts = new ArtifactList();
  readonly #targets: Suite = { path: '--find', accepted: [], cases: [], failures: 0, errors: 0 };
  #run: RunFacts | undefined;
  #summary: Summary | undefined;
  #cases = 0;
  #unlisted = 0;

  protected readonly on: Handlers = {
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
    if (this.#targets.cases.length > 0) this.#suites.push(this.#targets);
    this.#scanSuite();
    for (const suite of this.#suites) {
      if (suite.counts && suite.failures === 0) {
        suite.cases.push(UNLISTED);
        suite.failures++;
      }
      if (suite.cases.length === 0) suite.cases.push(passed('no finding fails the gate'));
    }
    const total = (of: (suite: Suite) => number) => this.#suites.reduce((sum, suite) => sum + of(suite), 0);
    const time = (this.#summary?.seconds ?? 0).toFixed(3);
    const tests = total(({ cases }) => cases.length);
    const failures = total((suite) => suite.failures);
    const errors = total((suite) => suite.errors);
    const counts = `tests="${tests}" failures="${failures}" errors="${errors}"`;
    this.write(
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="dumpsieve" ${counts} time="${time}">\n`,
    );
    for (const suite of this.#suites) this.#suite(suite);
    this.write('</testsuites>\n');
  }

  #artifact(event: ArtifactReport): void {
    const { path, coverage, verdict, sha256 } = event;
    const counts = verdict === 'findings';
    const digest = definedFields({ sha256 });
    const names = coverage.limits.filter((limit) => limit.accepted).map(({ search }) => search);
    const accepted = [...new Set(names)];
    const suite: Suite = { path, ...digest, accepted, counts, cases: [], failures: 0, errors: 0 };
    for (const [i, { offset, length, reason }] of coverage.file.unread.entries()) {
      const name = i === 0 ? 'every byte was read' : `every byte was read, range ${i + 1}`;
      suite.cases.push(error(name, `${unreadText(length)} from offset ${offset}: ${reason}`));
      suite.errors++;
    }
    // Also for limits, and under --strict for missing memory.
    if (verdict === 'incomplete' && suite.errors === 0) {
      suite.cases.push(error('read and searched to the end', incomplete(event)));
      suite.errors++;
    }
    this.#suites.push(suite);
    this.#artifacts.add(event);
  }

  /** A failure for each artifact with a target that is present, else one case for the target. */
  #find(event: FindReport): void {
    const name = namesOf(event);
    const answer = answerOf(event, this.#artifacts);
    if (answer.status !== 'present') {
      const message = sentences(answer, this.#artifacts, SENTENCES).join('; ');
      if (this.#cases < CASES) this.#targets.cases.push(answered(name, message));
      this.#cases++;
      return;
    }
    for (const result of answer.holding.filter(({ status }) => status === 'present')) {
      const [message] = sentences({ ...answer, holding: [result], absent: [] }, this.#artifacts, 1);
      const path = this.#artifacts.pathOf(result.artifact);
      const failed = element('failure', { type: 'present', message: `${name}: ${message}` });
      if (this.#cases >= CASES) this.#unlisted++;
      else {
        this.#targets.failures++;
        this.#targets.cases.push(testCase('find', `${name} in ${path}`, failed));
      }
      this.#cases++;
    }
  }

  #finding(finding: Finding): void {
    if (!finding.counts) return;
    for (const [artifact, [place]] of byArtifact(finding.occurrences)) {
      const suite = this.#suites[artifact];
      if (suite !== undefined) suite.counts = true;
      if (suite === undefined || this.#cases >= CASES) {
        this.#unlisted++;
        continue;
      }
      const { fingerprint } = finding;
      if (fingerprint === null) suite.nameless = (suite.nameless ?? 0) + 1;
      const id = fingerprint === null ? `no id, ${suite.nameless}` : shortId(fingerprint);
      suite.cases.push(failure(finding, place!, id));
      suite.failures++;
      this.#cases++;
    }
  }

  /** A suite for the scan: aborted, incomplete for a reason outside any artifact, or beyond a cap. */
  #scanSuite(): void {
    const complaints = [
      ...(this.#summary ? [] : ['the run was aborted']),
      ...(this.#summary?.complete === false ? [incompleteScan(this.#summary)] : []),
      ...(this.#unlisted > 0 ? [`${plural(this.#unlisted, 'further failure')} not listed`] : []),
    ];
    const cases = complaints.map((complaint) => error('the whole run', complaint));
    this.#suites.push({
      path: 'run',
      accepted: [],
      cases: cases.length > 0 ? cases : [passed('the whole run')],
      failures: 0,
      errors: cases.length,
    });
  }

  #suite({ path, sha256, accepted, cases, failures, errors }: Suite): void {
    const stamp = this.#run ? ` timestamp="${this.#run.startedAt.slice(0, 19)}"` : '';
    const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0"`;
    this.write(`<testsuite name="${xml(path)}" ${counts} time="0"${stamp}>\n`);
    const properties = [
      ...(sha256 === undefined ? [] : [{ name: 'sha256', value: sha256 }]),
      ...accepted.map((value) => ({ name: 'accepted-limit', value })),
    ].map((property) => element('property', property));
    if (properties.length > 0) this.write(`${element('properties', {}, properties.join(''))}\n`);
    for (const each of cases) this.write(`${each.toString()}\n`);
    this.write('</testsuite>\n');
  }
}

export const junit: ReporterFactory = (write) => new JunitReport(write);

import { posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { definedFields } from '../core/base/runtime/defined.js';
import type { Notice } from '../core/base/runtime/errors.js';
import { nameBytes } from '../core/base/text/escape.js';
import type { ArtifactReport, Finding, Occurrence, RunFacts, Summary } from '../core/model/report.js';
import { Tally } from '../core/model/tally.js';
import { answerOf, namesOf, sentences } from './answers.js';
import { ArtifactList } from './artifact-list.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { artifactsOf, byArtifact, HoldingFiles } from './holding-files.js';
import { bodyOf } from './layout.js';
import { limitText } from './limits.js';
import type { Origin } from './origin.js';
import { messageOf, resultOf, ruleOf, type SarifRule } from './sarif-result.js';
import { countsByReason, plural, unreadText } from './text.js';
import type { ReporterFactory } from './types.js';

/** Limits of GitHub: locations shown of one result, and results of one run. */
const LOCATIONS = 100;
const RESULTS = 25_000;
/**
 * Cap on the locations of all results beyond the first of each: GitHub accepts 10 MB gzipped, and a distinct
 * address takes 50 bytes of that.
 */
const FURTHER_LOCATIONS = 50_000;
/** Files named in the text of an answer; its locations name all. */
const SENTENCES = 20;
/** Cap on notifications. */
const NOTIFICATIONS = 1_000;

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

interface Notification {
  level: 'warning' | 'error' | 'note';
  descriptor: { id: string };
  message: { text: string };
  locations?: readonly object[];
}

function notification(
  level: Notification['level'],
  id: string,
  text: string,
  uri?: string,
  offset?: number,
): Notification {
  const region = offset === undefined ? undefined : { startLine: 1, byteOffset: offset };
  const place = uri === undefined ? undefined : definedFields({ artifactLocation: { uri }, region });
  const locations = place && [{ physicalLocation: place }];
  return definedFields({ level, descriptor: { id }, message: messageOf(text), locations });
}

function withFiles(each: Notification, uris: readonly string[]): Notification {
  if (uris.length === 0) return each;
  return { ...each, locations: uris.map((uri) => ({ physicalLocation: { artifactLocation: { uri } } })) };
}

const noticeText = ({ message, hint }: Notice): string =>
  hint === undefined ? message : `${message} (${hint})`;

/**
 * SARIF 2.1.0 (OASIS). Results are streamed; rules, URIs of artifacts and notifications are kept until the
 * end. Only findings that count are results: GitHub ignores `suppressions`, and would show each published key
 * as an open alert.
 */
class SarifReport extends EventReporter {
  readonly #uris: string[] = [];
  readonly #artifacts = new ArtifactList();
  readonly #holding = new HoldingFiles();
  readonly #rules = new Map<string, SarifRule>();
  readonly #notifications: Notification[] = [];
  #run: RunFacts | undefined;
  readonly #tally = new Tally();
  #summary: Summary | undefined;
  #results = 0;
  #unlisted = 0;
  #further = FURTHER_LOCATIONS;

  constructor(write: (text: string) => void) {
    super(write);
    this.write(`{\n"$schema": "${SCHEMA}",\n"version": "2.1.0",\n"runs": [{\n"results": [`);
  }

  protected readonly on: Handlers = {
    run: (event) => {
      this.#run = bodyOf(event);
    },
    artifact: (event) => this.#artifact(event),
    finding: (event) => this.#finding(event),
    find: (event) => {
      const answer = answerOf(event, this.#artifacts);
      const { status, holding } = answer;
      const level = status === 'present' ? 'error' : 'note';
      const text = `${namesOf(event)}: ${sentences(answer, this.#artifacts, SENTENCES).join('; ')}.`;
      this.#notify(
        withFiles(notification(level, `find-${status}`, text), this.#urisOf(artifactsOf(holding))),
      );
    },
    summary: (event) => {
      this.#summary = bodyOf(event);
      for (const warning of event.warnings)
        this.#notify(notification('warning', warning.code, noticeText(warning)));
    },
  };

  end(): void {
    // Beyond the cap on notifications, because nothing else shows what the report leaves out.
    const others = countsByReason(this.#tally);
    if (others !== '')
      this.#notifications.push(
        notification('note', 'not-counted', `Found, and does not fail the gate: ${others}`),
      );
    if (this.#unlisted > 0) this.#notifications.push(this.#leftOut());
    const parts = {
      tool: { driver: this.#driver() },
      // A code host takes what precedes the last slash as the category of the analysis.
      automationDetails: { id: `dumpsieve/${this.#run?.startedAt ?? ''}` },
      invocations: [this.#invocation()],
      artifacts: [...this.#artifacts].map(({ sha256 }, i) => ({
        location: { uri: this.#uris[i] },
        ...(sha256 === undefined ? {} : { hashes: { 'sha-256': sha256 } }),
      })),
      columnKind: 'utf16CodeUnits',
    };
    const rest = Object.entries(parts).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
    this.write(`\n],\n${rest.join(',\n')}\n}]\n}\n`);
  }

  #artifact(event: ArtifactReport): void {
    const { coverage, warnings } = event;
    const uri = pathUri(this.#artifacts.add(event).origin);
    this.#uris.push(uri);
    for (const warning of warnings)
      this.#notify(notification('warning', warning.code, noticeText(warning), uri, warning.offset));
    for (const { offset, length, reason } of coverage.file.unread)
      this.#notify(notification('error', 'unread', `${unreadText(length)} not read: ${reason}`, uri, offset));
    for (const { address, length, reason } of coverage.memory?.missing ?? [])
      this.#notify(
        notification('warning', 'missing-memory', `${plural(length, 'byte')} at ${address}: ${reason}`, uri),
      );
    for (const limit of coverage.limits)
      this.#notify(
        notification(limit.accepted ? 'note' : 'warning', 'limit', limitText(limit), uri, limit.offset),
      );
  }

  #finding(finding: Finding): void {
    this.#tally.add(finding);
    if (!finding.counts) return;
    this.#holding.add(finding);
    if (!this.#rules.has(finding.ruleId)) this.#rules.set(finding.ruleId, ruleOf(finding));
    const files = byArtifact(finding.occurrences);
    for (const [artifact, places] of files) {
      if (this.#results >= RESULTS) this.#unlisted++;
      else this.#result(finding, artifact, places, files.size - 1);
    }
  }

  /** A result for each file: GitHub shows the first location of a result alone. */
  #result(finding: Finding, artifact: number, places: readonly Occurrence[], otherFiles: number): void {
    const shown = Math.min(LOCATIONS, places.length, 1 + this.#further);
    this.#further -= shown - 1;
    const { file } = this.#artifacts.at(artifact)?.origin ?? { file: finding.location.path };
    const path = this.#artifacts.at(artifact)?.path ?? file;
    const uri = this.#uris[artifact] ?? pathUri({ file, inside: [] });
    const result = resultOf(finding, { path, uri, places: places.slice(0, shown), otherFiles });
    this.write(`${this.#results++ === 0 ? '' : ','}\n${JSON.stringify(result)}`);
    this.#holding.name(artifact);
  }

  /** Names every file that holds a finding that counts and has no result. */
  #leftOut(): Notification {
    const files = this.#holding.unnamed().map(([artifact]) => artifact);
    const also = files.length > 0 ? `, in ${plural(files.length, 'further file')}` : '';
    const text = `${plural(this.#unlisted, 'further result')}${also}: see --format ndjson`;
    return withFiles(notification('warning', 'results-left-out', text), this.#urisOf(files));
  }

  #urisOf(artifacts: Iterable<number>): string[] {
    return [...artifacts].flatMap((artifact) => this.#uris[artifact] ?? []);
  }

  /** An error replaces another notification if the list is full: it is why the run is not successful. */
  #notify(each: Notification): void {
    if (this.#notifications.length < NOTIFICATIONS) this.#notifications.push(each);
    else if (each.level === 'error') {
      const at = this.#notifications.findIndex(({ level }) => level !== 'error');
      if (at >= 0) this.#notifications[at] = each;
    }
  }

  #driver(): object {
    return { name: 'dumpsieve', version: this.#run?.tool.version, rules: [...this.#rules.values()] };
  }

  #invocation(): object {
    const { startedAt } = this.#run ?? {};
    const { complete, seconds, exit } = this.#summary ?? {};
    const ended =
      startedAt && seconds !== undefined ? new Date(Date.parse(startedAt) + seconds * 1000) : undefined;
    return {
      executionSuccessful: complete === true,
      startTimeUtc: startedAt,
      endTimeUtc: ended?.toISOString(),
      exitCode: exit,
      exitCodeDescription: this.#summary ? undefined : 'aborted',
      toolExecutionNotifications: this.#notifications,
    };
  }
}

export const sarif: ReporterFactory = (write) => new SarifReport(write);

/**
 * Characters to be percent-encoded in a path (RFC 3986, section 3.3); also `!`, which leads into a container,
 * and `:`, which could end a scheme.
 */
const ENCODED = /[^\w.~/$&'()*+,;=@-]/g;

/** Standard input. GitHub rejects a report with a URI of another scheme than `file`. */
const STDIN = 'file:///dev/stdin';

/** `bytes`: one character a byte. */
const encode = (bytes: string): string =>
  bytes.replace(ENCODED, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
const bytesOf = (shown: string): string => Buffer.from(nameBytes(shown)).toString('latin1');

/**
 * The origin of an artifact as an RFC 3986 URI: relative to `base` (the checkout) if it is inside, else
 * `file://`. The bytes of its name are percent-encoded, so that any name leads back to its file. `!` leads
 * into a container; a `!` of a name is `%21`.
 */
export function pathUri({ file, inside }: Origin, base: string = process.cwd()): string {
  const within = inside.map(({ name }) => encode(bytesOf(name)).replaceAll('/', '%2F'));
  return [file === '-' ? STDIN : fileUri(file, base), ...within].join('!');
}

function fileUri(file: string, base: string): string {
  if (process.platform === 'win32') return windowsUri(file, base);
  const root = Buffer.from(base).toString('latin1');
  const whole = posix.resolve(root, bytesOf(file));
  const inside = posix.relative(root, whole);
  if (inside === '') return '.';
  return /^\.\.(?:\/|$)/.test(inside) ? `file://${encode(whole)}` : encode(inside);
}

function windowsUri(file: string, base: string): string {
  const whole = pathToFileURL(resolve(base, file)).href.replaceAll('!', '%21');
  const root = pathToFileURL(`${resolve(base)}/`).href;
  return whole.startsWith(root) ? whole.slice(root.length).replaceAll(':', '%3A') || '.' : whole;
}

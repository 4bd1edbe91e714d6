import { definedFields } from '../base/runtime/defined.js';
import type { Notice } from '../base/runtime/errors.js';
import type { ArtifactReport, Finding, RunFacts, Summary } from '../model/report.js';
import { Tally } from '../model/tally.js';
import { answerOf, type SearchedBytes, searchedBytes } from './answers.js';
import { EventReporter, type Handlers } from './event-reporter.js';
import { bodyOf } from './layout.js';
import { limitText } from './limits.js';
import { Origins } from './origin.js';
import { messageOf, resultOf, ruleOf, type SarifRule } from './sarif-result.js';
import { countsByReason, plural, unreadText } from './text.js';
import type { ReporterFactory } from './types.js';
import { pathUri } from './uri.js';

/** Limits of GitHub: locations shown of one result, and results of one run. */
const LOCATIONS = 100;
const RESULTS = 25_000;
/**
 * Cap on the locations of all results beyond the first of each: GitHub accepts 10 MB gzipped, and a distinct
 * address takes 50 bytes of that.
 */
const FURTHER_LOCATIONS = 50_000;
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

const noticeText = ({ message, hint }: Notice): string =>
  hint === undefined ? message : `${message} (${hint})`;

/**
 * SARIF 2.1.0 (OASIS). Results are streamed; rules, URIs of artifacts and notifications are kept until the
 * end. Only findings that count are results: GitHub ignores `suppressions`, and would show each published key
 * as an open alert.
 */
class SarifReport extends EventReporter {
  readonly #uris: string[] = [];
  readonly #origins = new Origins();
  readonly #rules = new Map<string, SarifRule>();
  readonly #notifications: Notification[] = [];
  readonly #searched: SearchedBytes[] = [];
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
      const { status, sentences } = answerOf(event, this.#searched);
      const level = status === 'present' ? 'error' : 'note';
      this.#notify(notification(level, `find-${status}`, `${event.name}: ${sentences.join('; ')}.`));
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
      this.#notifications.push(notification('note', 'not-counted', `Found, not counted: ${others}`));
    if (this.#unlisted > 0)
      this.#notifications.push(
        notification(
          'warning',
          'results-left-out',
          `${plural(this.#unlisted, 'further finding')}: see --format ndjson`,
        ),
      );
    const parts = {
      tool: { driver: this.#driver() },
      invocations: [this.#invocation()],
      artifacts: this.#uris.map((uri) => ({ location: { uri } })),
      columnKind: 'utf16CodeUnits',
    };
    const rest = Object.entries(parts).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
    this.write(`\n],\n${rest.join(',\n')}\n}]\n}\n`);
  }

  #artifact(event: ArtifactReport): void {
    const { coverage, warnings } = event;
    const uri = pathUri(this.#origins.next(event));
    this.#uris.push(uri);
    this.#searched.push(searchedBytes(event));
    for (const warning of warnings)
      this.#notify(notification('warning', warning.code, noticeText(warning), uri, warning.offset));
    for (const { offset, length, reason } of coverage.file.unread)
      this.#notify(notification('error', 'unread', `${unreadText(length)} not read: ${reason}`, uri, offset));
    for (const { address, length, reason } of coverage.memory?.missing ?? [])
      this.#notify(
        notification('warning', 'missing-memory', `${plural(length, 'byte')} at ${address}: ${reason}`, uri),
      );
    for (const limit of coverage.limits)
      this.#notify(notification('warning', 'limit', limitText(limit), uri, limit.offset));
  }

  #finding(finding: Finding): void {
    this.#tally.add(finding);
    if (!finding.counts) return;
    if (this.#results >= RESULTS) {
      this.#unlisted++;
      return;
    }
    if (!this.#rules.has(finding.ruleId)) this.#rules.set(finding.ruleId, ruleOf(finding));
    const { path } = finding.location;
    const uriOf = (artifact: number) => this.#uris[artifact] ?? pathUri({ file: path, inside: [] });
    const locations = Math.min(LOCATIONS, finding.occurrences.length, 1 + this.#further);
    this.#further -= Math.max(0, locations - 1);
    const result = resultOf(finding, locations, uriOf);
    this.write(`${this.#results++ === 0 ? '' : ','}\n${JSON.stringify(result)}`);
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

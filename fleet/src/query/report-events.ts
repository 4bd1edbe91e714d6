import { createHash } from 'node:crypto';
import { definedFields } from '../../../src/core/base/runtime/defined.js';
import { escapeText } from '../../../src/core/base/text/escape.js';
import type { ScanEvent } from '../../../src/index.js';
import { theHost } from '../host.js';
import type { FoundIn, ShownDump, TargetPresence } from '../model/answers.js';
import type { Place, TargetAnswer } from '../model/scan-result.js';
import type { QueryEnd, QueryEvent } from './query.js';

type EventOf<Type extends ScanEvent['type']> = Extract<ScanEvent, { type: Type }>;
type Finding = EventOf<'finding'>;
type Occurrence = Finding['occurrences'][number];
type FindResult = EventOf<'find'>['results'][number];

/** Texts that rules have: a store does not keep them. */
type RuleTexts = Pick<Finding, 'impact' | 'rotate' | 'signing'>;
const NO_TEXTS: RuleTexts = { impact: '', rotate: '', signing: false };

export interface ReportSetup {
  /** Version of dumpsieve. */
  version: string;
  /** Words of the command that asks, without the program's name. */
  command: readonly string[];
  /** ISO 8601. */
  startedAt: string;
}

/**
 * Answers as the events of a scan, for the reporters of dumpsieve: an artifact for each dump, or member of
 * one, that holds something, and the findings of one secret as one.
 */
export class ReportEvents {
  readonly #artifacts: EventOf<'artifact'>[] = [];
  /** Index of an artifact, by path. */
  readonly #indices = new Map<string, number>();
  readonly #findings = new Map<string, Finding>();
  readonly #targets: { event: EventOf<'find'>; isProvenAbsent: boolean }[] = [];
  #end: QueryEnd | undefined;

  add(event: QueryEvent): void {
    if (event.type === 'found') this.#found(event);
    else if (event.type === 'target') this.#target(event);
    else if (event.type === 'end') this.#end = event;
  }

  /** A question that was stopped has no summary. The rules of `run` are those whose texts are shown. */
  async *events({ version, command, startedAt }: ReportSetup): AsyncGenerator<ScanEvent> {
    const rules = await theHost().listRules();
    const texts = new Map<string, RuleTexts>(rules.map((rule) => [rule.id, rule]));
    const digest = createHash('sha256').update(rules.map(({ id, sha256 }) => `${id} ${sha256}`).join('\n'));
    const facts = { count: rules.length, sha256: digest.digest('hex') };
    const tool = { name: 'dumpsieve', version, rules: facts } as const;
    yield { type: 'run', schemaVersion: 1, tool, startedAt, options: { command: [...command] } };
    // Dumps without the target are not named one by one: the store stands for them.
    const whole = this.#end && this.#targets.some(({ event }) => event.results.length === 0);
    if (whole) this.#artifacts.push(storeArtifact(this.#end!));
    for (const each of this.#artifacts) yield escaped(each);
    for (const finding of this.#findings.values()) {
      const { impact, rotate, signing } = texts.get(finding.ruleId) ?? NO_TEXTS;
      yield escaped({ ...finding, impact, rotate, signing });
    }
    for (const { event, isProvenAbsent } of this.#targets) {
      const artifact = this.#artifacts.length - 1;
      const isNamed = event.results.length > 0 || !whole;
      const results = isNamed ? event.results : [resultOf(artifact, 'absent', isProvenAbsent, [])];
      yield escaped({ ...event, results });
    }
    if (this.#end !== undefined) yield this.#summary(this.#end);
  }

  #artifact(dump: ShownDump, member: string): number {
    const path = pathOf(dump, member);
    const known = this.#indices.get(path);
    if (known !== undefined) return known;
    this.#indices.set(path, this.#artifacts.length);
    return this.#artifacts.push(artifactOf(dump, path)) - 1;
  }

  #found({ dump, secret, finding }: FoundIn): Occurrence {
    const { counts, place, confidence, occurrences: places } = finding;
    const artifact = this.#artifact(dump, place.member);
    if (counts) this.#artifacts[artifact]!.verdict = 'findings';
    const occurrence = occurrenceOf(artifact, place);
    const id = secret.fingerprint ?? `without ${this.#findings.size}`;
    const known = this.#findings.get(id);
    if (known !== undefined) {
      known.occurrences.push(occurrence);
      known.occurrenceCount += places;
      if (counts) markCounting(known);
      return occurrence;
    }
    const { offset, length, address, region } = occurrence;
    const { fingerprint, kind, rule, title, severity, preview } = secret;
    this.#findings.set(id, {
      ...{ type: 'finding', ruleId: rule, alsoMatched: [], kind, title, severity, confidence, counts },
      ...(counts ? {} : { reason: 'policy' }),
      ...{ ...NO_TEXTS, proof: [], notes: [], fingerprint, preview },
      location: { path: pathOf(dump, place.member), offset, length, ...definedFields({ address }), region },
      ...{ occurrences: [occurrence], occurrenceCount: places },
      ...keyOf(secret),
    });
    return occurrence;
  }

  #target({ target, presence, isProvenAbsent, asked, found, answers }: TargetPresence): void {
    const results = new Map<number, FindResult>();
    for (const each of found) {
      const occurrence = this.#found(each);
      const { artifact } = occurrence;
      results.set(artifact, resultOf(artifact, 'present', each.dump.complete === true, [occurrence]));
    }
    for (const { dump, answer } of answers) {
      const artifact = this.#artifact(dump, answer.place?.member ?? '');
      if (answer.status === 'present') this.#artifacts[artifact]!.verdict = 'findings';
      results.set(artifact, answerOf(artifact, answer));
    }
    const { name, alsoNamed, askedBy, spki, ssh } = target;
    const event: EventOf<'find'> = {
      ...{ type: 'find', name: `${name} (${presenceText({ presence, isProvenAbsent, asked })})`, askedBy },
      ...definedFields({ alsoNamed, spkiSha256: spki, sshFingerprint: ssh }),
      results: [...results.values()].sort((a, b) => a.artifact - b.artifact),
    };
    this.#targets.push({ event, isProvenAbsent });
  }

  #summary({ exit, asked }: QueryEnd): ScanEvent {
    const { dumps, notScanned, incomplete } = asked;
    const complete = dumps > 0 && notScanned === 0 && incomplete === 0;
    const bySeverity: EventOf<'summary'>['bySeverity'] = {};
    let passing = 0;
    for (const { counts, severity } of this.#findings.values())
      if (counts) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
      else passing++;
    const message =
      dumps === 0
        ? 'no dump of the store was asked about'
        : `of ${dumps} dumps asked about ${notScanned} have no scan, and ${incomplete} no complete one`;
    return {
      ...{ type: 'summary', verdict: exit === 1 ? 'findings' : complete ? 'nothing-found' : 'incomplete' },
      ...{ complete, bytesScanned: this.#artifacts.reduce((sum, { size }) => sum + size, 0), seconds: 0 },
      ...{ artifacts: this.#artifacts.length, bySeverity, exit },
      notCounted: passing === 0 ? {} : { policy: passing },
      warnings: complete ? [] : [{ code: 'dumps-not-scanned', message }],
    };
  }
}

/** Reporters take text without control characters. */
function escaped<Event extends ScanEvent>(event: Event): Event {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return escapeText(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clean(each)]));
  };
  return clean(event) as Event;
}

function storeArtifact({
  store,
  asked: { dumps, bytes, notScanned, incomplete },
}: QueryEnd): EventOf<'artifact'> {
  const isWhole = dumps > 0 && notScanned === 0 && incomplete === 0;
  return {
    ...{ type: 'artifact', path: `${store}: ${dumps} dumps`, format: 'store', size: bytes },
    verdict: isWhole ? 'nothing-found' : 'incomplete',
    ...{ coverage: { file: { bytes, unread: [] }, limits: [] }, warnings: [] },
  };
}

/** What is said of a target in a word: in reports, beside its name. */
function presenceText({
  presence,
  isProvenAbsent,
  asked,
}: Pick<TargetPresence, 'presence' | 'isProvenAbsent' | 'asked'>): string {
  const searched = `${asked.searched} of ${asked.dumps} dumps were searched for it`;
  if (presence === 'present') return 'present';
  if (presence === 'absent') return `absent: ${searched}`;
  if (presence === 'not-found-by-rules') return `not found by the rules, which is no proof; ${searched}`;
  const half = isProvenAbsent ? 'is absent' : 'was not proven absent';
  return `public half only; its private half ${half}; ${searched}`;
}

const pathOf = ({ uri }: ShownDump, member: string): string => (member === '' ? uri : `${uri}!${member}`);

function artifactOf(dump: ShownDump, path: string): EventOf<'artifact'> {
  const { size, at, sha256, complete = false, program, pid, host } = dump;
  const process = definedFields({ pid, name: program, dumpedAt: at });
  const where = host === undefined ? '' : `host ${host}`;
  return {
    ...{ type: 'artifact', path, format: 'stored', size },
    ...definedFields({ mtime: at, sha256 }),
    verdict: complete ? 'nothing-found' : 'incomplete',
    ...(Object.keys(process).length > 0 ? { process } : {}),
    coverage: {
      file: {
        bytes: size,
        unread: complete ? [] : [{ offset: 0, length: null, reason: 'its scan is not complete' }],
      },
      limits: [],
    },
    warnings: where === '' ? [] : [{ code: 'host', message: where }],
  };
}

/** Of all places of a scan the store keeps the best. */
function occurrenceOf(artifact: number, { offset, length, address, region }: Place): Occurrence {
  return { artifact, offset, length, ...definedFields({ address }), region: regionOf(region) };
}

const KINDS =
  'heap stack module environment argv object page note register header gap mapping undumped'.split(' ');

/** Kind and name, as a store has them in one text. */
function regionOf(text = ''): Occurrence['region'] {
  const [kind = '', ...name] = text.split(' ');
  if (!KINDS.includes(kind)) return { kind: 'unknown', ...(text === '' ? {} : { name: text }) };
  return { kind, ...(name.length > 0 ? { name: name.join(' ') } : {}) } as Occurrence['region'];
}

function keyOf({ spki, ssh, jwk, title }: FoundIn['secret']): Pick<Finding, 'key'> {
  if (spki === undefined && ssh === undefined && jwk === undefined) return {};
  const names = definedFields({ spkiSha256: spki, sshFingerprint: ssh, jwkThumbprint: jwk });
  return { key: { algorithm: title.replace(/ private key$/, ''), encoding: 'stored', ...names } };
}

function markCounting(finding: Finding): void {
  finding.counts = true;
  delete finding.reason;
}

function answerOf(artifact: number, { status, complete, place }: TargetAnswer): FindResult {
  return resultOf(artifact, status, complete, place === undefined ? [] : [occurrenceOf(artifact, place)]);
}

const resultOf = (
  artifact: number,
  status: FindResult['status'],
  complete: boolean,
  occurrences: Occurrence[],
): FindResult => ({
  ...{ artifact, status, forms: [], complete },
  ...(occurrences.length > 0 ? { occurrences, occurrenceCount: occurrences.length } : {}),
});

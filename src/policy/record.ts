import { definedFields } from '../base/runtime/defined.js';
import { type Judged, notesOf, publishedIn } from '../judge/judged.js';
import type { CertificateFacts, Claims, Finding, KeyFacts, Occurrence } from '../model/report.js';
import { type Identity, quickFingerprint, slowFingerprint } from '../prove/fingerprint.js';
import { identifiersOfFacts } from '../prove/key-identifiers.js';
import { byPlace } from './by-place.js';
import {
  type CountOptions,
  confidenceRank,
  type Decision,
  decide,
  type FindingFacts,
  isExpired,
  severityRank,
} from './counts.js';
import { type Description, describe } from './description.js';
import { internLines, LINES, mergeLines } from './lines.js';
import type { Occurrences } from './occurrences.js';
import { publishedToken } from './published-tokens.js';

/** A candidate that may describe the finding in the report, with its place. */
interface Lead {
  readonly what: Description;
  readonly artifact: number;
  readonly offset: number;
  readonly length: number;
}

function leadOf(judged: Judged): Lead {
  const { offset, length } = judged.candidate;
  return { what: describe(judged), artifact: judged.artifact, offset, length };
}

/** Total order of leads, best first: the result does not depend on the order of candidates. */
function byStrength(one: Lead, other: Lead): number {
  const [a, b] = [one.what, other.what];
  return (
    confidenceRank(b.confidence) - confidenceRank(a.confidence) ||
    severityRank(b.severity) - severityRank(a.severity) ||
    a.placeRank - b.placeRank ||
    byPlace(one, other) ||
    (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0)
  );
}

/** True if under every policy `b` counts only if `a` does. */
const dominates = ({ what: a }: Lead, { what: b }: Lead): boolean =>
  a.kind === b.kind &&
  severityRank(a.severity) >= severityRank(b.severity) &&
  confidenceRank(a.confidence) >= confidenceRank(b.confidence);

type PublicHalf = Pick<KeyFacts, 'spki' | 'sshFingerprint'>;

const EMPTY: readonly never[] = [];

/** Encodings of a seed in a configuration or a command. */
const TEXTS: ReadonlySet<string> = new Set(['base64', 'base64url', 'hex']);
const FORGEABLE =
  'a token of the dump verifies under it: all who read where it was published can forge such tokens';
const IN_TEXT = 'found as text too: not a key of one handshake';

/**
 * A finding under construction: all candidates with one identity, and all their places. Its size is bounded.
 */
export class FindingRecord {
  readonly places: Occurrences;
  /** Number within the scan. */
  readonly serial: number;
  /** The strongest candidate. */
  #lead: Lead;
  /** Weaker candidates that are not dominated by a stronger one, strongest first: a few at most. */
  #others: readonly Lead[] = EMPTY;
  #claims: Claims | undefined;
  #rules: readonly string[];
  #proof: readonly string[] = EMPTY;
  /** Notes of candidates as confident as the lead. A better candidate refutes the notes of weaker ones. */
  #notes: readonly string[];
  #certificates: readonly CertificateFacts[] = EMPTY;
  #published: boolean;
  /** Where the token was published. */
  #publishedIn: string | undefined;
  /** True while all candidates are ephemeral: one that is not shows a key in long-term use. */
  #ephemeral = true;
  #verifiesToken = false;
  #inText = false;
  /** Encoded public halves, one for each form in which the key was found: the source of its names. */
  #publicHalves: readonly PublicHalf[] = EMPTY;
  /** `--find` searches for this secret. */
  isTarget = false;
  /** Time of the oldest dump that holds it, in milliseconds; undefined if that of one is not known. */
  #writtenAt: number | undefined;
  #fingerprint: string | undefined;
  #guessable: Identity['guessable'];

  constructor(
    serial: number,
    identity: Identity,
    judged: Judged,
    places: Occurrences,
    writtenAt: number | undefined,
  ) {
    this.serial = serial;
    this.places = places;
    this.#fingerprint = identity.fingerprint;
    this.#guessable = identity.guessable;
    this.#lead = leadOf(judged);
    // Values that look random are known from documentation, too, however short.
    const named = this.#lead.what.rule.detector === 'value';
    this.#publishedIn = publishedToken(named ? quickFingerprint(identity) : identity.fingerprint);
    this.#published = this.#publishedIn !== undefined;
    this.#rules = internLines([this.#lead.what.rule.id]);
    this.#notes = mergeLines(EMPTY, notesOf(judged));
    this.#writtenAt = writtenAt;
    this.#gather(judged, this.#lead);
  }

  get ruleId(): string {
    return this.#lead.what.rule.id;
  }

  merge(judged: Judged): void {
    const lead = leadOf(judged);
    const better = confidenceRank(lead.what.confidence) - confidenceRank(this.#lead.what.confidence);
    if (better > 0) this.#notes = EMPTY;
    if (better >= 0) this.#notes = mergeLines(this.#notes, notesOf(judged));
    const { id } = lead.what.rule;
    if (!this.#rules.includes(id)) this.#rules = internLines([...this.#rules, id]);
    this.#gather(judged, lead);
    this.#addLead(lead);
  }

  /** Takes the form of a place: a private key of a key agreement in text is not ephemeral. */
  foundAs({ component, encoding = '', partial }: Occurrence): void {
    if (partial || component !== 'seed' || !TEXTS.has(encoding)) return;
    this.#inText ||= this.#lead.what.facts?.algorithm === 'X25519';
  }

  /** Takes the time of a further dump: an expired token had expired in every dump. */
  foundIn(writtenAt: number | undefined): void {
    if (this.#writtenAt === undefined) return;
    this.#writtenAt = writtenAt === undefined ? undefined : Math.min(this.#writtenAt, writtenAt);
  }

  /** Drops the secret without a fingerprint: the budget of slow fingerprints is spent. */
  forgoFingerprint(): void {
    this.#guessable = undefined;
  }

  /** Takes 40 ms the first time if the secret is guessable. Null after {@link forgoFingerprint}. */
  fingerprint(): string | null {
    if (this.#guessable) this.#fingerprint = slowFingerprint(this.#guessable);
    this.#guessable = undefined;
    return this.#fingerprint ?? null;
  }

  /**
   * Looks a guessable symmetric key up among the published ones, by its slow fingerprint. True if it is one
   * and that was not known.
   */
  findsPublication(): boolean {
    if (this.#guessable === undefined || this.#lead.what.kind !== 'symmetric-key' || this.#published)
      return false;
    this.#publishedIn = publishedToken(this.fingerprint() ?? undefined);
    this.#published = this.#publishedIn !== undefined;
    return this.#published;
  }

  /** Names other than the fingerprint under which an allow list may hold the key. */
  names(): string[] {
    return this.#publicHalves.flatMap(identifiersOfFacts);
  }

  /** Facts of the strongest candidate that counts or, if none does, of the strongest. */
  factsFor(options: CountOptions): FindingFacts {
    return this.#factsOf(this.#bestLead(options));
  }

  #bestLead(options: CountOptions): Lead {
    const counts = (lead: Lead): boolean => decide(this.#factsOf(lead), options).counts;
    if (this.#others.length === 0 || counts(this.#lead)) return this.#lead;
    return this.#others.find(counts) ?? this.#lead;
  }

  #factsOf({ what: { kind, severity, confidence } }: Lead): FindingFacts {
    return {
      kind,
      severity,
      confidence,
      published: this.#published,
      ephemeral: this.#ephemeral && !this.#inText,
      inText: this.#inText,
      expired: isExpired(this.#claims, this.#writtenAt),
      verifiesToken: this.#verifiesToken,
      isTarget: this.isTarget,
    };
  }

  #addLead(lead: Lead): void {
    if (byStrength(lead, this.#lead) >= 0 && dominates(this.#lead, lead)) return;
    const kept: Lead[] = [];
    for (const each of [this.#lead, ...this.#others, lead].sort(byStrength))
      if (!kept.some((other) => dominates(other, each))) kept.push(each);
    this.#lead = kept[0]!;
    this.#others = kept.length > 1 ? kept.slice(1) : EMPTY;
  }

  /** `pathOf`: path by artifact index. */
  finding(options: CountOptions, decision: Decision, pathOf: (artifact: number) => string): Finding {
    const lead = this.#bestLead(options);
    const { rule, kind, title, confidence, preview, proof } = lead.what;
    const notes = [...this.#notes];
    if (this.#publishedIn !== undefined) notes.push(`published: ${this.#publishedIn}`);
    if (this.#published && this.#verifiesToken) notes.push(FORGEABLE);
    if (this.#inText) notes.push(IN_TEXT);
    return definedFields({
      ruleId: rule.id,
      alsoMatched: this.#rules.filter((id) => id !== rule.id).sort(),
      kind,
      title,
      signing: rule.signing || this.#verifiesToken,
      severity: decision.severity,
      confidence,
      counts: decision.counts,
      reason: decision.reason,
      proof: [...new Set([...proof, ...this.#proof])].slice(0, LINES),
      notes,
      impact: rule.impact,
      rotate: rule.rotate,
      location: locationOf(this.places.first(), pathOf),
      occurrences: this.places.list(),
      occurrenceCount: this.places.count,
      key: this.#key(lead),
      claims: this.#claims,
      fingerprint: this.fingerprint(),
      preview,
    });
  }

  #gather(judged: Judged, lead: Lead): void {
    this.#proof = mergeLines(this.#proof, lead.what.proof);
    this.#claims ??= lead.what.claims;
    this.#published ||= publishedIn(judged.proof) !== undefined;
    this.#ephemeral &&= judged.ephemeral === true;
    this.#verifiesToken ||= judged.verifiesToken === true;
    this.#addPublicHalf(lead.what.facts);
    if (judged.certificates?.length) this.#addCertificates(judged.certificates);
  }

  #addPublicHalf(facts: Description['facts']): void {
    if (facts?.spki === undefined || this.#publicHalves.length >= LINES) return;
    if (this.#publicHalves.some(({ spki }) => spki === facts.spki)) return;
    const { spki, sshFingerprint } = facts;
    this.#publicHalves = [...this.#publicHalves, definedFields({ spki, sshFingerprint })];
  }

  #addCertificates(certificates: readonly CertificateFacts[]): void {
    const one = new Map<string, CertificateFacts>();
    const all = [...this.#certificates, ...certificates].sort((a, b) => a.offset - b.offset);
    for (const each of all) {
      const key = JSON.stringify([each.issuer, each.serial, each.subject]);
      if (!one.has(key)) one.set(key, each);
    }
    this.#certificates = [...one.values()].slice(0, LINES);
  }

  #key({ what: { facts, encoding } }: Lead): KeyFacts | undefined {
    if (facts === undefined) return undefined;
    const { algorithm, bits, curve, ...identity } = facts;
    const certificates = this.#certificates.length === 0 ? undefined : [...this.#certificates];
    return definedFields({
      algorithm,
      bits,
      curve,
      encoding: encoding ?? 'unknown',
      ...identity,
      certificates,
    });
  }
}

function locationOf(first: Occurrence, pathOf: (artifact: number) => string): Finding['location'] {
  const { artifact, offset, length, address, region } = first;
  return definedFields({ path: pathOf(artifact), offset, length, address, region });
}

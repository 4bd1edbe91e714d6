import type { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import {
  type Claims,
  type Confidence,
  confidenceRank,
  type Finding,
  type KeyFacts,
  type Occurrence,
} from '../../core/model/report.js';
import { quickFingerprint, type SecretIdentity, slowFingerprint } from '../../prove/fingerprint.js';
import { doubtsOf, type Judged, notesOf, publishedIn } from '../../prove/judge/judged.js';
import { identifiersOfFacts } from '../../prove/key-identifiers.js';
import { publishedFingerprint } from '../../prove/published.js';
import { type CountOptions, decide, type FindingFacts, type GateDecision, isExpired } from './counts.js';
import { type Description, internLines, LINES, mergeLines } from './description.js';
import { KeyOwner } from './key-owner.js';
import { addLead, byPrecedence, eligible, gradeOf, type Lead, leadOf } from './leads.js';
import type { Occurrences } from './occurrences.js';

type PublicHalf = Pick<KeyFacts, 'spki' | 'sshFingerprint'>;

const EMPTY: readonly never[] = [];

type Absorbed = readonly FindingRecord[];

/** What the fold knows of a finding when it reports it. */
interface Reported {
  options: CountOptions;
  decision: GateDecision;
  /** Less specific findings at the same places. */
  absorbed: Absorbed;
  /** Places of this finding that belong to more specific ones; not all of its places. */
  lost: ReadonlySet<Occurrence>;
  /** Path by artifact index. */
  pathOf: (artifact: number) => string;
}

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
  /** Identity of the secret within the scan; never printed. */
  readonly id: string;
  /** The most specific candidate, then those that it does not dominate, in their order: a few at most. */
  #leads: readonly [Lead] | readonly Lead[];
  #claims: Claims | undefined;
  #rules: readonly string[];
  #proof: readonly string[] = EMPTY;
  /** The highest confidence of a candidate. */
  #confidence: Confidence;
  /** Notes of candidates with that confidence. A better candidate refutes the notes of weaker ones. */
  #notes: readonly string[];
  /** Those that all these candidates have: the others are of single places. */
  #common: readonly string[];
  /** Why a key is not proven: printed unless it is. */
  #doubts: readonly string[] = EMPTY;
  /** What the search for copies has shown of the key's public half. */
  #confirmation: string | undefined;
  /** Undefined while no dump says whose key it is. */
  #owner: KeyOwner | undefined;
  #published: boolean;
  /** Where the token was published. */
  #publishedIn: string | undefined;
  /** True while all candidates are ephemeral: one that is not shows a key in long-term use. */
  #ephemeral = true;
  /** True if what holds a candidate shows a key of one handshake. */
  #ofHandshake = false;
  #verifiesToken = false;
  #inText = false;
  /** True if no place is in memory that a core of the process would have; undefined without a place. */
  #undumped: boolean | undefined;
  /** Encoded public halves, one for each form in which the key was found: the source of its names. */
  #publicHalves: readonly PublicHalf[] = EMPTY;
  /** `--find` searches for this secret. */
  isTarget = false;
  /** Time of the oldest dump that holds it, in milliseconds; undefined if that of one is not known. */
  #writtenAt: number | undefined;
  #fingerprint: string | undefined;
  #guessable: SecretIdentity['guessable'];

  constructor(
    serial: number,
    identity: SecretIdentity,
    judged: Judged,
    places: Occurrences,
    writtenAt: number | undefined,
  ) {
    this.serial = serial;
    this.id = identity.id;
    this.places = places;
    this.#fingerprint = identity.fingerprint;
    this.#guessable = identity.guessable;
    this.#publishedIn = publishedFingerprint(quickFingerprint(identity));
    this.#published = this.#publishedIn !== undefined;
    const lead = leadOf(judged);
    this.#leads = [lead];
    this.#confidence = lead.what.confidence;
    this.#rules = internLines([lead.what.rule.id]);
    this.#notes = mergeLines(EMPTY, notesOf(judged));
    this.#common = this.#notes;
    this.#writtenAt = writtenAt;
    this.#gather(judged, lead);
  }

  /** The most specific candidate. */
  get lead(): Lead {
    return this.#leads[0]!;
  }

  get ruleId(): string {
    return this.lead.what.rule.id;
  }

  merge(judged: Judged): void {
    const lead = leadOf(judged);
    const better = confidenceRank(lead.what.confidence) - confidenceRank(this.#confidence);
    if (better >= 0) this.#addNotes(notesOf(judged), better > 0);
    if (better > 0) this.#confidence = lead.what.confidence;
    const { id } = lead.what.rule;
    if (!this.#rules.includes(id)) this.#rules = internLines([...this.#rules, id]);
    this.#gather(judged, lead);
    this.#leads = addLead(this.#leads, lead);
  }

  #addNotes(notes: readonly string[], refutesOthers: boolean): void {
    const own = mergeLines(EMPTY, notes);
    this.#common = refutesOthers ? own : withoutOthers(this.#common, notes);
    this.#notes = refutesOthers ? own : mergeLines(this.#notes, notes);
  }

  /** A place with the notes that are its own: neither of all candidates nor refuted by a better one. */
  withNotes(place: Occurrence): Occurrence {
    const { notes, ...bare } = place;
    if (notes === undefined) return place;
    const own = notes.filter((note) => this.#notes.includes(note) && !this.#common.includes(note));
    return own.length === 0 ? bare : { ...bare, notes: own };
  }

  /** Takes a place of the key's public half: it proves what was waiting for it. `where`: "at 0x1f40". */
  confirm(where: string): void {
    const awaits = this.#leads.find(({ what }) => what.awaits !== undefined)?.what.awaits;
    if (awaits === undefined || this.#isProven) return;
    this.#confirmation = `${awaits} ${where}`;
    this.#proof = mergeLines(this.#proof, [this.#confirmation]);
  }

  /** True if a candidate is proven, or one that waited for the public half was confirmed. */
  get #isProven(): boolean {
    return this.#confidence === 'proven' || this.#confirmation !== undefined;
  }

  /** Takes form and region of a place: a private key of a key agreement in text is not ephemeral. */
  foundAs({ component, encoding = '', partial, region }: Occurrence): void {
    this.#undumped = this.#undumped !== false && region.kind === 'undumped';
    if (partial || component !== 'seed' || !TEXTS.has(encoding)) return;
    this.#inText ||= this.lead.what.facts?.algorithm === 'X25519';
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

  /** The secret, if its fingerprint is slow and was not computed. */
  get guessable(): Secret | undefined {
    return this.#guessable;
  }

  takeFingerprint(fingerprint: string): void {
    this.#fingerprint = fingerprint;
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
    if (this.#guessable === undefined || this.lead.what.kind !== 'symmetric-key' || this.#published)
      return false;
    this.#publishedIn = publishedFingerprint(this.fingerprint() ?? undefined);
    this.#published = this.#publishedIn !== undefined;
    return this.#published;
  }

  /** Names other than the fingerprint under which an allow list may hold the key. */
  names(): string[] {
    return this.#publicHalves.flatMap(identifiersOfFacts);
  }

  /**
   * Facts of the most specific candidate that counts or, if none does, of the most specific. `absorbed`: less
   * specific findings at the same places.
   */
  factsFor(options: CountOptions, absorbed: Absorbed = EMPTY): FindingFacts {
    return this.#bestLead(options, this.#allLeads(absorbed)).facts;
  }

  #allLeads(absorbed: Absorbed): readonly Lead[] {
    if (absorbed.length === 0) return this.#leads;
    return [...this.#leads, ...absorbed.flatMap((record) => record.#leads)].sort(byPrecedence);
  }

  #bestLead(options: CountOptions, leads: readonly Lead[]): { lead: Lead; facts: FindingFacts } {
    let first: { lead: Lead; facts: FindingFacts } | undefined;
    for (const lead of eligible(leads)) {
      const best = { lead, facts: this.#factsOf(lead, leads) };
      if (decide(best.facts, options).counts) return best;
      first ??= best;
    }
    return first!;
  }

  #factsOf(lead: Lead, leads: readonly Lead[]): FindingFacts {
    const { severity, confidence } = gradeOf(lead, leads);
    // All candidates of a finding have one public half: what proves one proves those that waited for it.
    const isProven = this.#isProven && lead.what.awaits !== undefined;
    return {
      kind: lead.what.kind,
      severity,
      confidence: isProven ? 'proven' : confidence,
      unlikely: lead.what.unlikely && !isProven,
      published: this.#published,
      ephemeral: (this.#ephemeral || this.#ofHandshake) && !this.#inText,
      inText: this.#inText,
      undumped: this.#undumped === true,
      expired: isExpired(this.#claims, this.#writtenAt),
      verifiesToken: this.#verifiesToken,
      isTarget: this.isTarget,
    };
  }

  finding({ options, decision, absorbed, lost, pathOf }: Reported): Finding {
    const leads = this.#allLeads(absorbed);
    const { lead, facts } = this.#bestLead(options, leads);
    const { rule, kind, title, proof } = lead.what;
    const rules = new Set([...this.#rules, ...absorbed.flatMap((record) => record.#rules)]);
    const listed = this.places.list();
    const kept = lost.size === 0 ? listed : listed.filter((place) => !lost.has(place));
    const occurrences = kept.map((place) => this.withNotes(place));
    const notes = [...this.#common, ...(this.#isProven ? EMPTY : this.#doubts)];
    if (this.#publishedIn !== undefined) notes.push(`published: ${this.#publishedIn}`);
    if (this.#published && this.#verifiesToken) notes.push(FORGEABLE);
    if (this.#inText) notes.push(IN_TEXT);
    return definedFields({
      ruleId: rule.id,
      alsoMatched: [...rules].filter((id) => id !== rule.id).sort(),
      kind,
      title,
      signing: gradeOf(lead, leads).signing || this.#verifiesToken,
      severity: decision.severity,
      confidence: facts.confidence,
      counts: decision.counts,
      reason: decision.reason,
      proof: [...new Set([...proof, ...this.#proof])].slice(0, LINES),
      notes,
      impact: rule.impact,
      rotate: rule.rotate,
      location: locationOf(occurrences[0]!, pathOf),
      occurrences,
      occurrenceCount: this.places.count - (listed.length - occurrences.length),
      key: this.#key(lead),
      claims: this.#claims,
      fingerprint: this.fingerprint(),
      preview: lead.preview,
    });
  }

  #gather(judged: Judged, lead: Lead): void {
    this.#proof = mergeLines(this.#proof, lead.what.proof);
    this.#doubts = mergeLines(this.#doubts, doubtsOf(judged));
    // The password of a URL says whose it is, but not when it ends.
    if (this.#claims?.exp === undefined && (lead.claims?.exp !== undefined || this.#claims === undefined))
      this.#claims = lead.claims;
    this.#published ||= publishedIn(judged.proof) !== undefined;
    this.#ephemeral &&= judged.ephemeral === true;
    this.#ofHandshake ||= judged.ofHandshake === true;
    this.#verifiesToken ||= judged.verifiesToken === true;
    this.#addPublicHalf(lead.what.facts);
    if (!KeyOwner.knows(judged)) return;
    this.#owner ??= new KeyOwner();
    this.#owner.add(judged);
  }

  #addPublicHalf(facts: Description['facts']): void {
    if (facts?.spki === undefined || this.#publicHalves.length >= LINES) return;
    if (this.#publicHalves.some(({ spki }) => spki === facts.spki)) return;
    const { spki, sshFingerprint } = facts;
    this.#publicHalves = [...this.#publicHalves, definedFields({ spki, sshFingerprint })];
  }

  #key({ what: { facts, encoding } }: Lead): KeyFacts | undefined {
    if (facts === undefined) return undefined;
    const { algorithm, bits, curve, ...identity } = facts;
    return definedFields({
      algorithm,
      bits,
      curve,
      encoding: encoding ?? 'unknown',
      ...identity,
      ...this.#owner?.facts(),
    });
  }
}

/** The lines that are in both lists. */
const withoutOthers = (lines: readonly string[], others: readonly string[]): readonly string[] =>
  lines.every((line) => others.includes(line)) ? lines : lines.filter((line) => others.includes(line));

function locationOf(first: Occurrence, pathOf: (artifact: number) => string): Finding['location'] {
  const { artifact, offset, length, address, region } = first;
  return definedFields({ path: pathOf(artifact), offset, length, address, region });
}

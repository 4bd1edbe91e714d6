import { confidenceOf, type Judged, notesOf, proofOf, publishedIn } from '../judge/judged.js';
import type {
  CertificateFacts,
  Claims,
  Confidence,
  Finding,
  KeyFacts,
  Kind,
  Occurrence,
  Severity,
} from '../model/report.js';
import { type Identity, slowFingerprint } from '../prove/fingerprint.js';
import { namesOfFacts } from '../prove/key-names.js';
import type { Rule } from '../rules/types.js';
import {
  type CountOptions,
  confidenceRank,
  type Decision,
  decide,
  isExpired,
  type Standing,
  severityRank,
} from './counts.js';
import { collect, LINES, shared } from './lines.js';
import { byPlace, Occurrences } from './occurrences.js';
import { publishedToken } from './published-tokens.js';

/** A candidate that may speak for a finding: its rule, title and key facts are the report's then. Holds no secret. */
interface Lead {
  rule: Rule;
  kind: Kind;
  title: string;
  severity: Severity;
  confidence: Confidence;
  encoding: string | undefined;
  preview: string;
  claims: Claims | undefined;
  facts: Omit<KeyFacts, 'encoding'> | undefined;
  proof: readonly string[];
  artifact: number;
  offset: number;
  length: number;
}

function leadOf(judged: Judged): Lead {
  const { candidate, artifact, proof } = judged;
  return {
    rule: candidate.rule,
    kind: candidate.kind ?? candidate.rule.kind,
    title: candidate.title ?? candidate.rule.name,
    severity: candidate.severity ?? candidate.rule.severity,
    confidence: confidenceOf(judged),
    encoding: candidate.encoding,
    preview: candidate.preview,
    claims: candidate.claims,
    facts: proof?.facts,
    proof: shared(proofOf(judged).slice(0, LINES)),
    artifact,
    offset: candidate.offset,
    length: candidate.length,
  };
}

/** Total order of leads, best first, so that the order in which candidates come does not matter. */
function byStrength(a: Lead, b: Lead): number {
  return (
    confidenceRank(b.confidence) - confidenceRank(a.confidence) ||
    severityRank(b.severity) - severityRank(a.severity) ||
    byPlace(a, b) ||
    (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0)
  );
}

/** Whatever the policy, `b` counts only where `a` does. */
const covers = (a: Lead, b: Lead): boolean =>
  a.kind === b.kind &&
  severityRank(a.severity) >= severityRank(b.severity) &&
  confidenceRank(a.confidence) >= confidenceRank(b.confidence);

type Written = Pick<KeyFacts, 'spki' | 'sshFingerprint'>;

const NONE: readonly never[] = [];

/** Encodings of a seed that is written down: in a configuration, in a command. */
const TEXTS: ReadonlySet<string> = new Set(['base64', 'base64url', 'hex']);
const WRITTEN = 'it stands as text too: no key of one handshake';

/** One finding in the making: all candidates with one identity, and all their places. Its size is bounded. */
export class FindingRecord {
  readonly places: Occurrences;
  /** Number within the run. */
  readonly serial: number;
  /** The strongest. */
  #lead: Lead;
  /** Those weaker ones, strongest first, that may count where no stronger one does: a few at most. */
  #others: readonly Lead[] = NONE;
  #claims: Claims | undefined;
  #rules: readonly string[];
  #proof: readonly string[] = NONE;
  /** Of candidates as confident as the lead only: a better one refutes what was said against a weaker. */
  #notes: readonly string[];
  #certificates: readonly CertificateFacts[] = NONE;
  #published: boolean;
  /** Where a token was published. */
  readonly #source: string | undefined;
  /** All candidates are: one that is not tells of a key that stays. */
  #ephemeral = true;
  #verifiesToken = false;
  #inText = false;
  /** How the public half was written, in each form in which the key was found: what its names are made of. */
  #written: readonly Written[] = NONE;
  /** `--find` searches for this secret. */
  isTarget = false;
  /** Milliseconds; the oldest dump that holds it; undefined where one dump's time is not known. */
  #writtenAt: number | undefined;
  #fingerprint: string | undefined;
  #guessable: Identity['guessable'];

  constructor(
    serial: number,
    identity: Identity,
    judged: Judged,
    cap: number,
    writtenAt: number | undefined,
  ) {
    this.serial = serial;
    this.places = new Occurrences(cap);
    this.#fingerprint = identity.fingerprint;
    this.#guessable = identity.guessable;
    this.#source = publishedToken(identity.fingerprint);
    this.#published = this.#source !== undefined;
    this.#lead = leadOf(judged);
    this.#rules = shared([this.#lead.rule.id]);
    this.#notes = collect(NONE, notesOf(judged));
    this.#writtenAt = writtenAt;
    this.#gather(judged, this.#lead);
  }

  get ruleId(): string {
    return this.#lead.rule.id;
  }

  merge(judged: Judged): void {
    const lead = leadOf(judged);
    const better = confidenceRank(lead.confidence) - confidenceRank(this.#lead.confidence);
    if (better > 0) this.#notes = NONE;
    if (better >= 0) this.#notes = collect(this.#notes, notesOf(judged));
    if (!this.#rules.includes(lead.rule.id)) this.#rules = shared([...this.#rules, lead.rule.id]);
    this.#gather(judged, lead);
    this.#stand(lead);
  }

  /** A place where it lies: as text, where it is a key agreement's. */
  foundAs({ component, encoding = '', partial }: Occurrence): void {
    if (partial || component !== 'seed' || !TEXTS.has(encoding)) return;
    this.#inText ||= this.#lead.facts?.algorithm === 'X25519';
  }

  /** A further dump holds it: expired means expired in every one. */
  foundIn(writtenAt: number | undefined): void {
    if (this.#writtenAt === undefined) return;
    this.#writtenAt = writtenAt === undefined ? undefined : Math.min(this.#writtenAt, writtenAt);
  }

  /** Gives up the secret without its fingerprint: the run's budget of slow ones is spent. */
  forgoFingerprint(): void {
    this.#guessable = undefined;
  }

  /** Slow (40 ms) the first time where the secret is guessable; null where {@link forgoFingerprint} was called. */
  fingerprint(): string | null {
    if (this.#guessable) this.#fingerprint = slowFingerprint(this.#guessable);
    this.#guessable = undefined;
    return this.#fingerprint ?? null;
  }

  /** Under which its owner may know the key, beside its fingerprint. */
  names(): string[] {
    return this.#written.flatMap(namesOfFacts);
  }

  /** Of the strongest candidate that counts, else of the strongest. */
  standing(options: CountOptions): Standing {
    return this.#standingOf(this.#speaker(options));
  }

  #speaker(options: CountOptions): Lead {
    const counts = (lead: Lead): boolean => decide(this.#standingOf(lead), options).counts;
    if (this.#others.length === 0 || counts(this.#lead)) return this.#lead;
    return this.#others.find(counts) ?? this.#lead;
  }

  #standingOf({ kind, severity, confidence }: Lead): Standing {
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

  #stand(lead: Lead): void {
    if (byStrength(lead, this.#lead) >= 0 && covers(this.#lead, lead)) return;
    const kept: Lead[] = [];
    for (const each of [this.#lead, ...this.#others, lead].sort(byStrength))
      if (!kept.some((other) => covers(other, each))) kept.push(each);
    this.#lead = kept[0]!;
    this.#others = kept.length > 1 ? kept.slice(1) : NONE;
  }

  /** The finding in the contract's order of fields. `pathOf`: path by artifact index. */
  finding(options: CountOptions, decision: Decision, pathOf: (artifact: number) => string): Finding {
    const lead = this.#speaker(options);
    const { rule, kind, title, confidence, preview, proof } = lead;
    const claims = this.#claims;
    const occurrences = this.places.list();
    const key = this.#key(lead);
    return {
      ruleId: rule.id,
      alsoMatched: this.#rules.filter((id) => id !== rule.id).sort(),
      kind,
      title,
      signing: rule.signing || this.#verifiesToken,
      severity: decision.severity,
      confidence,
      counts: decision.counts,
      ...(decision.reason === undefined ? {} : { reason: decision.reason }),
      proof: [...new Set([...proof, ...this.#proof])].slice(0, LINES),
      notes: [
        ...this.#notes,
        ...(this.#source === undefined ? [] : [`published: ${this.#source}`]),
        ...(this.#inText ? [WRITTEN] : []),
      ],
      impact: rule.impact,
      rotate: rule.rotate,
      location: locationOf(this.places.first(), pathOf),
      occurrences,
      occurrenceCount: this.places.count,
      ...(key === undefined ? {} : { key }),
      ...(claims === undefined ? {} : { claims }),
      fingerprint: this.fingerprint(),
      preview,
    };
  }

  #gather(judged: Judged, lead: Lead): void {
    this.#proof = collect(this.#proof, lead.proof);
    this.#claims ??= lead.claims;
    this.#published ||= publishedIn(judged.proof) !== undefined;
    this.#ephemeral &&= judged.ephemeral === true;
    this.#verifiesToken ||= judged.verifiesToken === true;
    this.#addWritten(lead.facts);
    if (judged.certificates?.length) this.#addCertificates(judged.certificates);
  }

  #addWritten(facts: Lead['facts']): void {
    if (facts?.spki === undefined || this.#written.length >= LINES) return;
    if (this.#written.some(({ spki }) => spki === facts.spki)) return;
    const { spki, sshFingerprint } = facts;
    this.#written = [...this.#written, sshFingerprint === undefined ? { spki } : { spki, sshFingerprint }];
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

  #key({ facts, encoding }: Lead): KeyFacts | undefined {
    if (facts === undefined) return undefined;
    const { algorithm, bits, curve, ...identity } = facts;
    return {
      algorithm,
      ...(bits === undefined ? {} : { bits }),
      ...(curve === undefined ? {} : { curve }),
      encoding: encoding ?? 'unknown',
      ...identity,
      ...(this.#certificates.length === 0 ? {} : { certificates: [...this.#certificates] }),
    };
  }
}

function locationOf(first: Occurrence, pathOf: (artifact: number) => string): Finding['location'] {
  const { artifact, offset, length, address, region } = first;
  return {
    path: pathOf(artifact),
    offset,
    length,
    ...(address === undefined ? {} : { address }),
    region,
  };
}

import { hash } from 'node:crypto';
import type { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { atOnce, finish, inTurns, type Pausing } from '../../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../../core/limits/limit.js';
import { budgetOf, type EffortLevel } from '../../core/model/effort.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import { ProofBudget } from '../attempt.js';
import { publishedHalf } from '../identity-of-spki.js';
import { proveOct } from '../oct.js';
import { promote } from '../promote.js';
import { readingsOf } from '../sessions/readings.js';
import type { ProofResult } from '../types.js';
import { type JoinedKey, KeyJoiner } from './joiner.js';
import type { Judged } from './judged.js';
import { ProofCache } from './proof-cache.js';

/** What arithmetic and the rest of the artifact say of a key. */
type KeyVerdict = Pick<
  Judged,
  'proof' | 'certificates' | 'names' | 'tokens' | 'statements' | 'verifiesToken' | 'ephemeral' | 'ofHandshake'
>;

/** A candidate with its verdict; empty without key material. */
export interface Settled {
  candidate: SecretCandidate;
  verdict: KeyVerdict;
}

type KeyCandidate = SecretCandidate & { material: KeyMaterial };

const holdsKey = (candidate: SecretCandidate): candidate is KeyCandidate => candidate.material !== undefined;

/** The parts contradict each other, though some of them may still be a key. */
const isRefuted = (proof: ProofResult | undefined): boolean =>
  proof?.status === 'contradicted' || (proof?.status === 'proven' && proof.damaged !== undefined);

/**
 * Work units for the proofs of one artifact, each about 1 ms. An RSA-2048 key takes 6 units; a flood of
 * made-up keys would take hours.
 */
const BUDGET = 40_000;
/** Algorithms of key agreement alone: a process may have a key for each of its connections. */
/** Keys of one artifact that wait for its certificates, tokens and public halves; further ones do without. */
const MAX_WAITING_KEYS = 20_000;

/** Name of the --find target with this public half, if there is one. */
type TargetName = (canonicalSpki: Uint8Array) => string | undefined;

/**
 * Proves the keys of one artifact as they come, and judges them when everything that may belong to them is
 * known.
 */
export class KeyJudge {
  readonly joiner: KeyJoiner;
  readonly #targetName: TargetName;
  readonly #budget: ProofBudget;
  readonly #proofs: ProofCache;
  /** Keys beyond the cap, judged without the evidence of the artifact. */
  #notCompared = 0;
  readonly #joined = new Map<string, JoinedKey>();
  readonly #waiting: { candidate: SecretCandidate; proof: ProofResult }[] = [];
  /** Secrets of text, which wait for the tokens that they may sign. */
  readonly #texts: SecretCandidate[] = [];
  /** By digest: a variable of the environment is in every process, and more than once. */
  readonly #textVerdicts = new Map<string, KeyVerdict>();

  /** `units`: work for proofs. */
  constructor(
    targetName: TargetName = () => undefined,
    effort: EffortLevel = 'normal',
    units = budgetOf({ effort })(BUDGET),
  ) {
    this.#targetName = targetName;
    this.#budget = new ProofBudget(units);
    this.#proofs = new ProofCache(this.#budget);
    this.joiner = new KeyJoiner(effort);
  }

  /**
   * Takes a candidate. Keys wait for {@link settle}, up to {@link MAX_WAITING_KEYS}; anything else is
   * returned at once.
   */
  take(candidate: SecretCandidate): Settled[] {
    const proof = holdsKey(candidate)
      ? this.#prove(candidate)
      : candidate.publicHalf && publishedHalf(candidate.publicHalf);
    if (proof === undefined) {
      const waits = maySign(candidate) && this.#texts.length < MAX_WAITING_KEYS;
      if (waits) this.#texts.push(candidate);
      else if (maySign(candidate)) this.#notCompared++;
      return waits ? [] : [{ candidate, verdict: {} }];
    }
    if (this.#waiting.length >= MAX_WAITING_KEYS) {
      this.#notCompared++;
      return [...atOnce(this.#settled(candidate, { proof }))];
    }
    this.#waiting.push({ candidate, proof });
    return [];
  }

  /** Judges the keys that wait: the whole artifact was swept. */
  *settle(): Pausing<Settled> {
    for (const { candidate, proof } of this.#waiting.splice(0))
      yield* this.#settled(candidate, yield* this.#judge(candidate, proof));
    for (const candidate of this.#texts.splice(0)) {
      const verdict = yield* this.#textVerdict(candidate);
      // The facts of a key say in which encoding it was found.
      yield { candidate: verdict.proof ? { encoding: 'utf8', ...candidate } : candidate, verdict };
    }
  }

  /** {@link settle} in slices. After an abort, keys and texts are judged by what is known. */
  async *settleInTurns(signal: AbortSignal | undefined): AsyncGenerator<Settled> {
    const stop = () => this.stop();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      yield* inTurns(this.settle());
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** What the artifact says of a value that was searched for. */
  judgeValue(value: Secret, near: number): Partial<Judged> {
    return finish(judgeText(this.joiner, value, near));
  }

  /** Judges the texts that wait, for {@link settle}: their sessions need no further search. */
  *judgeTexts(): Pausing<never> {
    for (const candidate of this.#texts) yield* this.#textVerdict(candidate);
  }

  /** No work is left: keys and texts that wait are judged by what is known. */
  stop(): void {
    this.joiner.stop();
  }

  *#textVerdict({ secret, offset }: SecretCandidate): Pausing<never, KeyVerdict> {
    const id = hash('sha256', secret.reveal(), 'base64');
    const verdict = this.#textVerdicts.get(id) ?? (yield* judgeText(this.joiner, secret, offset));
    this.#textVerdicts.set(id, verdict);
    yield;
    return verdict;
  }

  /**
   * A candidate assembled across a file boundary that is not contiguous in memory may mix two objects: if
   * refuted, its in-memory parts are judged instead.
   */
  *#settled(candidate: SecretCandidate, verdict: KeyVerdict): Pausing<Settled> {
    if (!candidate.notAdjacentInMemory || !isRefuted(verdict.proof))
      yield { candidate: yield* this.#weighed(candidate, verdict), verdict };
    else
      for (const part of candidate.fallbacks?.filter(holdsKey) ?? [])
        yield* this.#settled(part, yield* this.#judge(part, this.#prove(part)));
  }

  /** A scalar that may be the nonce of a signature is medium, unless its public half is written as a key. */
  *#weighed(
    candidate: SecretCandidate,
    { proof, verifiesToken }: KeyVerdict,
  ): Pausing<never, SecretCandidate> {
    if (candidate.doubt === undefined || verifiesToken) return candidate;
    const joined = yield* this.#join(candidate, proof);
    if (joined?.publicHalf !== undefined) return candidate;
    return { ...candidate, severity: 'medium', notes: [...candidate.notes, candidate.doubt] };
  }

  /** True if arithmetic alone proves the parts of a bare key; {@link take} then uses the same proof. */
  proves(material: KeyMaterial): boolean {
    return this.#proofs.proves(material);
  }

  /** A proof that a search on this thread has made, and the work units that it took, for {@link take}. */
  addProof(material: KeyMaterial, proof: ProofResult, units: number): void {
    this.#proofs.add(material, proof, units);
  }

  limits(length: number): Limit[] {
    const { refused } = this.#budget;
    const range = { offset: 0, length };
    const proofs = limitOf(
      'proof',
      { left: refused },
      range,
      `${refused} keys were not proven: the artifact's budget for proofs was spent`,
    );
    const evidence = limitOf(
      'key-evidence',
      { left: this.#notCompared },
      range,
      `${this.#notCompared} keys were not compared with certificates and tokens: too many for the memory`,
    );
    return [proofs, evidence].filter(({ left }) => left > 0).concat(this.joiner.limits());
  }

  #prove({ material, secret }: KeyCandidate): ProofResult {
    return this.#proofs.proofOf(material, secret.reveal());
  }

  *#judge(candidate: SecretCandidate, proof: ProofResult): Pausing<never, KeyVerdict> {
    if (proof.status === 'contradicted' && proof.remains) {
      // The structure is refuted, so that it no longer vouches for a seed: only a public half elsewhere does.
      const { isArmoured: _, ...rest } = candidate;
      const verdict = yield* this.#judge({ ...rest, confidence: 'low' }, proof.remains);
      if (verdict.proof?.status === 'proven') return verdict;
    }
    const joined = yield* this.#join(candidate, proof);
    if (joined === undefined) return { proof };
    const { certificates, names, tokens, inUse, publicHalf } = joined;
    const isAlone = publicHalf === undefined && tokens.length === 0;
    return {
      proof: promote(proof, { ...joined, isArmoured: candidate.isArmoured }),
      certificates,
      tokens,
      ...definedFields({ names }),
      verifiesToken: inUse,
      ephemeral: candidate.ephemeral === true && isAlone,
      ofHandshake: candidate.ofHandshake === true && isAlone,
    };
  }

  *#join(
    { material, secret, offset, signed }: SecretCandidate,
    proof: ProofResult | undefined,
  ): Pausing<never, JoinedKey | undefined> {
    const near = signed ?? offset;
    if (material?.type === 'oct') return yield* joinSymmetric(this.joiner, material.k, near);
    if (material?.type === 'hmac-states') return yield* this.joiner.joining({ symmetric: material }, near);
    const spki =
      proof?.status === 'proven'
        ? proof.canonicalSpki
        : proof?.status === 'unproven'
          ? proof.pending?.canonicalSpki
          : undefined;
    if (spki === undefined || spki.length === 0 || secret.length === 0) return undefined;
    const id = Buffer.from(spki).toString('base64');
    const joined = this.#joined.get(id) ?? (yield* this.#joinOrTarget(spki, near));
    this.#joined.set(id, joined);
    return joined;
  }

  /** The public half of a --find target proves a private one as well as one in the dump does. */
  *#joinOrTarget(canonicalSpki: Uint8Array, near: number): Pausing<never, JoinedKey> {
    const joined = yield* this.joiner.joining({ canonicalSpki }, near);
    const name = joined.publicHalf === undefined ? this.#targetName(canonicalSpki) : undefined;
    return name === undefined ? joined : { ...joined, publicHalf: `the --find target ${name}` };
  }
}

/**
 * True for a secret of text that may sign tokens: a symmetric key, or the value of a name. Others are tokens
 * of services, or keys with numbers of their own.
 */
function maySign({ material, publicHalf, kind, rule }: SecretCandidate): boolean {
  if (material !== undefined || publicHalf !== undefined) return false;
  return (kind ?? rule.kind) === 'symmetric-key' || rule.detector === 'value';
}

/** The evidence about a symmetric key: tokens and sessions that it signs. */
function* joinSymmetric(joiner: KeyJoiner, key: Secret, near: number): Pausing<never, JoinedKey> {
  const joined = yield* joiner.joining({ symmetric: key }, near);
  const sessions = yield* joiner.sessions.joining([key], near);
  const statements = [...joined.statements, ...sessions.statements];
  return { ...joined, statements, inUse: joined.inUse || sessions.inUse };
}

/** The verdict of a text by the JWTs and sessions that it signs; empty if it signs none. */
function* judgeText(joiner: KeyJoiner, secret: Secret, near: number): Pausing<never, Partial<Judged>> {
  // Thousands of texts need not be decoded where nothing was signed.
  if (!joiner.hasTokens() && joiner.sessions.isEmpty) return {};
  const readings = readingsOf(secret);
  const all: JoinedKey[] = [];
  for (const symmetric of readings) all.push(yield* joiner.joining({ symmetric }, near));
  const sessions = yield* joiner.sessions.joining(readings, near);
  const statements = [...new Set([...all.flatMap((joined) => joined.statements), ...sessions.statements])];
  if (statements.length === 0) return {};
  return {
    proof: promote(proveOct({ type: 'oct', k: secret }), { statements }),
    tokens: all.flatMap(({ tokens }) => tokens),
    verifiesToken: sessions.inUse || all.some(({ inUse }) => inUse),
  };
}

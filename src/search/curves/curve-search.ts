import type { Pausing } from '../../core/base/runtime/turns.js';
import type { NumberSet } from '../core/number-set.js';
import type { SearchClock } from '../core/search-clock.js';
import type { NumberFound, SearchFacts } from '../core/types.js';
import { type WordHandler, WordProbe } from '../core/word-probe.js';
import { Curve25519Sources } from './curve25519-sources.js';
import { settleForeignPoints } from './foreign-points.js';
import { type NonceKey, nonceKeys } from './nonces/nonce-keys.js';
import { type Nonce, readSignature, textNonces, tokenNonces } from './nonces/nonce-signatures.js';
import { onePerPoint, weighScalars } from './nonces/scalar-verdicts.js';
import { explainNonces } from './nonces/signing-equation.js';
import type { CurveContext } from './numbers/curve-numbers.js';
import { HeaderFrequency, NEAR } from './numbers/scalar-rank.js';
import { compressedPoint } from './points/compressed-points.js';
import { isHandshakePoint, isSshPublicKey } from './points/handshake-points.js';
import type { Multiples } from './points/multiples.js';
import type { CurvePoints, PointSearch } from './points/points.js';
import type { MultiplesPlan } from './scalars/block-multiples.js';
import { keyOfMultiple, type ScalarFound, ScalarSearch } from './scalars/scalar-search.js';
import { demandOf, SweepPlan } from './scalars/sweep-plan.js';
import { type LeftOfEntry, TrialPlan } from './scalars/trial-plan.js';

/**
 * A private key of an elliptic curve. `written`: its public key is encoded as a key somewhere, or is a --find
 * target. `ephemeral`: its public key is part of a handshake message.
 */
export type CurveFound = NumberFound & { written: boolean; ephemeral: boolean };

interface CurveSearchContext extends CurveContext {
  points: PointSearch;
  /** Decoded texts that may be r || s of a 256-bit curve. */
  signatures: NumberSet;
  clock: SearchClock;
}

/** A search that has begun. */
interface Begun {
  parts: CurveSearchContext;
  points: CurvePoints;
  tokens: SearchFacts['curveTokens'];
  scalars: ScalarSearch;
  curve25519: Curve25519Sources;
}

let lastId = 0;

/**
 * Private keys of elliptic curves: scalars whose public point is in the dump, Ed25519 and X25519 keys, and
 * keys computed from an ECDSA nonce. The likeliest numbers are multiplied at once; the others are for a trial
 * on all threads, which the caller runs before it asks for the keys.
 */
export class CurveSearch {
  readonly #parts: CurveSearchContext;
  readonly #points: CurvePoints;
  readonly #tokens: SearchFacts['curveTokens'];
  readonly #scalars: ScalarSearch;
  readonly #curve25519: Curve25519Sources;
  /** What the trials did not cover. */
  #left: readonly (readonly Omit<LeftOfEntry, 'entry'>[])[] = [];
  #isTried = false;
  readonly #sweptAgain = new Set<NumberSet>();

  private constructor({ parts, points, tokens, scalars, curve25519 }: Begun) {
    this.#parts = parts;
    this.#points = points;
    this.#tokens = tokens;
    this.#scalars = scalars;
    this.#curve25519 = curve25519;
  }

  /** Finds all points, and multiplies the likeliest numbers. The caller completes each plan. */
  static *begin(parts: CurveSearchContext, context: SearchFacts): Pausing<MultiplesPlan, CurveSearch> {
    const points = yield* parts.points.find(parts, context.publicKeys);
    const { clock } = parts;
    yield* settleForeignPoints(context.publicKeys, points, parts);
    const headerFrequency = new HeaderFrequency(parts.inModule);
    const scalars = new ScalarSearch(headerFrequency, parts);
    yield* scalars.begin(points);
    const curve25519 = new Curve25519Sources(parts, context.publicKeys, headerFrequency);
    yield* clock.each('curve25519', curve25519.begin());
    return new CurveSearch({ parts, points, scalars, curve25519, tokens: context.curveTokens });
  }

  /**
   * The trials of what is not multiplied yet. The caller completes each before it asks for the next: first
   * kept numbers, then, if the artifact can be swept again, it is from the first number on that was not kept.
   */
  *trials(canSweep: boolean): Pausing<TrialPlan | SweepPlan> {
    if (this.#isTried) return;
    this.#isTried = true;
    const { length, runs, budget } = this.#parts;
    const [scalars, curve25519] = [this.#scalars.trials, this.#curve25519];
    const entries = [...scalars.entries(), ...curve25519.entries()];
    const swept = canSweep ? [...scalars.sweepEntries(), ...curve25519.sweepEntries()] : [];
    if (entries.length + swept.length === 0) return;
    const needsKeys = [...entries, ...swept].some(({ attempt }) => attempt.curve === 'Curve25519');
    const identities = {
      ...{ id: ++lastId, points: scalars.points() },
      ...(needsKeys ? { keys: curve25519.keys() } : {}),
    };
    const from = swept.reduce((least, entry) => Math.min(least, entry.from), Number.POSITIVE_INFINITY);
    const ranges = swept.length > 0 ? runs.denseRanges(from) : [];
    const bytes = ranges.reduce((sum, range) => sum + Math.min(range.to, length) - range.from, 0);
    const size = { length, dense: runs.denseBytes() };
    const plan = new TrialPlan(identities, entries, size, budget, demandOf(swept, bytes));
    let isDone = false;
    try {
      if (entries.length > 0) yield plan;
      isDone = true;
    } finally {
      if (!isDone) plan.abandon();
      this.#left = [plan.left()];
    }
    const places = [...scalars.places(), ...curve25519.places].filter((place) => place >= from - NEAR);
    places.sort((a, b) => a - b);
    const sweep = new SweepPlan(identities, swept, places, plan.rooms, ranges);
    isDone = false;
    try {
      if (sweep.isOpen()) yield sweep;
      isDone = true;
    } finally {
      if (!isDone) sweep.abandon();
      this.#left = [plan.left(), sweep.left()];
    }
    for (const { size } of swept) this.#sweptAgain.add(this.#parts.numbers.bySize.get(size)!);
  }

  /**
   * True if every number of the artifact was tried against the public keys of this curve, whether it was kept
   * or swept once more.
   */
  hasTriedAll(curve: string): boolean {
    const hasCurve = [...this.#points.keys()].some(({ domain }) => domain.name === curve);
    return (hasCurve || curve.endsWith('25519')) && this.#isTried && this.#left.flat().length === 0;
  }

  /**
   * All keys, when the {@link trials} are done. All words searched for at any alignment, and those that
   * `others` adds, share one pass over the runs.
   */
  *keys(others: (probe: WordProbe<WordHandler>) => void): Pausing<CurveFound> {
    const { kernel, bytes, runs, skippedWork, budget, clock } = this.#parts;
    const parts = this.#parts;
    const points = this.#points;
    const scalarSearch = this.#scalars;
    const { multiples } = scalarSearch;
    scalarSearch.trials.report(this.#left);
    yield* clock.each('curve25519', this.#curve25519.complete());
    this.#curve25519.report(this.#left.flat());
    parts.numbers.reportDropped(skippedWork, this.#sweptAgain);
    const probe = new WordProbe<WordHandler>();
    const scalars: ScalarFound[] = [];
    for (const found of scalarSearch.keys(points))
      if (found === undefined) yield;
      else scalars.push(found);
    const uses = new MultipleUses(points, multiples);
    uses.nonces.push(...tokenNonces(multiples, this.#tokens), ...textNonces(multiples, parts.signatures));
    uses.registerWith(probe);
    const curve25519 = this.#curve25519.all;
    for (const { search } of curve25519) search.registerWith(probe);
    others(probe);
    for (const seen of probe.search(kernel, bytes, runs))
      if (seen === undefined) yield;
      else seen.label(seen);

    const all = onePerPoint([...scalars, ...uses.compressed.values()]);
    const seen = uses.nonces;
    const rs = new Set(seen.map(({ multiple }) => multiple.x));
    const keys = all.filter(({ point }) => point.written || !rs.has(point.x));
    const byNonces = nonceKeys(seen, points, multiples, new Set(keys.map(({ point }) => point.x)), {
      digests: (curve) => scalarSearch.multiplyDigests(curve),
      skippedWork,
      budget,
    });
    const derived: NonceKey[] = [];
    for (const found of clock.each('ecdsa-nonces', byNonces))
      if (found === undefined) yield;
      else derived.push(found);
    const explained = clock.time('ecdsa-nonces', () => explainNonces(all, seen, points.keys(), parts));
    for (const { found, doubt } of weighScalars(all, { ...explained, seen })) {
      const { material, offset, length, reading, negated } = found;
      const { x, written } = found.point;
      const ephemeral = uses.isEphemeral(x);
      const evidence = [
        ...(negated ? ['the number here is the group order minus d'] : []),
        ...evidenceOf(ephemeral),
      ];
      const place = { offset, length, reading };
      yield {
        material,
        place,
        component: 'd',
        written,
        ephemeral,
        evidence,
        ...(doubt !== undefined && { doubt }),
      };
    }
    for (const { material, point, nonce, digest } of derived) {
      const signed = nonce.token ? 'the JWT' : 'the signature';
      const evidence = [`the number here is the nonce of ${signed} at ${hex(nonce.offset)}`];
      if (digest) evidence.push(`its digest is at ${hex(digest.place.offset)}`);
      const { place } = nonce.multiple;
      const { written } = point;
      yield { material, place, evidence, component: 'ecdsa-nonce', written, ephemeral: false };
    }
    for (const { search, set, reading, length } of curve25519)
      for (const { material, index, written, inHandshake } of clock.each('curve25519', search.found())) {
        const place = { offset: set.offset(index), length, reading };
        const component = material.type === 'edwards-scalar' ? 'scalar' : 'seed';
        const ephemeral = inHandshake && !written;
        yield { material, place, written, ephemeral, evidence: evidenceOf(ephemeral), component };
      }
  }
}

/**
 * What the x of each multiple is used for in the dump: compressed points, handshakes, SSH keys and
 * signatures.
 */
class MultipleUses {
  readonly nonces: Nonce[] = [];
  /** Keys of points that were found compressed only, or whose negative is a bare number, by x. */
  readonly compressed = new Map<bigint, ScalarFound>();
  readonly #points: CurvePoints;
  readonly #multiples: Multiples;
  readonly #inHandshake = new Set<bigint>();
  readonly #inSshKey = new Set<bigint>();

  constructor(points: CurvePoints, multiples: Multiples) {
    this.#points = points;
    this.#multiples = multiples;
  }

  /** Searches for the last word of each x. */
  registerWith(probe: WordProbe<WordHandler>): void {
    const isEnding = (word: bigint) => this.#multiples.hasEnding(word);
    probe.addColumn(this.#multiples.endings(), isEnding, (seen) => {
      for (const multiple of this.#multiples.endingWith(seen.bytes, seen.at)) {
        const { x, curve } = multiple;
        const point = compressedPoint(seen, multiple);
        if (point) {
          // Until now its coordinates, or those of its negative, were known as bare numbers only.
          const known = this.#points.get(curve)?.get(x);
          const own = [known, known?.negative].find((each) => each?.y === point.y);
          const found = own ? undefined : keyOfMultiple(multiple, point);
          if (found) this.compressed.set(x, found);
          if (own) own.written = true;
          // An r does not have such a prefix, whatever follows it.
          continue;
        }
        if (isHandshakePoint(seen, multiple)) this.#inHandshake.add(x);
        else if (isSshPublicKey(seen, multiple)) this.#inSshKey.add(x);
        const signature = readSignature(seen, x, curve);
        if (signature) this.nonces.push({ multiple, ...signature });
      }
    });
  }

  /** True if the point is part of a handshake message and of no SSH key. */
  isEphemeral(x: bigint): boolean {
    return this.#inHandshake.has(x) && !this.#inSshKey.has(x);
  }
}

const evidenceOf = (ephemeral: boolean): string[] =>
  ephemeral ? ['its public key is part of a TLS, SSH or IKE handshake message'] : [];

const hex = (offset: number): string => `0x${offset.toString(16)}`;

import { release } from '../../base/bytes/growable-array.js';
import { toBigint } from '../../base/bytes/integers.js';
import type { Reader } from '../../base/bytes/storage.js';
import type { EffortLevel } from '../../model/effort.js';
import type { KeyMaterial } from '../../model/key-material.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import { bitLength } from '../core/integer-encodings.js';
import { Kernel } from '../core/kernel.js';
import { inDigits, sightings } from '../core/known-integers.js';
import { RunBytes } from '../core/run-bytes.js';
import { RunCache, type RunCacheColumns } from '../core/run-cache.js';
import { type RunColumns, RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import { budgetOf, SkippedWork } from '../core/skipped-work.js';
import type { PublicKey } from '../core/types.js';
import { bareCrtParts, primePairs } from './bare-crt-parts.js';
import { bareExponents } from './bare-exponents.js';
import { bareModuli } from './bare-moduli.js';
import type { KeyFromPart } from './key-from-part.js';
import { candidateModuli, knownModuli, publicKeyId } from './known-moduli.js';
import { type KnownModulusRequest, MANY_WINDOWS, searchKnownModuli } from './known-modulus-search.js';
import {
  batchesOf,
  isConfirmed,
  likeliest,
  locateModuli,
  type Modulus,
  type ModulusPlace,
  PlaceSet,
} from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import { type FactoredModulus, ProductJoin } from './product-join.js';
import { type FoundRsaKey, type RsaAnswer, toPlainData } from './rsa-answer.js';
import {
  commonExponentFirst,
  EXPONENT_ROUNDS,
  firstPlace,
  largerPrimeFirst,
  materialOf,
  privateExponentsOf,
  type RsaNumbers,
  withKnownExponents,
} from './rsa-key.js';
import { rsaMaterial } from './rsa-material.js';
import { foundInTexts, type RsaText } from './rsa-texts.js';
import { withoutSmallFactors } from './small-primes.js';
import { windowsOutside } from './window-filter.js';

/** The numbers that RSA keys are searched in, as plain data for any thread. */
export interface RsaRequest {
  windows: ReadonlyMap<number, WindowColumns>;
  runs: RunColumns;
  runCache: RunCacheColumns;
  /** Sequences of digits. */
  digits: RunColumns;
  texts: readonly RsaText[];
  publicKeys: readonly PublicKey[];
  /** Bytes of the artifact, which budgets are proportional to. */
  length: number;
  effort: EffortLevel;
  /** Budgets of work are multiplied by this. */
  scale?: number;
}

/**
 * Bits of a modulus up to which two primes and their product are no key by themselves: the length of a
 * product of two field elements of P-384. Curve arithmetic leaves such products by the ten thousand, and in
 * one of 30,000 both factors are prime by chance.
 */
const FIELD_PRODUCT_BITS = 768;

/** What the proof decides. */
export interface Prover {
  isProven(material: KeyMaterial): boolean;
  /** True only if it was shown. */
  isComposite(value: bigint): boolean;
}

/** Complete RSA keys, and keys of which the modulus is known and one part is present. */
export function searchRsa(request: RsaRequest, reader: Reader, prover: Prover): RsaAnswer {
  const skippedWork = new SkippedWork();
  const kernel = Kernel.take();
  const context: SearchContext = {
    kernel,
    skippedWork,
    bytes: new RunBytes(reader, kernel, new RunCache(request.runCache)),
    runs: new RunList(request.runs),
    budget: budgetOf(request),
  };
  const found = [...new RsaSearch(request, context, prover).keys()].map(toPlainData);
  kernel.release();
  return { found, skipped: skippedWork.all() };
}

class RsaSearch {
  readonly #request: RsaRequest;
  readonly #context: SearchContext;
  readonly #prover: Prover;
  readonly #digits: RunList;
  readonly #texts: readonly RsaText[];
  readonly #windows: RsaRequest['windows'];

  constructor(request: RsaRequest, context: SearchContext, prover: Prover) {
    this.#request = request;
    this.#context = context;
    this.#prover = prover;
    this.#digits = new RunList(request.digits);
    this.#windows = request.windows;
    this.#texts = request.texts.map(({ octets, ...place }) => ({ ...place, octets: Buffer.from(octets) }));
  }

  *keys(): Generator<FoundRsaKey> {
    const known = new Set<bigint>();
    for (const key of this.#withPrimes()) {
      known.add(toBigint(key.material.n!));
      yield key;
    }
    yield* this.#fromExponents(known);
    yield* this.#fromCrtParts(known);
  }

  /** All keys except those of which only n and d are present. */
  *#withPrimes(): Generator<FoundRsaKey> {
    const moduli = knownModuli(this.#request, this.#texts, this.#context);
    const modulusPlaces = this.#modulusPlaces(moduli);
    const publicPlaces = new PlaceSet(this.#hasManyWindows ? [] : modulusPlaces.filter(isConfirmed));
    const outside = windowsOutside(this.#windows, publicPlaces);
    const keys = this.#keysByModulus(outside);
    const factored = this.#withoutComposites(keys);
    const tried = new Set(withKnownExponents(factored, moduli));
    const proven = new Set<bigint>();
    for (const key of this.#wholeKeys([...tried])) {
      proven.add(toBigint(key.material.n!));
      yield key;
    }
    // The public key with that n may be crafted, with a wrong e.
    const open = factored.filter((key) => !tried.has(key) && !proven.has(key.n.value));
    yield* this.#wholeKeys(open);
    const known = new Set([...keys.keys(), ...moduli.map(({ n }) => n)]);
    yield* this.#fromOnePrime(known, outside);
    const unknown = moduli.filter(({ n }) => !keys.has(n));
    for (const batch of this.#isComplete ? batchesOf(unknown) : [unknown])
      yield* this.#fromParts(batch, { modulusPlaces, unconfirmed: false });
    if (!this.#isComplete) return;
    for (const candidates of candidateModuli(this.#windows, known, this.#context.bytes))
      yield* this.#fromParts(candidates, { modulusPlaces: [], unconfirmed: true });
  }

  /** Moduli whose primes are both present. */
  #keysByModulus(factors: RsaRequest['windows']): Map<bigint, RsaNumbers> {
    const keys = new Map<bigint, RsaNumbers>();
    for (const found of this.#factored(factors))
      if (!keys.has(found.n.value)) keys.set(found.n.value, largerPrimeFirst(found));
    return keys;
  }

  /**
   * Places of known moduli, from one pass over all runs. Parts of moduli that are not solved need them, and
   * in small dumps they contain most of the windows.
   */
  #modulusPlaces(moduli: readonly Modulus[]): ModulusPlace[] {
    const isOpen = moduli.some(({ solved }) => !solved);
    if (moduli.length === 0 || (this.#hasManyWindows && !isOpen)) return [];
    return locateModuli(likeliest(moduli), this.#context);
  }

  get #isComplete(): boolean {
    return this.#request.effort === 'deep';
  }

  get #hasManyWindows(): boolean {
    return countOf(this.#windows) > MANY_WINDOWS;
  }

  /**
   * Releases the low words of the windows, which only this search needs and which take most of the memory.
   */
  #factored(factors: RsaRequest['windows']): FactoredModulus[] {
    const { kernel, bytes, skippedWork, budget } = this.#context;
    const windows = this.#windows;
    const join = new ProductJoin(kernel, bytes, skippedWork, budget);
    const found = kernel.scratch(() => [...join.factor(windows, this.#request.length, factors)]);
    for (const { lows } of windows.values()) release(lows);
    return found;
  }

  /**
   * Without the products of composite numbers: a program that calculates has hundreds of these, and looking
   * for the exponents of one takes 15 ms. In a product tree most factors are products themselves.
   */
  #withoutComposites(keys: ReadonlyMap<bigint, RsaNumbers>): RsaNumbers[] {
    const leaves = [...keys.values()].filter(({ p, q }) => !keys.has(p.value) && !keys.has(q.value));
    const kept = withoutSmallFactors(this.#context.kernel, leaves, ({ p, q }) => [p.value, q.value]);
    const isComposite = ({ value }: PlacedNumber) => this.#prover.isComposite(value);
    return kept.filter(({ p, q }) => !isComposite(p) && !isComposite(q));
  }

  /** Complete keys, with the e that their certificate or a private exponent in the dump determines. */
  *#wholeKeys(keys: readonly RsaNumbers[]): Generator<FoundRsaKey> {
    const inDigitRuns = { ...this.#context, runs: this.#digits };
    for (const [round, exponents] of EXPONENT_ROUNDS.entries()) {
      const open = round === 0 ? keys : keys.filter(({ e }) => e === undefined);
      if (open.length === 0) break;
      const wanted = open.flatMap((key) => privateExponentsOf(key, exponents));
      const inRuns = sightings(wanted, this.#context);
      const inSequences = sightings(wanted, inDigitRuns, { layouts: inDigits, step: 4 });
      for (const { label, value } of [...foundInTexts(wanted, this.#texts), ...inRuns, ...inSequences]) {
        label.key.e ??= label.e;
        if (label.key.e === label.e) label.key.privateExponent ??= { name: label.name, value };
      }
    }
    for (const key of keys) {
      if (key.e === undefined && bitLength(key.n.value) <= FIELD_PRODUCT_BITS) continue;
      const material = materialOf(key);
      const place = firstPlace(key);
      if (this.#prover.isProven(material)) yield { material, place, component: place === key.p ? 'p' : 'q' };
    }
  }

  /**
   * Keys of which n and d are present and no prime, and which no public key in the dump covers: for those d
   * is searched in more places, but with their e only, which may be crafted. Each key once, since copies pair
   * with each other.
   */
  *#fromExponents(known: Set<bigint>): Generator<FoundRsaKey> {
    const ids = new Set(commonExponentFirst(this.#request.publicKeys).map(({ shown }) => publicKeyId(shown)));
    for (const { n, e, material, place } of bareExponents({ ...this.#context, digits: this.#digits })) {
      if (known.has(n) || ids.has(publicKeyId({ n, e })) || !this.#prover.isProven(material)) continue;
      known.add(n);
      yield { material, place, evidence: ['the number here is d'], component: 'd' };
    }
  }

  /** Keys of which no modulus is present, and no d. */
  *#fromCrtParts(known: ReadonlySet<bigint>): Generator<FoundRsaKey> {
    const primes = bareCrtParts({ ...this.#context, length: this.#request.length });
    // A prime of a key that is found already is no other key's.
    const open = primes.filter(({ value }) => ![...known].some((n) => n % value === 0n));
    for (const [first, second] of primePairs(open, this.#context.bytes)) {
      const [p, q] = first.value > second.value ? [first, second] : [second, first];
      const material = rsaMaterial({ n: p.value * q.value, e: p.e, p: p.value, q: q.value });
      if (!this.#prover.isProven(material)) continue;
      const { offset, length, reading } = first;
      const at = [first, second].map(({ exponent }) => `0x${exponent.toString(16)}`);
      const evidence = [`the numbers at ${at.join(' and ')} are the CRT exponents for e = ${p.e}`];
      const component = first === p ? 'p' : 'q';
      yield { material, place: { offset, length, reading }, evidence, component };
    }
  }

  /** Keys of which n and one prime are present. */
  *#fromOnePrime(known: Set<bigint>, windows: RsaRequest['windows']): Generator<FoundRsaKey> {
    const found = bareModuli(windows, known, { length: this.#request.length, ...this.#context });
    for (const { n, material, place, component, modulus } of found) {
      if (known.has(n) || !this.#prover.isProven(material)) continue;
      known.add(n);
      const evidence = [`the number here divides the one at 0x${modulus.toString(16)}`];
      yield { material, place, evidence, component };
    }
  }

  /** Keys of known moduli from one part. */
  *#fromParts(
    moduli: readonly Modulus[],
    by: Pick<KnownModulusRequest, 'modulusPlaces' | 'unconfirmed'>,
  ): Generator<FoundRsaKey> {
    const proven = new Set<bigint>();
    const refused = new Map<bigint, KeyFromPart>();
    for (const found of searchKnownModuli(moduli, {
      ...by,
      ...this.#context,
      length: this.#request.length,
      extractor: this.#context.kernel.extractor,
      windows: this.#windows,
      texts: this.#texts,
      digits: this.#digits,
    })) {
      const { modulus, material } = found;
      if (modulus.solved) continue;
      if (this.#prover.isProven(material)) {
        modulus.solved = true;
        proven.add(modulus.n);
        yield describePart(found);
      } else if (material.d === undefined) refused.set(modulus.n, found);
    }
    // A prime of n proves the key even if every e known with n is crafted.
    for (const [n, found] of refused) {
      const { e: _, ...material } = found.material;
      if (!proven.has(n) && this.#prover.isProven(material)) yield describePart({ ...found, material });
    }
  }
}

function describePart({ modulus: _, material, part, lost, ...place }: KeyFromPart): FoundRsaKey {
  const evidence = lost
    ? `the ${lost.end} ${lost.bytes} bytes of ${part} are lost and were computed`
    : `the number here is ${part}`;
  return { material, place, evidence: [evidence], component: part, ...(lost ? { partial: true } : {}) };
}

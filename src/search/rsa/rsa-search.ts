import { release } from '../../core/base/bytes/growable-array.js';
import { toBigint } from '../../core/base/bytes/integers.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { countOf, placeAt, type WindowColumns } from '../core/columns.js';
import { NumberKernel } from '../core/kernel.js';
import { RunBytes } from '../core/run-bytes.js';
import { RunCache } from '../core/run-cache.js';
import { RunList } from '../core/run-list.js';
import { SearchClock } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import { budgetOf, SkippedWork } from '../core/skipped-work.js';
import { bareExponents } from './bare-exponents.js';
import { bareModuli } from './bare-moduli.js';
import { candidateModuli, knownModuli, publicKeyId, settleForeignModuli } from './known-moduli.js';
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
import { crtKeys } from './prime-pairs.js';
import type { KeyFromPart } from './prime-parts.js';
import { type FactoredModulus, ProductJoin } from './product-join.js';
import {
  commonExponentFirst,
  type FoundRsaKey,
  largerPrimeFirst,
  type RsaAnswer,
  type RsaNumbers,
  toPlainData,
  wholeKeys,
  withKnownExponents,
  withoutComposites,
} from './rsa-key.js';
import type { RsaProver, RsaRequest } from './rsa-request.js';

/** Complete RSA keys, and keys of which the modulus is known and one part is present. */
export function searchRsa(request: RsaRequest, reader: ByteReader, prover: RsaProver): RsaAnswer {
  const skippedWork = new SkippedWork();
  const kernel = NumberKernel.take();
  const context: SearchContext = {
    kernel,
    skippedWork,
    bytes: new RunBytes(reader, kernel, new RunCache(request.runCache)),
    runs: new RunList(request.runs),
    budget: budgetOf(request),
  };
  const clock = new SearchClock();
  const found = [...new RsaSearch(request, context, prover, clock).keys()].map(toPlainData);
  kernel.release();
  const foreign = request.publicKeys.flatMap(({ foreign }, i) => (foreign?.isSettled ? [i] : []));
  return { found, skipped: skippedWork.all(), times: clock.times, foreign };
}

class RsaSearch {
  readonly #request: RsaRequest;
  readonly #context: SearchContext;
  readonly #prover: RsaProver;
  readonly #clock: SearchClock;
  readonly #digits: RunList;
  readonly #texts: RsaRequest['texts'];
  readonly #windows: RsaRequest['windows'];

  constructor(request: RsaRequest, context: SearchContext, prover: RsaProver, clock: SearchClock) {
    this.#clock = clock;
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
    const { length } = this.#request;
    const ofParts = crtKeys(known, { ...this.#context, length }, this.#prover);
    yield* this.#clock.each('rsa-crt-parts', ofParts);
  }

  /** All keys except those of which only n and d are present. */
  *#withPrimes(): Generator<FoundRsaKey> {
    const moduli = knownModuli(this.#request, this.#texts, this.#context);
    const modulusPlaces = this.#modulusPlaces(moduli);
    const publicPlaces = new PlaceSet(this.#hasManyWindows ? [] : modulusPlaces.filter(isConfirmed));
    const outside = windowsOutside(this.#windows, publicPlaces);
    const keys = this.#clock.time('rsa-two-primes', () => this.#keysByModulus(outside));
    const factored = withoutComposites(keys, this.#context.kernel, this.#prover);
    const tried = new Set(withKnownExponents(factored, moduli));
    const proven = new Set<bigint>();
    for (const key of this.#whole([...tried])) {
      proven.add(toBigint(key.material.n!));
      yield key;
    }
    // The public key with that n may be crafted, with a wrong e.
    const open = factored.filter((key) => !tried.has(key) && !proven.has(key.n.value));
    yield* this.#whole(open);
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
    return this.#clock.time('rsa-known-primes', () => {
      const located = likeliest(moduli);
      const places = locateModuli(located, this.#context);
      const elsewhere = { digits: this.#digits, texts: this.#texts };
      settleForeignModuli(located, places, elsewhere, this.#context);
      return places;
    });
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
   * Keys of which n and d are present and no prime, and which no public key in the dump covers: for those d
   * is searched in more places, but with their e only, which may be crafted. Each key once, since copies pair
   * with each other.
   */
  *#fromExponents(known: Set<bigint>): Generator<FoundRsaKey> {
    const ids = new Set(commonExponentFirst(this.#request.publicKeys).map(({ shown }) => publicKeyId(shown)));
    const found = bareExponents({ ...this.#context, digits: this.#digits });
    for (const { n, e, material, place } of this.#clock.each('rsa-n-and-d', found)) {
      if (known.has(n) || ids.has(publicKeyId({ n, e })) || !this.#prover.isProven(material)) continue;
      known.add(n);
      yield { material, place, evidence: ['the number here is d'], component: 'd' };
    }
  }

  /** Keys of which n and one prime are present. */
  *#fromOnePrime(known: Set<bigint>, windows: RsaRequest['windows']): Generator<FoundRsaKey> {
    const found = bareModuli(windows, known, { length: this.#request.length, ...this.#context });
    for (const { n, material, place, component, modulus } of this.#clock.each('rsa-n-and-prime', found)) {
      if (known.has(n) || !this.#prover.isProven(material)) continue;
      known.add(n);
      const evidence = [`the number here divides the one at 0x${modulus.toString(16)}`];
      yield { material, place, evidence, component };
    }
  }

  #whole(keys: readonly RsaNumbers[]): Generator<FoundRsaKey> {
    const [digits, texts] = [this.#digits, this.#texts];
    const found = wholeKeys(keys, { context: this.#context, digits, texts, prover: this.#prover });
    return this.#clock.each('rsa-two-primes', found);
  }

  /** Keys of known moduli from one part. */
  #fromParts(
    moduli: readonly Modulus[],
    by: Pick<KnownModulusRequest, 'modulusPlaces' | 'unconfirmed'>,
  ): Generator<FoundRsaKey> {
    const request = {
      ...{ ...by, ...this.#context, length: this.#request.length },
      extractor: this.#context.kernel.extractor,
      ...{ windows: this.#windows, texts: this.#texts, digits: this.#digits, clock: this.#clock },
    };
    return this.#clock.each('rsa-known-primes', keysFromParts(moduli, request, this.#prover));
  }
}

/** Keys of known moduli from one part. */
function* keysFromParts(
  moduli: readonly Modulus[],
  request: KnownModulusRequest,
  prover: RsaProver,
): Generator<FoundRsaKey> {
  const proven = new Set<bigint>();
  const refused = new Map<bigint, KeyFromPart>();
  for (const found of searchKnownModuli(moduli, request)) {
    const { modulus, material } = found;
    if (modulus.solved) continue;
    if (prover.isProven(material)) {
      modulus.solved = true;
      proven.add(modulus.n);
      yield describePart(found);
    } else if (material.d === undefined) refused.set(modulus.n, found);
  }
  // A prime of n proves the key even if every e known with n is crafted.
  for (const [n, found] of refused) {
    const { e: _, ...material } = found.material;
    if (!proven.has(n) && prover.isProven(material)) yield describePart({ ...found, material });
  }
}

function describePart({ modulus: _, material, part, lost, ...place }: KeyFromPart): FoundRsaKey {
  const evidence = lost
    ? `the ${lost.end} ${lost.bytes} bytes of ${part} are lost and were computed`
    : `the number here is ${part}`;
  return { material, place, evidence: [evidence], component: part, ...(lost ? { partial: true } : {}) };
}

/** The windows that do not overlap the places, as new columns. */
export function windowsOutside(
  windows: ReadonlyMap<number, WindowColumns>,
  places: PlaceSet,
): ReadonlyMap<number, WindowColumns> {
  if (places.count === 0) return windows;
  return new Map([...windows].map(([size, columns]) => [size, columnsOutside(columns, size, places)]));
}

function columnsOutside(columns: WindowColumns, size: number, places: PlaceSet): WindowColumns {
  const { length: most } = columns;
  // The usual length of a number; an overlap is confirmed with the exact one.
  const bytes = size * 8;
  const kept = {
    length: 0,
    offsets: new Float64Array(most),
    readings: new Uint8Array(most),
    places: new Uint8Array(most),
    lows: new BigUint64Array(most),
  };
  for (let i = 0; i < most; i++) {
    const offset = columns.offsets[i]!;
    if (places.overlaps(offset, offset + bytes)) {
      const { length } = placeAt(columns, i, size);
      if (places.overlaps(offset, offset + length)) continue;
    }
    const to = kept.length++;
    kept.offsets[to] = offset;
    kept.readings[to] = columns.readings[i]!;
    kept.places[to] = columns.places[i]!;
    kept.lows[to] = columns.lows[i]!;
  }
  return kept;
}

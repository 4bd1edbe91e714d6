import { release } from '../../base/bytes/growable-array.js';
import { toBigint } from '../../base/bytes/integers.js';
import type { Reader } from '../../base/bytes/storage.js';
import type { KeyMaterial, RsaMaterial } from '../../model/key-material.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import { bitLength } from '../core/integer-encodings.js';
import { Kernel } from '../core/kernel.js';
import { inDigits, sightings } from '../core/known-integers.js';
import { RunBytes } from '../core/run-bytes.js';
import { RunCache, type RunCacheColumns } from '../core/run-cache.js';
import { type RunColumns, RunList } from '../core/run-list.js';
import { SkippedWork } from '../core/skipped-work.js';
import type { NumberFound, PublicKey } from '../core/types.js';
import { type PackedPlace, packedKeys } from './adjacent-npq.js';
import { bareExponents } from './bare-exponents.js';
import { bareManyPrimes } from './bare-many-primes.js';
import { bareModuli } from './bare-moduli.js';
import { guessedModuli } from './candidate-moduli.js';
import type { FragmentFound } from './key-from-part.js';
import { idOf, knownModuli } from './known-moduli.js';
import { CROWD, type FragmentsRequest, fragments } from './known-modulus-search.js';
import { isPublic, KnownPlaces, likeliest, locate, type Modulus, type Sight } from './modulus.js';
import { type Factored, RsaJoin } from './product-join.js';
import { type RsaAnswer, show } from './rsa-answer.js';
import {
  exponentsOf,
  firstPlace,
  largestFirst,
  type RsaFound,
  rsaMaterial,
  USUAL,
  usualFirst,
  withExponents,
} from './rsa-key.js';
import { amongTexts, type RsaText } from './rsa-texts.js';
import { windowsOutside } from './window-filter.js';

/** What RSA keys are made of, as plain data for any thread. */
export interface RsaRequest {
  windows: ReadonlyMap<number, WindowColumns>;
  runs: RunColumns;
  kept: RunCacheColumns;
  /** Where digits stand. */
  digits: RunColumns;
  packed: readonly PackedPlace[];
  texts: readonly RsaText[];
  publicKeys: readonly PublicKey[];
  /** Bytes of the artifact, by which budgets go. */
  length: number;
  /** Without budgets. */
  deep: boolean;
}

/**
 * Bits of a modulus up to which two primes and their product are no key by themselves: as many as a product of two field elements of P-384 has.
 * Arithmetic of curves leaves such products by the ten thousand, and of one in 30,000 both factors happen to be prime.
 */
const FIELD_PRODUCT = 768;

type Proves = (material: KeyMaterial) => boolean;

/** Whole RSA keys, and those of which the modulus is known and one part is here. */
export function searchRsa(request: RsaRequest, reader: Reader, proves: Proves): RsaAnswer {
  const shortfall = new SkippedWork();
  const kernel = Kernel.take();
  const found = [...new RsaSearch(request, reader, kernel, shortfall, proves).keys()].map(show);
  kernel.release();
  return { found, left: shortfall.left() };
}

class RsaSearch {
  readonly #request: RsaRequest;
  readonly #shortfall: SkippedWork;
  readonly #proves: Proves;
  readonly #kernel: Kernel;
  readonly #bytes: RunBytes;
  readonly #runs: RunList;
  readonly #digits: RunList;
  readonly #texts: readonly RsaText[];
  readonly #windows: RsaRequest['windows'];

  constructor(request: RsaRequest, reader: Reader, kernel: Kernel, shortfall: SkippedWork, proves: Proves) {
    this.#request = request;
    this.#kernel = kernel;
    this.#shortfall = shortfall;
    this.#proves = proves;
    this.#bytes = new RunBytes(reader, kernel, new RunCache(request.kept));
    this.#runs = new RunList(request.runs);
    this.#digits = new RunList(request.digits);
    this.#windows = request.windows;
    this.#texts = request.texts.map(({ octets, ...place }) => ({ ...place, octets: Buffer.from(octets) }));
  }

  /** A budget, or none. */
  readonly #most = (budget: number): number => (this.#request.deep ? Number.POSITIVE_INFINITY : budget);

  *keys(): Generator<NumberFound & { material: RsaMaterial }> {
    const known = new Set<bigint>();
    for (const key of this.#withPrimes()) {
      known.add(toBigint(key.material.n!));
      yield key;
    }
    yield* this.#exponents(known);
  }

  /** All but those of which n and d alone are here. */
  *#withPrimes(): Generator<NumberFound & { material: RsaMaterial }> {
    const moduli = knownModuli(this.#request, this.#texts, this.#shortfall);
    const sights = this.#sights(moduli);
    const places = new KnownPlaces(this.#crowded ? [] : sights.filter(isPublic));
    const outside = windowsOutside(this.#windows, places);
    const keys = this.#joined(outside);
    const tried = new Set(withExponents([...keys.values()], moduli));
    const proven = new Set<bigint>();
    for (const key of this.#whole([...tried])) {
      proven.add(toBigint(key.material.n!));
      yield key;
    }
    // Of what is told with n anybody may have made up e.
    const open = [...keys.values()].filter((key) => !tried.has(key) && !proven.has(key.n.value));
    yield* this.#whole(open);
    const known = new Set([...keys.keys(), ...moduli.map(({ n }) => n)]);
    yield* this.#split(known, outside);
    yield* this.#ofManyPrimes(known, outside);
    yield* this.#fragments(
      moduli.filter(({ n }) => !keys.has(n)),
      { sights, guessed: false },
    );
    if (!this.#request.deep) return;
    for (const guessed of guessedModuli(this.#windows, known, this.#bytes))
      yield* this.#fragments(guessed, { sights: [], guessed: true });
  }

  /** Moduli of which both primes are here. */
  #joined(factors: RsaRequest['windows']): Map<bigint, RsaFound> {
    const keys = new Map<bigint, RsaFound>();
    for (const found of [...this.#factored(factors), ...packedKeys(this.#bytes, this.#request.packed)])
      if (!keys.has(found.n.value)) keys.set(found.n.value, largestFirst(found));
    return keys;
  }

  /** Where known moduli stand, which takes a pass over all runs: parts of open ones are not found without it, and small dumps have most of their windows there. */
  #sights(moduli: readonly Modulus[]): Sight[] {
    const isOpen = moduli.some(({ solved }) => !solved);
    if (moduli.length === 0 || (this.#crowded && !isOpen)) return [];
    return locate(likeliest(moduli), this.#kernel, this.#bytes, this.#runs);
  }

  get #crowded(): boolean {
    return countOf(this.#windows) > CROWD;
  }

  /** Moduli with both primes. What only this search works with is given back: it is most of what all of them hold. */
  #factored(factors: RsaRequest['windows']): Factored[] {
    const windows = this.#windows;
    const join = new RsaJoin(this.#kernel, this.#bytes, this.#shortfall, this.#most);
    const found = this.#kernel.scratch(() => [...join.factor(windows, this.#request.length, factors)]);
    for (const { lows } of windows.values()) release(lows);
    return found;
  }

  /** Whole keys, with the public exponent that their certificate or their private exponents tell. */
  *#whole(keys: readonly RsaFound[]): Generator<NumberFound & { material: RsaMaterial }> {
    for (const [round, some] of USUAL.entries()) {
      const open = round === 0 ? keys : keys.filter(({ e }) => e === undefined);
      if (open.length === 0) break;
      const wanted = open.flatMap((key) => exponentsOf(key, some));
      const seen = sightings(wanted, this.#kernel, this.#bytes, this.#runs);
      const inThem = sightings(wanted, this.#kernel, this.#bytes, this.#digits, {
        layouts: inDigits,
        step: 4,
      });
      for (const { label, value } of [...amongTexts(wanted, this.#texts), ...seen, ...inThem]) {
        label.key.e ??= label.e;
        if (label.key.e === label.e) label.key.exponent ??= { name: label.name, value };
      }
    }
    for (const key of keys) {
      // A key has an exponent, private or public.
      if (key.e === undefined && bitLength(key.n.value) <= FIELD_PRODUCT) continue;
      const material = rsaMaterial(key);
      const place = firstPlace(key);
      if (this.#proves(material)) yield { material, place, component: place === key.p ? 'p' : 'q' };
    }
  }

  /**
   * Keys of which n and d are here and no prime, and which no public key tells: of that d is looked for in more places, but for its e alone, which anybody may
   * have made up. Each once: of copies side by side every one is a pair with every other.
   */
  *#exponents(known: Set<bigint>): Generator<NumberFound & { material: RsaMaterial }> {
    const told = new Set(usualFirst(this.#request.publicKeys).map(({ shown }) => idOf(shown)));
    const found = bareExponents({
      ...{ kernel: this.#kernel, bytes: this.#bytes, runs: this.#runs },
      ...{ shortfall: this.#shortfall, budget: this.#most },
    });
    for (const { n, e, material, place } of found) {
      if (known.has(n) || told.has(idOf({ n, e })) || !this.#proves(material)) continue;
      known.add(n);
      yield { material, place, evidence: ['the number here is d'], component: 'd' };
    }
  }

  /** Keys of which n and one prime are here. */
  *#split(
    known: Set<bigint>,
    windows: RsaRequest['windows'],
  ): Generator<NumberFound & { material: RsaMaterial }> {
    const found = bareModuli(windows, known, {
      length: this.#request.length,
      kernel: this.#kernel,
      bytes: this.#bytes,
      runs: this.#runs,
      shortfall: this.#shortfall,
      budget: this.#most,
    });
    for (const { n, material, place, component, modulus } of found) {
      if (known.has(n) || !this.#proves(material)) continue;
      known.add(n);
      const evidence = [`the number here divides the one at 0x${modulus.toString(16)}`];
      yield { material, place, evidence, component };
    }
  }

  /** Keys of which n and three primes or more are here, or all of these but one. */
  *#ofManyPrimes(
    known: Set<bigint>,
    windows: RsaRequest['windows'],
  ): Generator<NumberFound & { material: RsaMaterial }> {
    const means = { bytes: this.#bytes, shortfall: this.#shortfall, budget: this.#most };
    for (const { n, material, place, modulus } of bareManyPrimes(windows, known, means)) {
      if (known.has(n) || !this.#proves(material)) continue;
      known.add(n);
      const evidence = [`the number here divides the one at 0x${modulus.toString(16)}, and so do others`];
      if (material.d) evidence.push('d was computed of all primes for e = 65537, which nothing here tells');
      yield { material, place, evidence, component: 'p' };
    }
  }

  /** Keys of which the modulus is known and one part is here. */
  *#fragments(
    moduli: readonly Modulus[],
    by: Pick<FragmentsRequest, 'sights' | 'guessed'>,
  ): Generator<NumberFound & { material: RsaMaterial }> {
    const proven = new Set<bigint>();
    const others = new Map<bigint, FragmentFound>();
    for (const found of fragments(moduli, {
      ...by,
      length: this.#request.length,
      kernel: this.#kernel,
      extractor: this.#kernel.extractor,
      bytes: this.#bytes,
      runs: this.#runs,
      windows: this.#windows,
      texts: this.#texts,
      digits: this.#digits,
      shortfall: this.#shortfall,
      budget: this.#most,
    })) {
      const { modulus, material } = found;
      if (modulus.solved) continue;
      if (this.#proves(material)) {
        modulus.solved = true;
        proven.add(modulus.n);
        yield shownFragment(found);
      } else if (material.d === undefined) others.set(modulus.n, found);
    }
    // A prime of n is one, though each e that is told with it is made up.
    for (const [n, found] of others) {
      const { e: _, ...material } = found.material;
      if (!proven.has(n) && this.#proves(material)) yield shownFragment({ ...found, material });
    }
  }
}

function shownFragment({ modulus: _, material, part, lost, ...place }: FragmentFound) {
  const evidence = lost
    ? `the ${lost.end} ${lost.bytes} bytes of ${part} are lost and were computed`
    : `the number here is ${part}`;
  return { material, place, evidence: [evidence], component: part, ...(lost ? { partial: true } : {}) };
}

import { readSpki } from '../../core/asn1/spki.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { LimitTarget } from '../../core/limits/limit.js';
import { charactersOf, TEXT_ENCODINGS } from '../core/integer-encodings.js';
import { NumberSet } from '../core/number-set.js';
import { distinctTargets, targetOfKey } from '../core/skipped-work.js';
import type { SearchedPublicKey } from '../core/types.js';
import { WordTable, type WordTableColumns } from '../core/word-table.js';
import { Curve25519Search } from './edwards/curve25519.js';
import type { CurveContext } from './numbers/curve-numbers.js';
import { innerNumbers } from './numbers/inner-numbers.js';
import { type HeaderFrequency, type RankedScalars, rankScalars } from './numbers/scalar-rank.js';
import type { ScalarEncoding } from './points/multiples.js';
import { MANY_MULTIPLES, type MultiplesEntry, MultiplesPlan } from './scalars/block-multiples.js';
import { chooseScalars, scalarBudget, UNTRIED } from './scalars/scalar-choice.js';
import { storedLength } from './scalars/scalar-sources.js';
import type { SweepEntry } from './scalars/sweep-plan.js';
import type { LeftOfEntry, TrialEntry } from './scalars/trial-plan.js';

/** Octets of a seed or scalar of Curve25519. */
const SEED = 32;
/** Numbers, with about two interpretations each, from which on threads share the work. */
const MANY_NUMBERS = MANY_MULTIPLES / 2;
/** Bytes between a seed and its public half. */
const BESIDE = 4096;
/** Work for one number in all interpretations, in microseconds, and a unit of the limit's work. */
const COST = 11;

/** A set of 32-byte numbers, how they are stored, and the search for keys of Curve25519 among them. */
interface Source {
  set: NumberSet;
  reading: ScalarEncoding;
  length: number;
  inDigits: boolean;
  search: Curve25519Search;
  /** Numbers that are not multiplied yet. */
  rest?: RankedScalars;
}

/** A public key of the artifact, or a target. */
interface KnownKey {
  octets: Buffer;
  places: readonly number[];
  target: LimitTarget;
}

function knownKeys(publicKeys: readonly SearchedPublicKey[]): KnownKey[] {
  return publicKeys.flatMap(({ spki, isPublicRoot = false, places = [], ...of }) => {
    const key = readSpki(spki)?.key;
    return !isPublicRoot && key?.type === 'okp' && key.public.length === SEED
      ? [{ octets: Buffer.from(key.public), places, target: targetOfKey(of) }]
      : [];
  });
}

/** Every set of numbers that may hold keys of Curve25519. */
export class Curve25519Sources {
  all: Source[] = [];
  readonly #context: CurveContext;
  readonly #shown: readonly SearchedPublicKey[];
  readonly #publicKeys: readonly Buffer[];
  /** The strongest of the unsolved public keys. */
  #target: LimitTarget = 'blind';
  /** Indices of numbers that matched in a trial. */
  readonly #taken = new Map<Curve25519Search, number[]>();
  /** File offsets of public keys, ascending. */
  readonly places: readonly number[];

  readonly #headerFrequency: HeaderFrequency;
  readonly #known: readonly KnownKey[];

  constructor(
    context: CurveContext,
    publicKeys: readonly SearchedPublicKey[],
    headerFrequency: HeaderFrequency,
  ) {
    this.#context = context;
    this.#shown = publicKeys;
    this.#headerFrequency = headerFrequency;
    this.#known = knownKeys(publicKeys);
    this.#publicKeys = this.#known.map(({ octets }) => octets);
    this.places = this.#known.flatMap((key) => key.places).sort((a, b) => a - b);
  }

  /** Multiplies the likeliest numbers; the others are for a trial. */
  *begin(): Pausing<MultiplesPlan> {
    const { kernel, length, budget } = this.#context;
    const many: MultiplesEntry[] = [];
    for (const source of this.#sets()) {
      const { set } = source;
      const search = new Curve25519Search(set, kernel, source.inDigits);
      let left = 0;
      const room = scalarBudget(length, SEED, budget);
      const chosen = chooseScalars(set, room, this.#headerFrequency, (count) => {
        left = count;
      });
      const { inDigits } = source;
      if (chosen.length < MANY_NUMBERS) yield* search.add(chosen);
      else
        many.push({
          ...{ attempt: { curve: 'Curve25519', inDigits }, set, indices: chosen },
          take: (values, numbers) => search.take(values, numbers),
        });
      const rest = left > 0 ? rankScalars(set, chosen, this.#headerFrequency, this.places) : undefined;
      this.all.push({ ...source, search, ...(rest ? { rest } : {}) });
    }
    if (many.length > 0) yield new MultiplesPlan(many);
    for (const { search } of this.all) yield* this.#match(search);
    const open = this.#known.filter(({ octets }) => !this.all.some(({ search }) => search.solves(octets)));
    this.#target = distinctTargets(open.map(({ target }) => target))[0] ?? 'blind';
  }

  #sets(): Omit<Source, 'search' | 'rest'>[] {
    const { numbers } = this.#context;
    const bare = { reading: 'bytes-be' as const, length: SEED };
    return [
      { ...bare, set: numbers.bySize.get(SEED)! },
      { ...bare, set: innerNumbers(SEED, this.#context) },
      ...TEXT_ENCODINGS.map((reading) => {
        return { set: numbers.texts[reading].get(SEED)!, reading, length: charactersOf(SEED, reading) };
      }),
      ...[...numbers.jsEngineSets(SEED)].map(([reading, set]) => {
        return { set, reading, length: storedLength(reading, SEED), inDigits: true };
      }),
    ].map((source) => ({ inDigits: false, ...source }));
  }

  /** Compares the numbers' public keys with those that are known. */
  *#match(search: Curve25519Search): Pausing<never> {
    yield* search.addPublicKeys(this.#shown);
    for (const { set, reading, inDigits } of this.all)
      if (inDigits) yield* search.addCoordinates(set);
      else if (reading !== 'bytes-be') yield* search.addTexts(set);
  }

  /** Kept numbers to be tried. */
  entries(): TrialEntry[] {
    return this.all.flatMap(({ set, inDigits, search, rest }): TrialEntry[] => {
      if (rest === undefined) return [];
      return [
        {
          ...{ of: set, attempt: { curve: 'Curve25519', inDigits } },
          ...{ set, ...rest, rare: false, cost: COST, target: this.#target, isOpen: () => true },
          take: (indices) => this.#take(search, indices),
        },
      ];
    });
  }

  /** The size, if not all of its numbers are kept and there is a key that is written or asked for. */
  sweepEntries(): SweepEntry[] {
    const { numbers, kernel } = this.#context;
    const bare = this.all.find(({ set }) => this.#isSwept(set));
    if (bare === undefined) return [];
    const set = new NumberSet(SEED);
    const search = new Curve25519Search(set, kernel);
    this.all.push({ ...bare, set, search });
    return [
      {
        ...{ of: bare.set, attempt: { curve: 'Curve25519', inDigits: false }, size: SEED, flags: 0 },
        ...{ counts: numbers.countsOf(SEED), cost: COST },
        // A seed that is kept may have its public half behind it, which is not.
        from: Math.max(0, numbers.firstDropped(bare.set) - BESIDE),
        ...{ target: this.#target, rare: false, isOpen: () => true },
        take: (swept) => this.#take(search, set.addAll(swept)),
      },
    ];
  }

  #take(search: Curve25519Search, indices: readonly number[]): void {
    const taken = this.#taken.get(search) ?? [];
    this.#taken.set(search, taken);
    taken.push(...indices);
  }

  /**
   * Multiplies the numbers that matched in a trial, all at once: each comparison reads all that may be public
   * keys.
   */
  *complete(): Pausing<never> {
    for (const [search, taken] of this.#taken) {
      yield* search.add(taken);
      yield* this.#match(search);
    }
    this.#taken.clear();
  }

  #isSwept(set: NumberSet): boolean {
    const { numbers } = this.#context;
    return this.#target !== 'blind' && set === numbers.bySize.get(SEED) && numbers.overflows(set);
  }

  /** First words of what may be public keys. */
  keys(): WordTableColumns {
    const sets = this.all.map(({ set }) => set);
    const most = sets.reduce((sum, { length }) => sum + length, this.#publicKeys.length);
    const table = WordTable.forWords(most);
    for (const { bytes, size } of sets)
      for (let at = 0; at < bytes.length; at += size)
        table.add(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
    for (const octets of this.#publicKeys) table.add(octets.readUInt32LE(0), octets.readUInt32LE(4));
    return table.columns;
  }

  /** Reports the numbers that the trials left out. */
  report(left: readonly Omit<LeftOfEntry, 'entry'>[]): void {
    for (const { set } of this.all)
      for (const { count, likely } of left.filter(({ of }) => of === set)) {
        const { from, to } = set.extent;
        const counts = { target: 'any', left: count, likely } as const;
        this.#context.skippedWork.add('ed25519-seeds', counts, UNTRIED, from, to);
      }
  }
}

import { inverse } from '../../base/bytes/integers.js';
import { Effort } from '../core/effort.js';
import { bitLength, lowWord } from '../core/integer-encodings.js';
import { zeroBytes } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Budget } from '../core/skipped-work.js';
import type { Run, WordReading } from '../core/types.js';
import { type FragmentFound, fragment } from './key-from-part.js';
import type { Modulus } from './modulus.js';

/** Zero bytes of a word that is taken for what was written over a number: a pointer, a length, nothing. */
const LEAST_ZEROS = 2;
/** Words of numbers with holes that are kept of one size, 32 bytes each: dense files have some thousand numbers. */
const MOST_WORDS = 1 << 19;
/** Pairs whose lowest words fit and that are filled, 20 us each: chance makes none, a hostile dump as many as it likes. */
const MOST_PAIRS = 1 << 15;

/** As many readings as a prime with holes may have: behind whose hole the rest of an array stands nobody knows. */
const READINGS: readonly WordReading[] = ['limbs-le', 'bytes-be'];

/** A number of which some words were overwritten. */
interface Holed {
  offset: number;
  reading: WordReading;
  /** The lowest first; undefined where a word is lost. */
  words: (bigint | undefined)[];
}

const MASK = (1n << 64n) - 1n;

/**
 * p and q of known moduli of which words in the middle were overwritten, other words of each: where one has lost a word, the
 * other tells it. From the low end on, p * q = n modulo each power of 2^64 gives one word after the other, without a guess (the way of
 * Heninger and Shacham 2009, with words in place of bits).
 */
export function* primesWithGaps(
  moduli: readonly Modulus[],
  { bytes, runs, leave, budget }: { bytes: RunBytes; runs: RunList; leave: Leave; budget: Budget },
): Generator<FragmentFound> {
  const sizes = new Set(moduli.map(({ n }) => Math.ceil(bitLength(n) / 128)));
  const pairs = new Effort(budget(MOST_PAIRS));
  for (const size of sizes) {
    const all = collect(size, bytes, runs, leave);
    const byLow = new Map<bigint, Holed[]>();
    for (const each of all) {
      const low = each.words[0]!;
      const known = byLow.get(low);
      if (known) known.push(each);
      else byLow.set(low, [each]);
    }
    for (const modulus of moduli) {
      if (modulus.solved || Math.ceil(bitLength(modulus.n) / 128) !== size) continue;
      yield* pairsOf(modulus, all, byLow, pairs, leave);
    }
  }
}

type Leave = (search: string, what: string, count: number, from: number, to: number) => void;

/** Every pair whose lowest words fit, until one of them makes n. */
function* pairsOf(
  modulus: Modulus,
  all: readonly Holed[],
  byLow: ReadonlyMap<bigint, readonly Holed[]>,
  pairs: Effort,
  leave: Leave,
): Generator<FragmentFound> {
  const low = lowWord(modulus.n);
  for (const one of all) {
    const wanted = lowWord(low * inverse(one.words[0]!, MASK + 1n)!);
    for (const other of byLow.get(wanted) ?? []) {
      if (!pairs.spend(1)) {
        const [first, last] = [all[0]!, all.at(-1)!];
        leave(
          'hole pairs',
          'moduli had pairs of numbers with holes that were not tried',
          1,
          first.offset,
          last.offset + 8 * last.words.length,
        );
        return;
      }
      const p = filled(one.words, other.words, modulus.n);
      if (p === undefined) continue;
      const length = one.words.length * 8;
      const lost = one.words.filter((word) => word === undefined).length * 8;
      const place = { offset: one.offset, length, reading: one.reading };
      yield { ...fragment(modulus, 'p', place, { p }), lost: { bytes: lost, end: 'middle' } };
      if (modulus.solved) return;
    }
  }
}

/**
 * p, where its words and those of q make n together. With p and q known below the j-th word, p_j q_0 + q_j p_0 is known modulo 2^64:
 * it tells the one that is lost, or bears both out.
 */
export function filled(
  one: readonly (bigint | undefined)[],
  other: readonly (bigint | undefined)[],
  n: bigint,
): bigint | undefined {
  const [p0, q0] = [one[0]!, other[0]!];
  const [byP, byQ] = [inverse(p0, MASK + 1n)!, inverse(q0, MASK + 1n)!];
  if (lowWord(p0 * q0) !== lowWord(n)) return undefined;
  let [p, q] = [p0, q0];
  for (let j = 1; j < one.length; j++) {
    const shift = BigInt(64 * j);
    const rest = lowWord((n - p * q) >> shift);
    let [x, y] = [one[j], other[j]];
    if (x === undefined && y === undefined) return undefined;
    x ??= lowWord((rest - y! * p0) * byQ);
    y ??= lowWord((rest - x * q0) * byP);
    if (lowWord(x * q0 + y * p0) !== rest) return undefined;
    p |= x << shift;
    q |= y << shift;
  }
  return p * q === n && p > 1n && q > 1n ? p : undefined;
}

/** What begins where a run does, ends where one does, and is no random word somewhere between. */
function collect(size: number, bytes: RunBytes, runs: RunList, leave: Leave): Holed[] {
  const found: Holed[] = [];
  const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  const open: Run[] = [];
  for (const run of runs) {
    const end = run.offset + run.words * 8;
    open.push(run);
    while (open.length > 0 && open[0]!.offset + size * 8 < end) open.shift();
    const first = open[0];
    if (first === undefined || first.offset + size * 8 !== end) continue;
    if (found.length * size >= MOST_WORDS) {
      left.count++;
      left.from = Math.min(left.from, first.offset);
      left.to = Math.max(left.to, end);
    } else found.push(...readingsOf(first.offset, bytes.read(first.offset, size * 8)));
  }
  if (left.count > 0) leave('holes', 'numbers with holes were not kept', left.count, left.from, left.to);
  return found;
}

function* readingsOf(offset: number, stored: Buffer): Generator<Holed> {
  const lost = Array.from({ length: stored.length / 8 }, (_, i) => zeroBytes(stored, i * 8) >= LEAST_ZEROS);
  if (!lost.includes(true)) return;
  for (const reading of READINGS) {
    const order = [...lost.keys()];
    if (reading === 'bytes-be') order.reverse();
    const words = order.map((i) => {
      if (lost[i]) return undefined;
      return reading === 'limbs-le' ? stored.readBigUInt64LE(i * 8) : stored.readBigUInt64BE(i * 8);
    });
    if (words[0] !== undefined && (words[0] & 1n) === 1n) yield { offset, reading, words };
  }
}

/**
 * p or q of a known modulus of which the first or the last words are lost: overwritten after a free, or cut
 * off. What has two thirds of a prime at an end of a run is tried with the targets of that size; without
 * budgets with all moduli, targets first. The lost bits come from a lattice of two dimensions (plane.ts).
 */

import { padded, toBytes } from '../../core/base/bytes/integers.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import type { Extractor } from '../../sweep/runs/extractor.js';
import type { WindowColumns } from '../core/columns.js';
import { bitLength, toBigEndian, toNumber } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SkippedWork, WorkBudget } from '../core/skipped-work.js';
import type { FilePlace, WordEncoding } from '../core/types.js';
import { type Family, groupBy, type Modulus, type PlaceSet, targetsOf } from './modulus.js';
import { factorInPlane, type KnownPart, maxLostInPlane } from './plane.js';
import { collectPrimeParts, type PrimePartWindow, type PrimePartWindows } from './prime-part-windows.js';
import { rsaMaterial } from './rsa-key.js';
import type { RunEdgeWindows } from './run-edge-windows.js';

/** Of one part and one modulus, by the words of a prime, in products of words. */
const cost = (words: number): number => 2_000 + 400 * words;

/** Which bits of a number are known if one end of its bytes is present. */
const FORMS: readonly { end: PrimePartWindow['end']; reading: WordEncoding; side: KnownPart['side'] }[] = [
  { end: 'back', reading: 'limbs-le', side: 'high' },
  { end: 'back', reading: 'bytes-be', side: 'low' },
  { end: 'front', reading: 'limbs-le', side: 'low' },
  { end: 'front', reading: 'bytes-be', side: 'high' },
  { end: 'front', reading: 'int32-msw', side: 'high' },
];

const NAME = 'rsa-known-n parts' as const;
const UNTRIED = 'parts of primes were not tried with known moduli';

/** Moduli with primes of one size. */
interface Group {
  /** Length of a prime. */
  bits: number;
  words: number;
  moduli: readonly Modulus[];
}

function groupsOf(moduli: readonly Modulus[]): Group[] {
  return [...groupBy(moduli, ({ n }) => (bitLength(n) + 1) >> 1)]
    .sort(([a], [b]) => a - b)
    .map(([bits, group]) => ({ bits, words: Math.ceil(bits / 64), moduli: group }));
}

/** Words of a prime that can be lost. */
const lostWords = (bits: number): number => Math.floor(maxLostInPlane(bits) / 64);

export interface PrimePartsRequest {
  kernel: NumberKernel;
  extractor: Extractor;
  bytes: RunBytes;
  runs: RunList;
  publicPlaces: PlaceSet;
  /** All moduli, everywhere. */
  deep: boolean;
  effort: WorkBudget;
  skippedWork: SkippedWork;
}

export function* primeParts(moduli: readonly Modulus[], request: PrimePartsRequest): Generator<KeyFromPart> {
  const { deep } = request;
  const groups = groupsOf(moduli.filter(({ solved, isTarget }) => !solved && (isTarget || deep)));
  if (groups.length === 0) return;
  const windows = windowsOf(groups, request);
  for (const targets of [true, false])
    for (const group of groups) {
      const lost = lostWords(group.bits);
      const moduli = group.moduli.filter(({ isTarget }) => isTarget === targets);
      const some = windows
        .get(group.words)!
        .windows.filter(({ stored }) => stored.length >= (group.words - lost) * 8);
      yield* completed(some, { ...group, moduli }, lost, request);
    }
}

function windowsOf(
  groups: readonly Group[],
  { bytes, runs, kernel, extractor, publicPlaces, deep, skippedWork }: PrimePartsRequest,
): ReadonlyMap<number, PrimePartWindows> {
  const leastBySize = new Map<number, number>();
  for (const { bits, words } of groups) {
    const least = words - lostWords(bits);
    leastBySize.set(words, Math.min(least, leastBySize.get(words) ?? least));
  }
  const sizes = [...leastBySize].map(([words, least]) => ({ words, least, deep }));
  const windows = collectPrimeParts(sizes, bytes, runs, kernel, extractor, publicPlaces);
  for (const [words, { skipped }] of windows) {
    const moduli = groups.filter((group) => group.words === words).flatMap((group) => group.moduli);
    skipped.report(skippedWork, NAME, targetsOf(moduli), 'parts of primes were not kept');
  }
  return windows;
}

/** The primes of one size that are computed from the windows. */
function* completed(
  windows: readonly PrimePartWindow[],
  { bits, words, moduli }: Group,
  lost: number,
  { effort, bytes }: PrimePartsRequest,
): Generator<KeyFromPart> {
  for (const window of windows)
    for (const form of FORMS) {
      const part = partOf(window, form, bits, words, lost);
      const open = part ? moduli.filter(({ solved }) => !solved) : [];
      if (part === undefined || open.length === 0) continue;
      const [from, to] = [window.offset, window.offset + window.stored.length];
      const count = open.length;
      const candidates = { search: NAME, what: UNTRIED, targets: targetsOf(open), count, from, to };
      if (!effort.spend(cost(words) * open.length, candidates)) continue;
      const completion = factorInPlane(part);
      for (const modulus of open) {
        const p = completion(modulus.n);
        if (p !== undefined) yield found(p, modulus, window, form.reading, words, bytes);
      }
    }
}

/** The words of a window that are used; undefined if the window does not have that form. */
function partOf(
  { stored, end, isArray }: PrimePartWindow,
  form: (typeof FORMS)[number],
  bits: number,
  words: number,
  lost: number,
): KnownPart | undefined {
  if (form.end !== end || (form.reading === 'int32-msw' && !isArray)) return undefined;
  const length = (words - lost) * 8;
  const present = end === 'front' ? stored.subarray(0, length) : stored.subarray(stored.length - length);
  const value = toNumber(present, form.reading);
  // A prime is odd, and half as long as its modulus.
  const fits = form.side === 'low' ? (value & 1n) === 1n : Math.abs(bitLength(value) + lost * 64 - bits) <= 1;
  return fits ? { side: form.side, value, known: length * 8, lost: lost * 64 } : undefined;
}

/** The place of those bytes of the prime that are present: all that agree with it from its end on. */
function found(
  p: bigint,
  modulus: Modulus,
  { offset, stored, end }: PrimePartWindow,
  reading: WordEncoding,
  words: number,
  bytes: RunBytes,
): KeyFromPart {
  const whole = toBigEndian(padded(toBytes(p), words * 8), reading);
  const begin = end === 'front' ? offset : offset + stored.length - whole.length;
  const cut = Math.max(0, -begin);
  const present = bytes.read(begin + cut, whole.length - cut);
  let length = 0;
  if (end === 'front') while (length < present.length && present[length] === whole[length]) length++;
  else while (length < present.length && present.at(-1 - length) === whole.at(-1 - length)) length++;
  const place = { offset: end === 'front' ? begin : begin + whole.length - length, length, reading };
  const lost = {
    bytes: whole.length - length,
    end: end === 'front' ? ('last' as const) : ('first' as const),
  };
  return { ...keyFromPart(modulus, 'p', place, { p }), ...(lost.bytes > 0 ? { lost } : {}) };
}

/** A private key computed from its modulus and the part found at a place. */
export interface KeyFromPart extends FilePlace {
  modulus: Modulus;
  material: RsaMaterial;
  /** Name of that part. */
  part: string;
  /** Bytes of the part that are missing and were computed, and where they were. */
  lost?: { bytes: number; end: 'first' | 'last' };
}

/** Input of a search for one kind of part. */
export interface PartSearch {
  family: Family;
  /** Windows of `words` words at the edges of runs. */
  edges(words: number): RunEdgeWindows;
  /** Which of them are tried: those that fill their run, the others, or all. */
  subset: 'filling' | 'others' | 'all';
  /** Windows in runs that may be primes, by size in words. */
  windows: ReadonlyMap<number, WindowColumns>;
  kernel: NumberKernel;
  bytes: RunBytes;
  publicPlaces: PlaceSet;
  /** For the numbers of the subset. */
  effort: WorkBudget;
  /** For numbers that are no likely ones, and for expensive ways to try a number. */
  otherEffort: WorkBudget;
  /** The moduli are those of end entities or targets: the budget for likely numbers is large. */
  isWanted: boolean;
}

/** Indices [first, end) of the windows of a subset. */
export function subsetBounds(
  windows: RunEdgeWindows,
  subset: PartSearch['subset'],
): [first: number, end: number] {
  const { fillingCount, length } = windows;
  return [subset === 'others' ? fillingCount : 0, subset === 'filling' ? fillingCount : length];
}

/** Parts whose search uses e, so that a hit confirms an assumed e. */
const PARTS_IMPLYING_E: ReadonlySet<string> = new Set(['d', 'dp']);

/**
 * `part` is named as if the prime were p; by convention p is the larger prime.
 * An assumed e that the part does not confirm is left out: the proof then reports that it is assumed.
 */
export function keyFromPart(
  modulus: Modulus,
  part: string,
  { offset, length, reading }: FilePlace,
  known: { p: bigint } | { d: bigint },
): KeyFromPart {
  const { n } = modulus;
  const isQ = 'p' in known && known.p <= n / known.p;
  const e = modulus.assumed && !PARTS_IMPLYING_E.has(part) ? undefined : modulus.e;
  const material = rsaMaterial({ n, e, ...(isQ ? { q: known.p } : known) });
  return { modulus, material, part: isQ ? part.replace('p', 'q') : part, offset, length, reading };
}

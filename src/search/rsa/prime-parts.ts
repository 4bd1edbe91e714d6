import { padded, toBytes } from '../../base/bytes/integers.js';
import type { Extractor } from '../../runs/extractor.js';
import type { Effort } from '../core/effort.js';
import { bitLength, toBigEndian, toNumber } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { WordReading } from '../core/types.js';
import { type FragmentFound, fragment } from './key-from-part.js';
import { type Completion, inPlane, inSpace, type KnownPart, lostInPlane } from './lattice/factor.js';
import type { KnownPlaces, Modulus } from './modulus.js';
import { collectParts, type PartWindow, type PartWindows } from './prime-part-windows.js';

/** How a prime is computed from a part of it: the cheaper, the less may be lost. */
interface Method {
  /** Bits of a prime of so many that may be lost. */
  lost(bits: number): number;
  complete(part: KnownPart): Completion;
  /** Of one part and one modulus, by the words of a prime, in products of words. */
  cost(words: number): number;
}

/** The limits of the last two are 2/5 and 4/9, where a lattice's rounding leaves no bit. */
const METHODS: readonly [Method, ...Method[]] = [
  { lost: lostInPlane, complete: inPlane, cost: (words) => 2_000 + 400 * words },
  {
    lost: (bits) => Math.floor((bits * 3) / 8),
    complete: (part) => inSpace(part, { power: 2, dimensions: 5 }),
    cost: (words) => 16_000 * words ** 2,
  },
  {
    lost: (bits) => Math.floor((bits * 7) / 16),
    complete: (part) => inSpace(part, { power: 4, dimensions: 9 }),
    cost: (words) => 1_300_000 * words ** 2,
  },
];

/** Which part of a number is known where one end of it is there. */
const FORMS: readonly { end: PartWindow['end']; reading: WordReading; side: KnownPart['side'] }[] = [
  { end: 'back', reading: 'limbs-le', side: 'high' },
  { end: 'back', reading: 'bytes-be', side: 'low' },
  { end: 'front', reading: 'limbs-le', side: 'low' },
  { end: 'front', reading: 'bytes-be', side: 'high' },
  { end: 'front', reading: 'int32-msw', side: 'high' },
];

/** Words beside a part that may be none of its own, before a cheaper method looks at it. */
const FOREIGN = 1;

/** Moduli whose primes have so many bits, and words. */
interface Group {
  bits: number;
  words: number;
  moduli: readonly Modulus[];
}

function groupsOf(moduli: readonly Modulus[]): Group[] {
  const byBits = new Map<number, Modulus[]>();
  for (const modulus of moduli) {
    const bits = (bitLength(modulus.n) + 1) >> 1;
    byBits.set(bits, [...(byBits.get(bits) ?? []), modulus]);
  }
  return [...byBits]
    .sort(([a], [b]) => a - b)
    .map(([bits, group]) => ({ bits, words: Math.ceil(bits / 64), moduli: group }));
}

/** Words that the methods may lose of a prime, one after the other. */
const lostWords = (bits: number): number[] => METHODS.map(({ lost }) => Math.floor(lost(bits) / 64));

export interface PartsRequest {
  kernel: Kernel;
  extractor: Extractor;
  bytes: RunBytes;
  runs: RunList;
  known: KnownPlaces;
  /** All methods, everywhere. */
  deep: boolean;
  /** What the first method may cost, and all others. */
  effort: Effort;
  more: Effort;
  leave(search: string, what: string, count: number, from: number, to: number): void;
}

/**
 * p or q of a known modulus, of which the first words or the last are lost: overwritten after it was freed, or cut off. What
 * has the needed share of a prime at an end of a run is tried against the moduli of that size that somebody asks for; with --deep
 * against all, those that are asked for first.
 */
export function* primeParts(moduli: readonly Modulus[], request: PartsRequest): Generator<FragmentFound> {
  const groups = groupsOf(moduli.filter(({ solved, asked }) => !solved && (asked || request.deep)));
  if (groups.length === 0) return;
  const windows = windowsOf(groups, request);
  for (const [i, method] of (request.deep ? METHODS : METHODS.slice(0, 1)).entries()) {
    for (const asked of [true, false])
      for (const group of groups) {
        const lost = lostWords(group.bits);
        const before = lost[i - 1];
        if (before !== undefined && lost[i]! <= before) continue;
        const chosen = group.moduli.filter((each) => each.asked === asked && (asked || each.bare || i === 0));
        const long = before === undefined ? Number.POSITIVE_INFINITY : group.words - before + FOREIGN;
        const some = windows
          .get(group.words)!
          .windows.filter(({ stored, run }) => stored.length >= (group.words - lost[i]!) * 8 && run <= long);
        const effort = i === 0 ? request.effort : request.more;
        yield* completed(some, { ...group, moduli: chosen }, lost[i]!, method, { ...request, effort });
      }
  }
}

function windowsOf(groups: readonly Group[], request: PartsRequest): ReadonlyMap<number, PartWindows> {
  const { bytes, runs, kernel, extractor, known, deep, leave } = request;
  const sizes = new Map<number, number>();
  for (const { bits, words } of groups) {
    const lost = lostWords(bits);
    const least = words - (deep ? Math.max(...lost) : lost[0]!);
    sizes.set(words, Math.min(least, sizes.get(words) ?? least));
  }
  const wanted = [...sizes].map(([words, least]) => ({ words, least, deep }));
  const windows = collectParts(wanted, bytes, runs, kernel, extractor, known);
  for (const { left } of windows.values())
    if (left.count > 0) leave('parts', 'parts of primes were not kept', left.count, left.from, left.to);
  return windows;
}

/** The primes of one size that are computed from the windows by one method. */
function* completed(
  windows: readonly PartWindow[],
  { bits, words, moduli }: Group,
  lost: number,
  { complete, cost }: Method,
  { effort, bytes, leave }: PartsRequest,
): Generator<FragmentFound> {
  const left = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  for (const window of windows)
    for (const form of FORMS) {
      const part = partOf(window, form, bits, words, lost);
      const open = part ? moduli.filter(({ solved }) => !solved) : [];
      if (part === undefined || open.length === 0) continue;
      if (!effort.spend(cost(words) * open.length)) {
        left.count += open.length;
        left.from = Math.min(left.from, window.offset);
        left.to = Math.max(left.to, window.offset + window.stored.length);
        continue;
      }
      const completion = complete(part);
      for (const modulus of open) {
        const p = completion(modulus.n);
        if (p !== undefined) yield found(p, modulus, window, form.reading, words, bytes);
      }
    }
  if (left.count > 0)
    leave('parts', 'parts of primes were not held against known moduli', left.count, left.from, left.to);
}

/** The words that a method takes of a window; undefined where the window is none of that form. */
function partOf(
  { stored, end, array }: PartWindow,
  form: (typeof FORMS)[number],
  bits: number,
  words: number,
  lost: number,
): KnownPart | undefined {
  if (form.end !== end || (form.reading === 'int32-msw' && !array)) return undefined;
  const length = (words - lost) * 8;
  const there = end === 'front' ? stored.subarray(0, length) : stored.subarray(stored.length - length);
  const value = toNumber(there, form.reading);
  const known = bitLength(value);
  // A prime is odd, and half as long as its modulus.
  const may = form.side === 'low' ? (value & 1n) === 1n : Math.abs(known + lost * 64 - bits) <= 1;
  return may ? { side: form.side, value, known: length * 8, lost: lost * 64 } : undefined;
}

/** The place of a prime's bytes that are there: as many as agree with it from its end on. */
function found(
  p: bigint,
  modulus: Modulus,
  { offset, stored, end }: PartWindow,
  reading: WordReading,
  words: number,
  bytes: RunBytes,
): FragmentFound {
  const whole = toBigEndian(padded(toBytes(p), words * 8), reading);
  const begin = end === 'front' ? offset : offset + stored.length - whole.length;
  const cut = Math.max(0, -begin);
  const there = bytes.read(begin + cut, whole.length - cut);
  let length = 0;
  if (end === 'front') while (length < there.length && there[length] === whole[length]) length++;
  else while (length < there.length && there.at(-1 - length) === whole.at(-1 - length)) length++;
  const place = { offset: end === 'front' ? begin : begin + whole.length - length, length, reading };
  const lost = {
    bytes: whole.length - length,
    end: end === 'front' ? ('last' as const) : ('first' as const),
  };
  return { ...fragment(modulus, 'p', place, { p }), ...(lost.bytes > 0 ? { lost } : {}) };
}

import { gcd, toBytes } from '../integers.js';
import type { RsaMaterial } from '../keys.js';
import { Secret } from '../secret.js';
import type { Windows } from './columns.js';
import { looksRandom } from './gate.js';
import { bitLength, lowWord, READINGS, storedLength, toNumber, WORD_READINGS } from './readings.js';
import type { Piece, RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Budget, Shortfall } from './shortfall.js';
import type { Reading } from './types.js';

/** A modulus that is known, and not yet factored. */
export interface Modulus {
  n: bigint;
  e: bigint;
  /** Where it stands among the runs; -1 where it does not, or nobody looked. */
  offset: number;
}

/** A whole key from one part of it. */
export interface FragmentFound {
  modulus: Modulus;
  material: RsaMaterial;
  /** The part that stands there. */
  part: string;
  offset: number;
  length: number;
  reading: Reading;
}

/** Windows times moduli that are multiplied together: 6 us each at 2,048 bits, 0.6 s in all. */
const MOST_TRIALS = 100_000;
/** Exponentiations for dp and dq: of the numbers nearest to their modulus, and for all moduli; 5 ms each at 2,048 bits. */
const NEAREST = 64;
const MOST_EXPONENTIATIONS = 128;
/** Windows whose factors are multiplied before one greatest common divisor is taken. */
const BATCH = 256;

/** Candidate primes times moduli that are tried by division: 2 us each at 2,048 bits. */
const MOST_DIVISIONS = 300_000;

/** Candidate primes that divide a known modulus, wherever it stands: every modulus of one size at once. */
export function* factors(
  moduli: readonly Modulus[],
  bySize: ReadonlyMap<number, Windows>,
  bytes: RunBytes,
  shortfall: Shortfall,
  budget: Budget,
): Generator<FragmentFound> {
  let left = budget(MOST_DIVISIONS);
  for (const [words, windows] of bySize) {
    const fitting = moduli.filter(({ n }) => Math.ceil(bitLength(n) / 64) === 2 * words);
    const product = fitting.reduce((all, { n }) => all * n, 1n);
    const affordable = fitting.length === 0 ? 0 : Math.min(windows.length, Math.floor(left / fitting.length));
    left -= affordable * fitting.length;
    if (fitting.length > 0 && affordable < windows.length) {
      const [from, to] = [windows.offsets[affordable]!, windows.offsets[windows.length - 1]!];
      shortfall.add(
        'rsa-known-n',
        'numbers did not divide known moduli',
        from,
        to,
        windows.length - affordable,
      );
    }
    for (let i = 0; i < affordable; i++) {
      const offset = windows.offsets[i]!;
      const reading = READINGS[windows.readings[i]!]!;
      const length = storedLength(words, reading);
      const stored = bytes.read(offset, length);
      if (stored.length < length) continue;
      const value = toNumber(stored, reading);
      if (product % value !== 0n) continue;
      const part = { value, offset, length: stored.length, reading, slack: 0 };
      for (const modulus of fitting)
        if (modulus.n % value === 0n) yield fragment(modulus, part, 'a prime', { p: secret(value) });
    }
  }
}

/** A window at the edge of a run that may be a part of a key. */
interface Part {
  value: bigint;
  offset: number;
  length: number;
  reading: Reading;
  /** Words by which its run is longer or shorter: none for most numbers that have a chunk of memory of their own. */
  slack: number;
}

/**
 * Marks the moduli that stand among the runs as bare numbers: their private halves are the likeliest to be there too. What
 * stands in its certificate alone is everybody's: a process holds a hundred root certificates.
 */
export function locate(
  moduli: readonly Modulus[],
  bySize: ReadonlyMap<number, Windows>,
  bytes: RunBytes,
): void {
  const byLow = new Map(moduli.map((modulus) => [lowWord(modulus.n), modulus]));
  for (const { length, lows, offsets } of bySize.values())
    for (let i = 0; i < length; i++) {
      const modulus = byLow.get(lows[i]!);
      if (modulus && modulus.offset < 0 && !standsInDer(offsets[i]!, bytes)) modulus.offset = offsets[i]!;
    }
}

/** The header of a DER INTEGER whose top bit is padded (X.690, 8.3) stands before the number. */
function standsInDer(offset: number, bytes: RunBytes): boolean {
  if (offset < 5) return false;
  // 02 82 hh ll 00, 02 81 ll 00 or 02 ll 00.
  const header = bytes.read(offset - 5, 5);
  return header[4] === 0 && header.subarray(0, 3).includes(0x02);
}

/**
 * Private keys of known moduli from any one part that stands at the edge of a run: p or q, R^2 mod p and R mod p of a
 * Montgomery context, p * R mod n, d, dp, dq. `moduli` are taken in their order.
 */
export function* fragments(
  moduli: readonly Modulus[],
  bytes: RunBytes,
  runs: RunList,
  kernelBytes: () => Buffer,
  shortfall: Shortfall,
  budget: Budget,
): Generator<FragmentFound> {
  let left = budget(MOST_TRIALS);
  let exponentiations = budget(MOST_EXPONENTIATIONS);
  const parts = new Map<number, Part[]>();
  const partsOf = (words: number): Part[] => {
    const known = parts.get(words) ?? [...edges(runs, bytes, kernelBytes, words)];
    parts.set(words, known);
    return known;
  };
  for (const modulus of moduli) {
    const words = Math.ceil(bitLength(modulus.n) / 64);
    const [half, whole] = [partsOf(words / 2), partsOf(words)];
    if (half.length + whole.length > left) {
      const [first, last] = [half[0] ?? whole[0], half.at(-1) ?? whole.at(-1)];
      shortfall.add(
        'rsa-known-n',
        'numbers were not held against a known modulus',
        first?.offset ?? 0,
        last?.offset ?? 0,
        half.length + whole.length,
      );
      continue;
    }
    left -= half.length + whole.length;
    const found =
      fromFactor(modulus, half, words / 2) ??
      fromExponent(modulus, whole) ??
      fromPrimeExponent(modulus, half, Math.min(NEAREST, exponentiations));
    if (modulus.offset >= 0) exponentiations -= Math.min(NEAREST, exponentiations);
    // Of dp and dq only the nearest numbers are ever tried; a modulus that got fewer was cut short by the others.
    if (modulus.offset >= 0 && !found && exponentiations === 0 && half.length > 0)
      shortfall.add(
        'rsa-known-n',
        'numbers were not tried as dp or dq of a known modulus',
        half[0]!.offset,
        half.at(-1)!.offset,
        half.length,
      );
    if (found) yield found;
  }
}

/** Numbers of `words` words at both edges of every run that is long enough, one word more or less on either side. */
function* edges(runs: RunList, bytes: RunBytes, kernelBytes: () => Buffer, words: number): Generator<Part> {
  if (!Number.isInteger(words)) return;
  const seen = new Set<bigint>();
  for (const run of runs) {
    if (run.words + 2 < words) continue;
    for (const piece of bytes.pieces(run)) {
      for (const start of starts(piece, words)) {
        const at = piece.at + start * 8;
        const all = kernelBytes();
        if (!looksRandom(all, at, words * 8)) continue;
        const stored = all.subarray(at, at + words * 8);
        const mark = stored.readBigUInt64LE() ^ stored.readBigUInt64LE(words * 8 - 8);
        if (seen.has(mark)) continue;
        seen.add(mark);
        const place = { offset: piece.offset + start * 8, length: words * 8 };
        const slack = Math.abs(run.words - words);
        for (const reading of WORD_READINGS)
          yield { value: toNumber(stored, reading), ...place, reading, slack };
      }
    }
  }
}

function starts({ words, before, after, startsRun, endsRun }: Piece, size: number): number[] {
  const wanted = [
    ...(startsRun ? [-1, 0, 1] : []),
    ...(endsRun ? [-1, 0, 1].map((more) => words - size + more) : []),
  ];
  const possible = wanted.filter((i) => i >= -1 && i * 8 + before >= 0 && (i + size) * 8 <= after);
  return [...new Set(possible)].filter((i) => i + size <= words + 1);
}

/** What a number c of half the modulus' size may be, and what of it shares the prime with n. */
function factorForms(half: number, n: bigint): { part: string; of(c: bigint): bigint }[] {
  const r = 1n << BigInt(half * 64);
  const r2 = (r * r) % n;
  return [
    { part: 'a prime', of: (c) => c },
    { part: 'R^2 mod a prime', of: (c) => r2 - c },
    { part: 'R mod a prime', of: (c) => r - c },
  ];
}

/** p itself, R^2 mod p or R mod p: of all candidates together one greatest common divisor, and only where it tells, each one. */
function fromFactor(modulus: Modulus, parts: readonly Part[], half: number): FragmentFound | undefined {
  const { n } = modulus;
  const forms = factorForms(half, n);
  for (let done = 0; done < parts.length; done += BATCH) {
    const batch = parts.slice(done, done + BATCH);
    let product = 1n;
    for (const { value } of batch) for (const { of } of forms) product = (product * (of(value) % n)) % n;
    if (!tells(gcd(absolute(product), n), n)) continue;
    for (const each of batch) {
      for (const { part, of } of forms) {
        const p = gcd(absolute(of(each.value)), n);
        if (tells(p, n) && p !== n) return fragment(modulus, each, part, { p: secret(p) });
      }
    }
  }
  return undefined;
}

/** A divisor as long as a prime of n. Small ones are chance. */
function tells(divisor: bigint, n: bigint): boolean {
  return bitLength(divisor) * 3 > bitLength(n);
}

/** gcd(p - 1, q - 1) up to so much: d may be there modulo lcm(p - 1, q - 1). */
const MOST_COMMON = 64;

/**
 * e * d = 1 + k (p-1)(q-1) / g with k < e, so that g * e * d mod n is just below n, by k (p + q): one division tells.
 * Also p * R mod n, which shares p with n.
 */
function fromExponent(modulus: Modulus, parts: readonly Part[]): FragmentFound | undefined {
  const { n, e } = modulus;
  const shift = BigInt(Math.max(0, bitLength(n) - 52));
  const scale = Number(n >> shift);
  for (const each of parts) {
    if (each.value >= n || each.value < 3n) continue;
    const fraction = Number(((e * each.value) % n) >> shift) / scale;
    for (let g = 1; g <= MOST_COMMON; g++) {
      const distance = fraction * g;
      // p + q is about n^(1/2): nothing beside n, but 52 bits of it are compared.
      if (Math.abs(distance - Math.round(distance)) > 1e-11 || Math.round(distance) === 0) continue;
      return fragment(modulus, each, 'd', { d: secret(each.value) });
    }
  }
  let product = 1n;
  for (const { value } of parts) product = (product * (value % n || 1n)) % n;
  if (!tells(gcd(product, n), n)) return undefined;
  for (const each of parts) {
    const p = gcd(each.value % n, n);
    if (tells(p, n) && p !== n && p !== 0n) return fragment(modulus, each, 'p*R mod n', { p: secret(p) });
  }
  return undefined;
}

/** 2^(e * dp) = 2 mod p (Fermat): the numbers nearest to n, those that fill their run first, each by one exponentiation. */
function fromPrimeExponent(
  modulus: Modulus,
  parts: readonly Part[],
  most: number,
): FragmentFound | undefined {
  const { n, e, offset } = modulus;
  if (offset < 0) return undefined;
  const distance = (part: Part) => Math.abs(part.offset - offset);
  const nearest = parts
    .filter(({ value }) => (value & 1n) === 1n)
    .sort((a, b) => Number(a.slack > 1) - Number(b.slack > 1) || distance(a) - distance(b))
    .slice(0, most);
  for (const each of nearest) {
    const p = gcd(absolute(powerOfTwo(e * each.value, n) - 2n), n);
    if (tells(p, n) && p !== n && p !== 0n) return fragment(modulus, each, 'dp or dq', { p: secret(p) });
  }
  return undefined;
}

function fragment(
  modulus: Modulus,
  { offset, length, reading }: Part,
  part: string,
  known: Pick<RsaMaterial, 'p' | 'd'>,
): FragmentFound {
  const material: RsaMaterial = { type: 'rsa', n: toBytes(modulus.n), e: toBytes(modulus.e), ...known };
  return { modulus, material, part, offset, length, reading };
}

function secret(value: bigint): Secret {
  return new Secret(toBytes(value));
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** 2^exponent mod m. */
function powerOfTwo(exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % m;
    if (bit === '1') result = (result << 1n) % m;
  }
  return result;
}

import type { Extractor } from '../../sweep/runs/extractor.js';
import type { NumberKernel } from '../core/kernel.js';
import { mayEndNumber, zeroBytes } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Run } from '../core/types.js';
import type { PlaceSet } from './modulus.js';
import type { RsaText } from './rsa-request.js';
import { isIntArray, MAX_OTHERS, RunEdgeWindows } from './run-edge-windows.js';
import { runFillingNumbers } from './run-filling-numbers.js';

/**
 * Words of a run that can be one object of several numbers; an edge of a longer run needs a quiet word next
 * to it.
 */
const MAX_OBJECT_WORDS = 96;
/** Zero bytes of a quiet word. */
const MIN_ZERO_BYTES = 2;

interface EdgeWindowsRequest {
  /** Sizes in words. */
  sizes: readonly number[];
  bytes: RunBytes;
  runs: RunList;
  kernel: NumberKernel;
  extractor: Extractor;
  publicPlaces: PlaceSet;
  texts: readonly RsaText[];
}

/**
 * Windows at both ends of the runs and behind DER headers, in one pass over the runs, and the texts of these
 * sizes.
 */
export function collectRunEdgeWindows(
  { sizes, bytes, runs, kernel, extractor, publicPlaces, texts }: EdgeWindowsRequest,
  { others = MAX_OTHERS, isWanted = false }: { others?: number; isWanted?: boolean } = {},
): ReadonlyMap<number, RunEdgeWindows> {
  const bySize = new Map(sizes.map((words) => [words, new RunEdgeWindows(words, others, isWanted)]));
  const gates = new Map(sizes.map((words) => [words, extractor.randomnessTest(words * 8)]));
  const ascending = [...bySize.values()].sort((a, b) => a.words - b.words);
  const accepting: RunEdgeWindows[] = [];
  const isPublic = (offset: number, length: number) => publicPlaces.overlaps(offset, offset + length);
  // First, since they are the likeliest and few.
  for (const { octets, ...place } of texts) bySize.get(octets.length / 8)?.addText(octets, place);
  for (const run of runs.ofWords(Math.min(...sizes) - 2)) {
    // A run that no size accepts is not read.
    accepting.length = 0;
    for (const windows of ascending) {
      if (windows.words > run.words + 2) break;
      if (windows.accepts(run)) accepting.push(windows);
    }
    if (accepting.length === 0) continue;
    for (const piece of bytes.pieces(run)) {
      const memory = kernel.bytes;
      for (const { at, length } of derIntegers(memory, piece)) {
        const offset = piece.offset + at - piece.at;
        const windows = bySize.get(length / 8);
        if (!windows?.accepts(run) || isPublic(offset, length)) continue;
        const isLoaded = at + length <= piece.at + piece.after;
        const octets = isLoaded ? memory.subarray(at, at + length) : bytes.read(offset, length);
        if (octets.length === length) windows.addOctets(octets, offset);
      }
      const ends = endsOf(piece, run, memory);
      if (!ends.starts && !ends.ends) continue;
      for (const { at, length } of piece.startsRun && piece.endsRun ? runFillingNumbers(memory, piece) : []) {
        const offset = piece.offset + at - piece.at;
        const windows = bySize.get(length / 8);
        if (!windows?.accepts(run) || isPublic(offset, length) || !gates.get(length / 8)!(at)) continue;
        const isArray = isIntArray(memory, at, length / 4);
        windows.add(memory.subarray(at, at + length), { offset, fills: true, isArray });
      }
      for (const windows of accepting) {
        const { words } = windows;
        const length = words * 8;
        const looksRandom = gates.get(words)!;
        for (const at of unalignedNumbers(memory, piece, length)) {
          const offset = piece.offset + at - piece.at;
          if (!isPublic(offset, length) && looksRandom(at))
            windows.addOctets(memory.subarray(at, at + length), offset);
        }
        const fills = windows.fills(run);
        forEachStart(piece.words, ends, words, (start) => {
          const offset = piece.offset + start * 8;
          const at = piece.at + start * 8;
          if (isPublic(offset, length) || !looksRandom(at)) return;
          const isArray = piece.before + start * 8 >= 8 && isIntArray(memory, at, words * 2);
          windows.add(memory.subarray(at, at + length), { offset, fills, isArray });
        });
      }
    }
  }
  for (const windows of bySize.values()) windows.close();
  return bySize;
}

/**
 * Ends of its run that a piece has and where a number may be, and the first and last word of a number there.
 */
interface Ends {
  starts: boolean;
  ends: boolean;
  first: number;
  last: number;
}

function endsOf({ at, words, before, after, startsRun, endsRun }: Piece, run: Run, bytes: Buffer): Ends {
  const behind = at + words * 8;
  const isQuiet = (word: number) => zeroBytes(bytes, word) >= MIN_ZERO_BYTES;
  const isShort = run.words <= MAX_OBJECT_WORDS;
  const starts = startsRun && (isShort || before < 16 || isQuiet(at - 8) || isQuiet(at - 16));
  const ends = endsRun && (isShort || after < words * 8 + 16 || isQuiet(behind) || isQuiet(behind + 8));
  return {
    starts,
    ends,
    first: starts && before >= 8 && mayEndNumber(bytes, at - 8) ? -1 : 0,
    last: ends && after >= (words + 1) * 8 && mayEndNumber(bytes, behind) ? words + 1 : words,
  };
}

/**
 * Words of a piece at which a number of `size` words may begin: at its edges and one word next to them, each
 * once.
 */
function forEachStart(
  words: number,
  { starts, ends, first, last }: Ends,
  size: number,
  visit: (start: number) => void,
): void {
  if (starts) for (let start = first; start <= Math.min(1, last - size); start++) visit(start);
  if (!ends) return;
  const tail = Math.max(words - size - 1, starts ? 2 : first);
  for (let start = tail; start <= last - size; start++) visit(start);
}

/** DER tag of an INTEGER; length forms of one and of two octets (X.690, 8.1.3.5). */
const INTEGER = 0x02;
const ONE_OCTET = 0x81;
const TWO_OCTETS = 0x82;
/** Bytes of the shortest integer reported: 1,024 bits. */
const MIN_BYTES = 128;

/** A positive integer of whole words, without its sign octet: address and length in bytes. */
interface DerInteger {
  at: number;
  length: number;
}

/**
 * DER INTEGERs of 1,024 bits and more in a run, at any byte: p, q and d of a PKCS#1 structure whose beginning
 * was overwritten. They can extend past the bytes in memory.
 */
export function* derIntegers(memory: Uint8Array, { at, words, before, after }: Piece): Generator<DerInteger> {
  // The header can be in the word before the run, which then does not look random.
  const end = at + Math.min(words * 8, after);
  for (let place = at - Math.min(8, before); place < end - 4; place++) {
    if (memory[place] !== INTEGER) continue;
    const form = memory[place + 1];
    if (form !== ONE_OCTET && form !== TWO_OCTETS) continue;
    const start = place + (form === ONE_OCTET ? 3 : 4);
    const length = form === ONE_OCTET ? memory[place + 2]! : memory[place + 2]! * 256 + memory[place + 3]!;
    const sign = memory[start] === 0 ? 1 : 0;
    const bytes = length - sign;
    if (bytes < MIN_BYTES || bytes % 8 !== 0) continue;
    // Minimal encoding: a sign octet only before a set top bit.
    if (sign === memory[start + sign]! >>> 7) yield { at: start + sign, length: bytes };
  }
}

/** Bytes of a word. */
const WORD = 8;
/**
 * Zero bytes among the eight next to an unaligned number, as for curve numbers
 * (src/sweep/runs/kernel/scalars.as.ts).
 */
const MIN_ZEROS_BESIDE = 5;
/** Type tags are small; the first octet of a number is as small in one of eight. */
const MAX_TYPE = 31;

/**
 * Addresses where a number of `length` bytes may begin that is not aligned to words: the first or last of
 * adjacent numbers in a structure of octets. Zeros directly precede or follow it, or precede it with a type
 * octet between.
 */
export function* unalignedNumbers(
  memory: Uint8Array,
  { at, words, before, after, startsRun, endsRun }: Piece,
  length: number,
): Generator<number> {
  const end = at + words * WORD;
  const fits = (start: number) =>
    (start - at) % WORD !== 0 && start >= at - before && start + length <= Math.min(end + WORD, at + after);
  if (startsRun && before >= 2 * WORD)
    for (let start = at - WORD + 1; start < at + WORD; start++)
      if (beginsAt(memory, start) && fits(start)) yield start;
  if (endsRun && after >= words * WORD + 2 * WORD)
    for (let stop = end - WORD + 1; stop < end + WORD; stop++)
      if (endsAt(memory, stop) && stop - length > at - WORD && fits(stop - length)) yield stop - length;
}

function beginsAt(memory: Uint8Array, start: number): boolean {
  const zeros = (stop: number) => memory[stop - 1] === 0 && memory[stop - 2] === 0;
  const isTyped = memory[start - 1]! <= MAX_TYPE && zeros(start - 1);
  return (
    memory[start] !== 0 && (zeros(start) || isTyped) && zeroBytes(memory, start - WORD) >= MIN_ZEROS_BESIDE
  );
}

function endsAt(memory: Uint8Array, stop: number): boolean {
  const isFollowedByZeros = memory[stop] === 0 && memory[stop + 1] === 0;
  return memory[stop - 1] !== 0 && isFollowedByZeros && zeroBytes(memory, stop) >= MIN_ZEROS_BESIDE;
}

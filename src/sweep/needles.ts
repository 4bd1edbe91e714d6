import { DumpsieveError } from '../errors.js';
import { packPatterns, shared } from './patterns.js';
import type { Net } from './types.js';

/** So that one aligned 8-byte word lies wholly inside, whatever the alignment. */
export const SHORTEST = 15;
const WORD = 8;
/** 2^64 / golden ratio, as in the kernel. */
const GOLDEN = 0x9e37_79b9_7f4a_7c15n;

/** A word of a needle that stands for one alignment. */
interface Probe {
  word: bigint;
  needle: number;
  offset: number;
}

/** Distinct bytes of the word at `at`: few of them are found everywhere in a dump. */
function variety(bytes: Uint8Array, at: number): number {
  let distinct = 0;
  for (let i = at; i < at + WORD; i++) if (bytes.indexOf(bytes[i]!, at) === i) distinct++;
  return distinct;
}

/** From so many distinct bytes on a word is good enough. */
const VARIED = 6;

/** The words at one alignment: one that no other needle uses, with many distinct bytes, else the nearest to that. */
function choose(
  view: DataView,
  bytes: Uint8Array,
  alignment: number,
  uses: ReadonlyMap<bigint, number>,
): { word: bigint; offset: number } {
  let best = { word: 0n, offset: alignment };
  let least = Number.POSITIVE_INFINITY;
  for (let offset = alignment; offset + WORD <= bytes.length; offset += WORD) {
    const word = view.getBigUint64(offset, true);
    const cost = WORD * (uses.get(word) ?? 0) + Math.max(0, VARIED - variety(bytes, offset));
    if (cost < least) {
      best = { word, offset };
      least = cost;
    }
    if (cost === 0) break;
  }
  return best;
}

/** A word for each needle and alignment: a common head, or zeros, must not become the word that everything hangs on. */
function probesOf(needles: readonly Uint8Array[]): Probe[] {
  const uses = new Map<bigint, number>();
  const probes: Probe[] = [];
  for (const [needle, bytes] of needles.entries()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let alignment = 0; alignment < WORD; alignment++) {
      const { word, offset } = choose(view, bytes, alignment, uses);
      uses.set(word, (uses.get(word) ?? 0) + 1);
      probes.push({ word, needle, offset });
    }
  }
  return probes;
}

/** Layouts in kernel/needles.as.ts. */
function filterAndTable(probes: readonly Probe[]) {
  const bits = Math.max(10, Math.min(18, Math.floor(Math.log2(probes.length + 1))));
  const filter = new BigUint64Array(2 ** bits);
  const slots = 2 ** Math.max(4, Math.ceil(Math.log2(2 * probes.length + 1)));
  const table = new DataView(new SharedArrayBuffer(16 * slots));
  for (const { word, needle, offset } of probes) {
    const h = BigInt.asUintN(64, word * GOLDEN);
    filter[Number(h >> BigInt(64 - bits))]! |= (1n << (h & 63n)) | (1n << ((h >> 6n) & 63n));
    let slot = Number(h >> 32n) & (slots - 1);
    while (table.getUint32(16 * slot + 8, true) !== 0) slot = (slot + 1) & (slots - 1);
    table.setBigUint64(16 * slot, word, true);
    table.setUint32(16 * slot + 8, needle + 1, true);
    table.setUint32(16 * slot + 12, offset, true);
  }
  return { filter, table };
}

/**
 * Compiles long literals (15 bytes and more) for the needle kernel: thousands of them at the speed of one.
 * Pattern id: 2 * index. Throws a {@link DumpsieveError} `bad-literal` where one is too short.
 */
export function compileNeedles(needles: readonly Uint8Array[]): Net {
  const short = needles.findIndex((bytes) => bytes.length < SHORTEST);
  if (short >= 0) {
    throw new DumpsieveError({
      code: 'bad-literal',
      message: `needle ${short} has ${needles[short]!.length} bytes; expected at least ${SHORTEST}`,
    });
  }
  const probes = probesOf(needles);
  const { filter, table } = filterAndTable(probes);
  const patterns = needles.map((bytes, i) => ({ id: 2 * i, bytes, caseless: false }));
  return {
    kind: 'needles',
    longest: needles.reduce((longest, { length }) => Math.max(longest, length), 0),
    patterns: needles.length,
    images: {
      patterns: packPatterns(patterns),
      options: shared(Uint32Array.of(probes.some(({ word }) => word === 0n) ? 0 : 1)),
      filter: shared(filter),
      table: shared(table),
    },
  };
}

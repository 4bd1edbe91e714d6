import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Tail } from '../../core/base/bytes/tail.js';
import { Memory } from './memory.js';
import type { SegmentMap } from './segment-map.js';
import type { Seam } from './types.js';

/** Bytes around a seam, by address, and where the seams are. */
interface SeamStrips {
  tail: Tail;
  /** Offset in the tail of the first byte after each seam, ascending. */
  seams: Float64Array;
}

interface StripsFound {
  /** Undefined without a seam that a number may cross. */
  strips?: SeamStrips;
  /** Seams left out beyond the caps. */
  left: number;
  /** Seams left out because another segment has other bytes at the same addresses. */
  hidden: number;
}

/** Bytes on either side of a seam: OpenSSH's prekey of 16 KiB, the longest secret in a run, and margins. */
const REACH = 20 << 10;
/** Zeros between two strips: more than the searches read around a number. */
const GAP = 4096;
/** Bytes of a kernel's block. A strip keeps its place in the block. */
const BLOCK = 64;
const WORD = 8;
/** Words checked on either side of a seam: a number that crosses or touches the seam has one among them. */
const LOOKED = 4;
/** Pieces of the file that the checked words may lie in. Each is a read: with more, a strip costs less. */
const MAX_PIECES = 4;
/** Non-zero bytes of a word of a number, and of any word of digits. */
const DENSE = 6;
const SPARSE = 3;
/** Bytes on either side of a seam that are compared with those of another segment at the same addresses. */
const COMPARED = 512;
/** Seams whose bytes are compared; a file of overlapping segments has millions. Others count as hidden. */
const MAX_COMPARED = 1024;

/** Caps on seams and on pieces. Strips never have more bytes than the file. */
export interface StripCaps {
  seams: number;
  pieces: number;
}

const CAPS: StripCaps = { seams: 2 ** 18, pieces: 2 ** 19 };

/**
 * Strips around the seams that a number may cross. Those of near seams are one strip. Of segments at the same
 * addresses one is in the strips: a seam of another one is left out, which loses nothing if both have the
 * same bytes there (a stack that a minidump holds twice).
 */
export function seamStrips(
  seams: Iterable<Seam>,
  map: SegmentMap,
  reader: ByteReader,
  { seams: mostSeams, pieces: mostPieces }: StripCaps = CAPS,
): StripsFound {
  const addresses: bigint[] = [];
  let [left, hidden, compared] = [0, 0, 0];
  const walk = new Walk(map);
  const memory = new Memory(reader, map);
  for (const seam of seams) {
    const { address, endOffset, offset } = seam;
    const [before, behind] = [map.place(address - 1n), map.place(address)];
    if (before?.offset !== endOffset - 1 || behind?.offset !== offset) {
      if (compared++ >= MAX_COMPARED || !isCopy(seam, map, memory)) hidden++;
      continue;
    }
    // A check of tiny segments costs more than a strip of them.
    const isTiny = Math.min(before.segment.length, behind.segment.length) < LOOKED * WORD;
    if (!isTiny && !mayBeCrossed(address, walk, memory)) continue;
    if (addresses.length < mostSeams) addresses.push(address);
    else left++;
  }
  if (addresses.length === 0) return { left, hidden };
  const sorted = BigUint64Array.from(addresses).sort();
  const strips = new StripList(reader.length, mostPieces);
  for (const [done, address] of sorted.entries()) {
    if (strips.add(address, walk)) continue;
    left += sorted.length - done;
    break;
  }
  const found = strips.finish();
  return found.seams.length > 0 ? { strips: found, left, hidden } : { left, hidden };
}

/** True if the bytes on either side of a seam are those that memory has at their addresses. */
function isCopy({ address, endOffset, offset }: Seam, map: SegmentMap, memory: Memory): boolean {
  const [end, start] = [map.at(endOffset - 1)?.segment, map.at(offset)?.segment];
  if (end === undefined || start === undefined) return true;
  const before = Math.min(COMPARED, endOffset - end.offset);
  const behind = Math.min(COMPARED, start.offset + start.length - offset);
  const stored = [memory.stored(endOffset - before, before), memory.stored(offset, behind)];
  return Buffer.concat(stored).equals(memory.read(address - BigInt(before), before + behind));
}

/** True unless the words around a seam are too sparse for a number that crosses or touches it. */
function mayBeCrossed(address: bigint, walk: Walk, memory: Memory): boolean {
  // Words lie at multiples of their size by address.
  const inWord = Number(address % BigInt(WORD));
  const reach = LOOKED * WORD + inWord;
  const before = walk.before(address, reach);
  const around = new Uint8Array(2 * LOOKED * WORD + WORD);
  if (walk.piecesIn(address - BigInt(before), before + LOOKED * WORD, MAX_PIECES) >= MAX_PIECES) return true;
  const bytes = memory.read(address - BigInt(before), before + LOOKED * WORD);
  around.set(bytes.subarray(0, around.length - (reach - before)), reach - before);
  const count = (word: number): number =>
    around.subarray(word * WORD, (word + 1) * WORD).reduce((sum, byte) => sum + Number(byte !== 0), 0);
  for (let word = 0; word <= 2 * LOOKED; word++) if (count(word) >= DENSE) return true;
  return count(LOOKED) >= SPARSE && (inWord > 0 || count(LOOKED - 1) >= SPARSE);
}

/** Walks over memory by address. */
class Walk {
  readonly #map: SegmentMap;

  constructor(map: SegmentMap) {
    this.#map = map;
  }

  /** How many of `most` bytes before an address are in the file. */
  before(address: bigint, most: number): number {
    let done = 0;
    while (done < most) {
      const at = address - BigInt(done);
      const segment = at > 0n ? this.#map.place(at - 1n)?.segment : undefined;
      if (segment === undefined) break;
      done += Number(at - segment.address);
    }
    return Math.min(done, most);
  }

  /** How many extents these bytes have in the file; counts to `most`. */
  piecesIn(address: bigint, length: number, most: number): number {
    let count = 0;
    for (const _ of this.from(address, length)) if (++count === most) break;
    return count;
  }

  /** The extents in the file of `length` bytes from an address on, as far as they are in the file. */
  *from(address: bigint, length: number): Generator<{ offset: number; length: number }> {
    for (let done = 0; done < length; ) {
      const place = this.#map.place(address + BigInt(done));
      if (place === undefined) return;
      const { offset, segment } = place;
      const part = Math.min(length - done, segment.offset + segment.length - offset);
      yield { offset, length: part };
      done += part;
    }
  }
}

/** Strips in ascending order of address. */
class StripList {
  readonly #from: number;
  readonly #mostBytes: number;
  readonly #mostPieces: number;
  readonly #starts: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #seams: number[] = [];
  /** Offset after the last piece, and the address there. */
  #end: number;
  #address = -1n;
  #bytes = 0;

  constructor(fileLength: number, mostPieces: number) {
    this.#from = Math.ceil((fileLength + GAP) / BLOCK) * BLOCK;
    this.#end = this.#from;
    this.#mostBytes = fileLength;
    this.#mostPieces = mostPieces;
  }

  /** Adds the strip around a seam, or extends the last one; false if there is no room. */
  add(address: bigint, walk: Walk): boolean {
    if (this.#bytes > this.#mostBytes || this.#starts.length >= this.#mostPieces) return false;
    const open = this.#address >= 0n ? Number(address - this.#address) : Number.POSITIVE_INFINITY;
    // Beyond the end of the last strip by this much, and at most as far back as memory goes.
    const before = open > 0 ? walk.before(address, Math.min(open, REACH)) : 0;
    if (open <= 0 || before === open) {
      this.#append(this.#address, open + REACH, walk);
      this.#seams.push(this.#end - Number(this.#address - address));
      return true;
    }
    const start = address - BigInt(before);
    const inBlock = Number(start % BigInt(BLOCK));
    this.#end = Math.ceil((this.#end + GAP) / BLOCK) * BLOCK + inBlock;
    this.#append(start, before + REACH, walk);
    this.#seams.push(this.#end - Number(this.#address - address));
    return true;
  }

  #append(address: bigint, length: number, walk: Walk): void {
    this.#address = address;
    for (const extent of walk.from(address, length)) {
      if (this.#starts.length >= this.#mostPieces) break;
      this.#starts.push(this.#end);
      this.#offsets.push(extent.offset);
      this.#lengths.push(extent.length);
      this.#end += extent.length;
      this.#address += BigInt(extent.length);
      this.#bytes += extent.length;
    }
  }

  finish(): SeamStrips {
    const [starts, offsets, lengths] = [this.#starts, this.#offsets, this.#lengths].map(shared);
    return {
      tail: {
        from: this.#from,
        length: this.#end + GAP,
        ...{ starts: starts!, offsets: offsets!, lengths: lengths! },
      },
      seams: Float64Array.from(this.#seams),
    };
  }
}

function shared(values: readonly number[]): Float64Array {
  const column = new Float64Array(new SharedArrayBuffer(values.length * 8));
  column.set(values);
  return column;
}

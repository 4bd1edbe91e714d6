import { wholeBlocks } from '../core/base/bytes/direct-reads.js';
import { compileWasm } from '../core/base/runtime/wasm.js';
import type { HitList } from './hits.js';
import { type Chunk, RunLists, type SweepKernel } from './kernel.js';
import { Extractor } from './runs/extractor.js';
import { TEXT_RUNS } from './runs/hex.js';
import type { RecordList } from './runs/records.js';
import { CHARACTERS, SHORTEST_TEXT } from './runs/texts.js';
import { COMMON, NOISE_SCORES } from './runs/weights.js';
import type { Net } from './types.js';
import { characterTable, SYMBOLS } from './values/characters.js';
import { CLASS_ROWS, KINDS, LONGEST_RUN, SHORTEST_RUN } from './values/random.js';

const PAGE = 65_536;
/** Address of the first image; the kernels' static data lies below. */
const IMAGES = 4096;
/** Bytes of the literal kernel's queues: (16 KiB / 64 + 1) slots of 80 and 16 bytes. */
const QUEUES = 257 * (80 + 16);
/** Bytes that a kernel may read before and after the window. */
const GUARD = 256;
/**
 * Capacity of the hit buffer: a repeated 3-byte literal has
 * fewer hits in 1 MiB. With more, each half is swept again.
 */
const HITS = 393_216;
/**
 * Bytes of the entropy net's workspace (kernel/noise.as.ts): classes of 16 KiB, bytes seen, masks of a chunk.
 */
const NOISE_WORK = 2 * 264 * 8 + 1024 + 2 * (2048 * 8 + 64);
/** Upper bound on the bytes of a fused kernel's call: the size of its masks. */
const NOISE_MOST = 2 ** 20;
/**
 * Nibble masks of the common byte values (kernel/noise.as.ts), three rows of 16: by low nibble the high
 * nibbles below 8, then those from 8 on; the bit of each high nibble.
 */
const COMMON_ROWS = Uint8Array.from({ length: 48 }, (_, at) => {
  const bits = Array.from({ length: 8 }, (_, high) => 1 << high);
  if (at >= 32) return bits[at % 8]!;
  const [row, low] = [at >> 4, at % 16];
  return bits.reduce((sum, bit, high) => sum + (COMMON.includes(row * 128 + high * 16 + low) ? bit : 0), 0);
});
/** Upper bound on runs of a call: each has at least 3 words, and one word separates two. */
const RUNS = NOISE_MOST / 8 / 4 + 2;
/** Upper bound on runs of blocks with digits: at most one begins in each block. */
const DIGIT_RUNS = NOISE_MOST / 64 + 1;
/** Upper bound on runs of base64url: one byte separates two, and those at the ends may be short. */
const MOST_TEXTS = Math.ceil(NOISE_MOST / (SHORTEST_TEXT + 1)) + 2;
/** Upper bound on the bytes of their records: 48 for a text of 43 characters and the byte that ends it. */
const TEXT_RECORDS = Math.ceil((NOISE_MOST / (SHORTEST_TEXT + 1)) * 48) + 64;
/** Upper bound on runs of values: each has at least 16 bytes; one of UTF-16 may share a byte with another. */
const VALUE_RUNS = NOISE_MOST / SHORTEST_RUN + 4;
/** Bytes of the value net's workspace (kernel/values.as.ts): tables, a narrowed run, masks of 16 KiB. */
const VALUE_TABLES = [SYMBOLS, KINDS, CLASS_ROWS] as const;
const PAIRS = 4544;
const VALUE_TABLE_BYTES = VALUE_TABLES.reduce((sum, { byteLength }) => sum + byteLength, PAIRS);
const VALUE_SCRATCH = LONGEST_RUN + 64 + 8 * 33 + 24 * 265;
const VALUE_WORK = VALUE_TABLE_BYTES + VALUE_SCRATCH;
/** Bits of the kernel's `findValues`. */
const FIND = { prefixes: 1, random: 2, census: 4 };
/** Bytes of the smallest part that is swept: the hit buffer must hold every pattern at each of them. */
const LEAST = 64;

interface Program {
  init(...addresses: number[]): void;
  scan(buffer: number, length: number, margin: number, offset: number): number;
  initNoise?(...addresses: number[]): void;
  runCount?(): number;
  digitCount?(): number;
  textCount?(): number;
  valueCount?(): number;
  initValues?(...addresses: number[]): void;
  findValues?(nets: number): void;
  textBytes?(): number;
  countedBytes?(): number;
  decodeTexts?(records: number, at: number, offset: number): void;
}

/** Memory layout that the arguments of a program's `init` are taken from. */
interface Layout {
  at(image: string): number;
  size(image: string): number;
  skipZeros: number;
  work: number;
  hits: number;
  capacity: number;
}

/** Arguments of `init`, in the program's order. */
const initArguments: { [K in Net['kind']]: (layout: Layout) => number[] } = {
  literals: ({ at, size, skipZeros, work, hits, capacity }) => [
    at('tables'),
    at('bitmap'),
    at('heads'),
    size('heads') / 8,
    at('entries'),
    at('bodies'),
    skipZeros,
    work,
    hits,
    capacity,
  ],
  needles: ({ at, size, skipZeros, hits, capacity }) => [
    at('filter'),
    Math.log2(size('filter') / 8),
    at('table'),
    size('table') / 16,
    at('patterns'),
    skipZeros,
    hits,
    capacity,
  ],
};

/** Images that the kernel does not need: for nets that are made from this one, and the tests' oracle. */
const unused: { [K in Net['kind']]: readonly string[] } = { literals: ['patterns', 'places'], needles: [] };

function fillValueTables(memory: Uint8Array, work: number): void {
  let at = work;
  for (const { buffer, byteOffset, byteLength } of [...VALUE_TABLES, characterTable()]) {
    memory.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
}

/** Where the code of a kernel is in the package. */
export const kernelFile = (name: string): string => `src/sweep/kernel/${name}.wasm`;

/**
 * A SIMD kernel in its own linear memory: images, queues, hit buffer, then the window. Files are read
 * directly into the window, which begins at a whole block of the address space (direct-reads.ts).
 */
export class WasmKernel extends RunLists implements SweepKernel {
  readonly #kind: Net['kind'];
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #program: Program;
  #net: Net | undefined;
  #hits = 0;
  #capacity = 0;
  #window = 0;
  /** Bytes of the window that were used, and whether texts were decoded, since the last wipe. */
  #used = 0;
  #hasTexts = false;
  /** Work spaces with bytes of the window. */
  #scratch: { at: number; size: number }[] = [];
  skipsZeros = false;
  /** Addresses of the lists of runs. */
  #lists:
    | { runs: number; digits: number; texts: number; records: number; values: number; census: number }
    | undefined;
  /** What the value net may search for, as bits. */
  #valueNets = 0;
  /** Where the numbers of texts go, and the file offset of the base of a scan. */
  #decoded: { origin: number; into: RecordList } | undefined;
  #extractorAt = 0;
  #extractor: Extractor | undefined;

  /** `runs`: the code includes the entropy net. */
  constructor(kind: Net['kind'], name: string, runs = false) {
    super(runs);
    this.#kind = kind;
    const { exports } = new WebAssembly.Instance(compileWasm(kernelFile(name)), {
      env: { memory: this.#memory },
    });
    this.#program = exports as unknown as Program;
  }

  load(net: Net): void {
    if (net === this.#net) return;
    this.#net = undefined;
    const places = new Map<string, number>();
    let end = IMAGES;
    const allocate = (size: number) => {
      const at = end;
      end = Math.ceil((end + size) / 64) * 64;
      return at;
    };
    const used = Object.entries(net.images).filter(([name]) => !unused[this.#kind].includes(name));
    for (const [name, image] of used) places.set(name, allocate(image.byteLength));
    const work = allocate(QUEUES);
    this.#capacity = Math.max(HITS, LEAST * net.patterns);
    this.#hits = allocate(8 * this.#capacity);
    const noise = this.runs && {
      work: allocate(NOISE_WORK),
      scores: allocate(NOISE_SCORES.length + COMMON_ROWS.length),
      runs: allocate(8 * RUNS),
      digits: allocate(8 * DIGIT_RUNS),
      textWork: allocate(CHARACTERS.byteLength + TEXT_RUNS.byteLength + 4 * (257 + 513)),
      texts: allocate(8 * MOST_TEXTS),
      records: allocate(TEXT_RECORDS),
      valueWork: net.values ? allocate(VALUE_WORK) : 0,
      values: net.values ? allocate(8 * VALUE_RUNS) : 0,
      census: net.values ? allocate(8 * VALUE_RUNS) : 0,
    };
    this.#lists = noise;
    this.#scratch = [{ at: work, size: QUEUES }];
    if (noise) this.#scratch.push({ at: noise.work, size: NOISE_WORK });
    if (noise?.valueWork)
      this.#scratch.push(
        { at: noise.valueWork + VALUE_TABLE_BYTES, size: VALUE_SCRATCH },
        { at: noise.census, size: 8 * VALUE_RUNS },
      );
    this.#extractorAt = this.runs ? allocate(Extractor.SIZE) : 0;
    this.#extractor = undefined;
    this.#window = wholeBlocks(end + GUARD);
    this.#reserve(this.#window);
    const memory = new Uint8Array(this.#memory.buffer);
    for (const [name, image] of used) memory.set(new Uint8Array(image), places.get(name)!);
    const skipZeros = new Uint32Array(net.images.options!)[0]!;
    this.skipsZeros = skipZeros !== 0;
    const init = initArguments[this.#kind]({
      at: (name) => places.get(name)!,
      size: (name) => net.images[name]!.byteLength,
      skipZeros,
      work,
      hits: this.#hits,
      capacity: this.#capacity,
    });
    this.#program.init(...init);
    if (noise) {
      new Int8Array(memory.buffer).set(NOISE_SCORES, noise.scores);
      memory.set(COMMON_ROWS, noise.scores + NOISE_SCORES.length);
      memory.set(CHARACTERS, noise.textWork);
      new Uint16Array(memory.buffer, noise.textWork + CHARACTERS.length).set(TEXT_RUNS);
      const { work, scores, runs, digits, textWork, texts } = noise;
      this.#program.initNoise!(work, scores, runs, digits, textWork, texts);
      const { valueWork, values, census } = noise;
      const { prefixHeads } = net.images;
      if (net.values) fillValueTables(memory, valueWork);
      this.#program.initValues!(
        valueWork,
        values,
        census,
        places.get('prefixBits') ?? 0,
        places.get('prefixHeads') ?? 0,
        (prefixHeads?.byteLength ?? 0) / 8,
      );
      const [prefixes, random] = [prefixHeads !== undefined, net.values?.names !== undefined];
      this.#valueNets = (prefixes ? FIND.prefixes | FIND.census : 0) | (random ? FIND.random : 0);
      this.findValues(true);
    }
    this.#net = net;
  }

  findValues(on: boolean): void {
    this.#program.findValues?.(on ? this.#valueNets : 0);
  }

  wipe(): void {
    if (this.#net === undefined) return;
    const memory = new Uint8Array(this.#memory.buffer);
    const end = this.#window + this.#used;
    this.#used = 0;
    if (this.#kind === 'needles') {
      memory.fill(0, IMAGES, end);
      this.#net = undefined;
      return;
    }
    this.census?.wipe();
    for (const { at, size } of this.#scratch) memory.fill(0, at, at + size);
    memory.fill(0, this.#window - GUARD, end);
    if (this.#lists && this.#hasTexts)
      memory.fill(0, this.#lists.records, this.#lists.records + TEXT_RECORDS);
    this.#hasTexts = false;
    this.#extractor?.wipe();
  }

  #reserve(end: number): void {
    const missing = end + GUARD - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }

  window(size: number): Uint8Array {
    this.#reserve(this.#window + size);
    this.#used = Math.max(this.#used, size);
    return new Uint8Array(this.#memory.buffer, this.#window, size);
  }

  extractRuns(packed: Float64Array, chunk: Chunk, into: RecordList, keep: boolean): Float64Array {
    // Many small parts of a chunk may have more runs than the whole.
    if (packed.length === 0 || packed.length > RUNS) return packed;
    this.#extractor ??= new Extractor(this.#memory, this.#extractorAt);
    const { runs } = this.#lists!;
    const { buffer } = this.#memory;
    new Float64Array(buffer, runs, packed.length).set(packed);
    const place = { window: this.#window, ...chunk };
    const left = this.#extractor.runs(runs, packed.length, place, into, keep);
    return new Float64Array(buffer, runs, left);
  }

  decodeTexts(origin: number, into: RecordList | undefined): void {
    this.#decoded = into && { origin, into };
  }

  preceding(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#window - 8, 8);
  }

  /** Drops no hit: if the hit buffer is too small, both halves are swept again. */
  scan(from: number, to: number, end: number, base: number, hits: HitList): void {
    if (to <= from) return;
    if (this.runs && to - from > NOISE_MOST) {
      this.scan(from, from + NOISE_MOST, end, base, hits);
      this.scan(from + NOISE_MOST, to, end, base, hits);
      return;
    }
    const longest = this.#net!.longest;
    const margin = Math.min(end - to, longest - 1);
    const decoded = this.#lists && this.#decoded;
    const records = decoded ? this.#lists!.records : 0;
    this.#program.decodeTexts?.(records, this.#window, (decoded?.origin ?? 0) + base);
    const found = this.#program.scan(this.#window + from, to - from, margin, base + from);
    if (found > this.#capacity) {
      const middle = from + Math.ceil((to - from) / 2 / LEAST) * LEAST;
      this.scan(from, middle, end, base, hits);
      this.scan(middle, to, end, base, hits);
      return;
    }
    hits.append(new Float64Array(this.#memory.buffer, this.#hits, found));
    if (this.#lists === undefined) return;
    const { runs, digits, texts, values, census } = this.#lists;
    const { buffer } = this.#memory;
    const textBytes = this.#program.textBytes!();
    this.#hasTexts ||= textBytes > 0;
    decoded?.into.append(new Uint8Array(buffer, records, textBytes));
    this.runs?.append(new Float64Array(buffer, runs, this.#program.runCount!()));
    this.digits?.append(new Float64Array(buffer, digits, this.#program.digitCount!()));
    this.texts?.append(new Float64Array(buffer, texts, this.#program.textCount!()));
    this.values?.append(new Float64Array(buffer, values, this.#program.valueCount!()));
    this.census?.append(new Uint8Array(buffer, census, this.#program.countedBytes!()));
  }
}

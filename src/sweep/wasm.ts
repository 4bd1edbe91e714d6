import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { Extractor } from '../runs/extractor.js';
import { TEXT_RUNS } from '../runs/hex.js';
import type { RecordList } from '../runs/records.js';
import { CHARACTERS, SHORTEST_TEXT } from '../runs/texts.js';
import { COMMON, NOISE_SCORES } from '../runs/weights.js';
import { HitList } from './hits.js';
import type { Kernel } from './kernel.js';
import type { Net } from './types.js';

const PAGE = 65_536;
/** The kernels' own data lies below. */
const IMAGES = 4096;
/** Queues of the literal kernel: (16 KiB / 64 + 1) slots of 80 and 16 bytes. */
const QUEUES = 257 * (80 + 16);
/** Bytes that a kernel may read before and behind the window. */
const GUARD = 256;
/** Hits of one call: a 3-byte literal over and over fills a MiB with fewer. Where there are more, the bytes are swept again in halves. */
const HITS = 393_216;
/** Workspace of the entropy net (kernel/noise.as.ts): classes of a stretch, bytes seen, masks of a chunk. */
const NOISE_WORK = 2 * 264 * 8 + 1024 + 2 * (2048 * 8 + 64);
/** Bytes of a call of a fused kernel: its masks have room for no more. */
const NOISE_MOST = 2 ** 20;
/** Three rows of 16 that tell common bytes (kernel/noise.as.ts): by low nibble below 128, from 128 on; the bit of each high nibble. */
const COMMON_ROWS = Uint8Array.from({ length: 48 }, (_, at) => {
  const bits = Array.from({ length: 8 }, (_, high) => 1 << high);
  if (at >= 32) return bits[at % 8]!;
  const [row, low] = [at >> 4, at % 16];
  return bits.reduce((sum, bit, high) => sum + (COMMON.includes(row * 128 + high * 16 + low) ? bit : 0), 0);
});
/** Runs of a call: at least 3 words each and one between two. */
const RUNS = NOISE_MOST / 8 / 4 + 2;
/** Runs of blocks and halves of them with digits: each block begins one at most. */
const DIGIT_RUNS = NOISE_MOST / 64 + 1;
/** Runs of base64url: something stands between two of them, and those at the ends may be short. */
const MOST_TEXTS = Math.ceil(NOISE_MOST / (SHORTEST_TEXT + 1)) + 2;
/** Bytes of the smallest part that is swept: it must have room for every pattern at every byte. */
const LEAST = 64;

interface Program {
  init(...addresses: number[]): void;
  scan(buffer: number, length: number, margin: number, offset: number): number;
  initNoise?(
    work: number,
    scores: number,
    runs: number,
    digits: number,
    textWork: number,
    texts: number,
  ): void;
  runCount?(): number;
  digitCount?(): number;
  textCount?(): number;
}

/** Arguments of a program's `init`, in its order, from the addresses of the images, the net's options and the workspace. */
interface Frame {
  at(image: string): number;
  size(image: string): number;
  skipZeros: number;
  work: number;
  hits: number;
  capacity: number;
}

const arguments_: { [K in Net['kind']]: (frame: Frame) => number[] } = {
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

/** Images that only the automaton needs. */
const unused: { [K in Net['kind']]: readonly string[] } = { literals: ['patterns'], needles: [] };

/** The bytes of a kernel's binary. */
export function binary(file: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(asset(`src/sweep/kernel/${file}.wasm`)));
}

/**
 * A SIMD kernel in its own linear memory: images, queues, hit buffer, then the window, so that files are read
 * straight to where they are swept.
 */
export class WasmKernel implements Kernel {
  readonly #kind: Net['kind'];
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #program: Program;
  #net: Net | undefined;
  #hits = 0;
  #capacity = 0;
  #window = 0;
  #runsAt = 0;
  #digitsAt = 0;
  #textsAt = 0;
  #extractorAt = 0;
  #extractor: Extractor | undefined;
  readonly runs: HitList | undefined;
  readonly digits: HitList | undefined;
  readonly texts: HitList | undefined;

  /** `runs`: the binary has the entropy net. */
  constructor(kind: Net['kind'], code: Uint8Array<ArrayBuffer>, runs = false) {
    this.#kind = kind;
    this.runs = runs ? new HitList() : undefined;
    this.digits = runs ? new HitList() : undefined;
    this.texts = runs ? new HitList() : undefined;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), {
      env: { memory: this.#memory },
    });
    this.#program = exports as unknown as Program;
  }

  load(net: Net): void {
    if (net === this.#net) return;
    this.#net = undefined;
    const places = new Map<string, number>();
    let end = IMAGES;
    const take = (size: number) => {
      const at = end;
      end = Math.ceil((end + size) / 64) * 64;
      return at;
    };
    const used = Object.entries(net.images).filter(([name]) => !unused[this.#kind].includes(name));
    for (const [name, image] of used) places.set(name, take(image.byteLength));
    const work = take(QUEUES);
    this.#capacity = Math.max(HITS, LEAST * net.patterns);
    this.#hits = take(8 * this.#capacity);
    const noise = this.runs && {
      work: take(NOISE_WORK),
      scores: take(NOISE_SCORES.length + COMMON_ROWS.length),
      runs: take(8 * RUNS),
      digits: take(8 * DIGIT_RUNS),
      textWork: take(CHARACTERS.byteLength + TEXT_RUNS.byteLength + 4 * (257 + 513)),
      texts: take(8 * MOST_TEXTS),
    };
    this.#extractorAt = this.runs ? take(Extractor.SIZE) : 0;
    this.#extractor = undefined;
    this.#window = take(GUARD) + GUARD;
    this.#reserve(this.#window);
    const memory = new Uint8Array(this.#memory.buffer);
    for (const [name, image] of used) memory.set(new Uint8Array(image), places.get(name)!);
    const init = arguments_[this.#kind]({
      at: (name) => places.get(name)!,
      size: (name) => net.images[name]!.byteLength,
      skipZeros: new Uint32Array(net.images.options!)[0]!,
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
      this.#runsAt = runs;
      this.#digitsAt = digits;
      this.#textsAt = texts;
    }
    this.#net = net;
  }

  #reserve(end: number): void {
    const missing = end + GUARD - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }

  window(size: number): Uint8Array {
    this.#reserve(this.#window + size);
    return new Uint8Array(this.#memory.buffer, this.#window, size);
  }

  extract(at: number, words: number, offset: number, into: RecordList, keep: boolean): void {
    this.#extractor ??= new Extractor(this.#memory, this.#extractorAt);
    this.#extractor.run(this.#window + at, words, offset, into, keep);
  }

  preceding(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#window - 8, 8);
  }

  /** Nothing is dropped: where the hit buffer is too small, both halves are swept again. */
  scan(from: number, to: number, end: number, base: number, hits: HitList): void {
    if (to <= from) return;
    if (this.runs && to - from > NOISE_MOST) {
      this.scan(from, from + NOISE_MOST, end, base, hits);
      this.scan(from + NOISE_MOST, to, end, base, hits);
      return;
    }
    const longest = this.#net!.longest;
    const margin = Math.min(end - to, longest - 1);
    const found = this.#program.scan(this.#window + from, to - from, margin, base + from);
    if (found > this.#capacity) {
      const middle = from + Math.ceil((to - from) / 2 / LEAST) * LEAST;
      this.scan(from, middle, end, base, hits);
      this.scan(middle, to, end, base, hits);
      return;
    }
    hits.append(new Float64Array(this.#memory.buffer, this.#hits, found));
    if (this.runs === undefined) return;
    const { buffer } = this.#memory;
    this.runs.append(new Float64Array(buffer, this.#runsAt, this.#program.runCount!()));
    this.digits?.append(new Float64Array(buffer, this.#digitsAt, this.#program.digitCount!()));
    this.texts?.append(new Float64Array(buffer, this.#textsAt, this.#program.textCount!()));
  }
}

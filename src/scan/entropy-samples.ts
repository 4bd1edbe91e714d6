import type { ByteReader } from '../core/base/bytes/storage.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { EntropyFacts } from '../core/model/report.js';

/** Bytes of one sample. */
const PAGE = 4096;
/** One page of 256 is sampled; of short files more, up to `SHORT` values. */
const EACH = 256;
const SHORT = 256;
/** Values of an artifact: pages of a long file are farther apart. */
const MOST = 2048;

const histogram = new Uint32Array(256);
/** A count times its logarithm: one look-up in place of 256 logarithms a page. */
let products: Float64Array | undefined;

/** Shannon entropy of at most a page, in bits a byte. */
function entropy(bytes: Uint8Array): number {
  products ??= Float64Array.from({ length: PAGE + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));
  histogram.fill(0);
  for (let i = 0; i < bytes.length; i++) histogram[bytes[i]!]!++;
  let bits = products[bytes.length]!;
  for (let value = 0; value < 256; value++) bits -= products[histogram[value]!]!;
  return bits / bytes.length;
}

const mostAt = (step: number): number => (step < EACH * PAGE ? SHORT : MOST);

/**
 * Entropy of pages at equal distances. The distance doubles with the length, so that it is the same whether
 * the length is known from the start or not.
 */
export class EntropySamples {
  #step = PAGE;
  #values: (number | null)[] = [];
  readonly #page = new Uint8Array(PAGE);

  /** `length`: bytes of the file, if they are known. */
  constructor(length = 0) {
    while (Math.ceil(length / this.#step) > mostAt(this.#step)) this.#step *= 2;
  }

  /** The next page to sample. */
  get next(): number {
    return this.#values.length * this.#step;
  }

  /** Samples the pages before `end` that were not sampled yet; of the file's last page what is there. */
  *sample(reader: ByteReader, end: number, isLast: boolean): Pausing<never> {
    while (this.next + (isLast ? 1 : PAGE) <= end) {
      const page = this.#page.subarray(0, Math.min(PAGE, end - this.next));
      this.#add(page.subarray(0, reader.read(this.next, page)));
      yield;
    }
  }

  #add(bytes: Uint8Array): void {
    this.#values.push(bytes.length === 0 ? null : Math.round(entropy(bytes) * 100) / 100);
    if (this.#values.length <= mostAt(this.#step)) return;
    this.#values = this.#values.filter((_, index) => index % 2 === 0);
    this.#step *= 2;
  }

  facts(): EntropyFacts {
    this.#page.fill(0);
    return { page: PAGE, step: this.#step, values: this.#values };
  }
}

/** The entropy of a whole file. */
export function* entropyOf(reader: ByteReader): Pausing<never, EntropyFacts> {
  const samples = new EntropySamples(reader.length);
  yield* samples.sample(reader, reader.length, true);
  return samples.facts();
}

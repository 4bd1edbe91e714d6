const FIRST = 64;

/** Numbers that are added in ascending order, and the index of each: a bit each, where most are not in it. */
export class AscendingSet {
  #bits = new Uint32Array(FIRST);
  /** Numbers in the words before each one that is not empty. */
  #ranks = new Uint32Array(FIRST);
  #last = -1;
  size = 0;

  /** Returns the index. The number is not less than any before. */
  add(number: number): number {
    if (number === this.#last) return this.size - 1;
    if (number < this.#last) throw new RangeError('a number below the last one');
    this.#last = number;
    const word = number >>> 5;
    if (word >= this.#bits.length) this.#grow(word + 1);
    if (this.#bits[word] === 0) this.#ranks[word] = this.size;
    this.#bits[word]! |= 1 << (number & 31);
    return this.size++;
  }

  /** -1 for a number that is not in the set, which a fraction never is. */
  indexOf(number: number): number {
    const bits = this.#bits[number >>> 5] ?? 0;
    const below = 1 << (number & 31);
    if ((bits & below) === 0 || !Number.isInteger(number)) return -1;
    return this.#ranks[number >>> 5]! + onesIn(bits & (below - 1));
  }

  #grow(words: number): void {
    const size = 2 ** Math.ceil(Math.log2(words));
    const [bits, ranks] = [new Uint32Array(size), new Uint32Array(size)];
    bits.set(this.#bits);
    ranks.set(this.#ranks);
    [this.#bits, this.#ranks] = [bits, ranks];
  }
}

/** Bits of a word that are set (Warren, Hacker's Delight, 5-1). */
function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

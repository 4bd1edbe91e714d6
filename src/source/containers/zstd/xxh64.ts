/** Primes of the xxHash specification ("XXH64 Algorithm Description", overview). */
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const P1_HIGH = 0x9e3779b1;
const P1_LOW = 0x85ebca87;
const P2_HIGH = 0xc2b2ae3d;
const P2_LOW = 0x27d4eb4f;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => u64((value << by) | (value >> (64n - by)));
const round = (lane: bigint, input: bigint): bigint => u64(rotate(u64(lane + input * P2), 31n) * P1);

/** Upper half of a 32 by 32 bit product. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff);
  return (Math.imul(a1, b1) + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0;
}

const STRIPE = 32;

/** Streaming XXH64 with seed 0, as zstd frames use it. */
export class Xxh64 {
  /** Four lanes, low half before high half. */
  readonly #lanes = new Uint32Array(8);
  readonly #tail = Buffer.alloc(STRIPE);
  #tailLength = 0;
  #total = 0;

  constructor() {
    [u64(P1 + P2), P2, 0n, u64(-P1)].forEach((lane, index) => {
      this.#lanes[2 * index] = Number(lane & 0xffffffffn);
      this.#lanes[2 * index + 1] = Number(lane >> 32n);
    });
  }

  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    let at = 0;
    if (this.#tailLength > 0) {
      at = Math.min(STRIPE - this.#tailLength, bytes.length);
      this.#tail.set(bytes.subarray(0, at), this.#tailLength);
      this.#tailLength += at;
      if (this.#tailLength < STRIPE) return;
      this.#stripes(this.#tail, 0, STRIPE);
    }
    const end = at + Math.floor((bytes.length - at) / STRIPE) * STRIPE;
    this.#stripes(bytes, at, end);
    this.#tail.set(bytes.subarray(end));
    this.#tailLength = bytes.length - end;
  }

  /**
   * The four lanes over whole stripes: lane = rotl(lane + input * P2, 31) * P1. A 64-bit word is two 32-bit
   * halves, since bigint arithmetic takes more than ten times as long.
   */
  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const lanes = this.#lanes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = from; at < to; at += 8) {
      const lane = ((at - from) >>> 2) & 6;
      const low = view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      const productLow = Math.imul(low, P2_LOW) >>> 0;
      const productHigh = mulHigh(low, P2_LOW) + Math.imul(low, P2_HIGH) + Math.imul(high, P2_LOW);
      const sumLow = (lanes[lane] ?? 0) + productLow;
      const sumHigh = ((lanes[lane + 1] ?? 0) + productHigh + (sumLow > 0xffffffff ? 1 : 0)) | 0;
      const turnedLow = ((sumLow << 31) | (sumHigh >>> 1)) >>> 0;
      const turnedHigh = (sumHigh << 31) | ((sumLow | 0) >>> 1);
      lanes[lane] = Math.imul(turnedLow, P1_LOW);
      lanes[lane + 1] =
        mulHigh(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW);
    }
  }

  #lane(index: number): bigint {
    return (BigInt(this.#lanes[2 * index + 1] ?? 0) << 32n) | BigInt(this.#lanes[2 * index] ?? 0);
  }

  /** The hash of all bytes so far. */
  digest(): bigint {
    const lanes = [0, 1, 2, 3].map((index) => this.#lane(index));
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes;
    let hash = P5;
    if (this.#total >= STRIPE) {
      hash = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
      for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * P1 + P4);
    }
    hash = u64(hash + BigInt(this.#total));
    let at = 0;
    for (; at + 8 <= this.#tailLength; at += 8) {
      hash = u64(rotate(hash ^ round(0n, this.#tail.readBigUInt64LE(at)), 27n) * P1 + P4);
    }
    if (at + 4 <= this.#tailLength) {
      hash = u64(rotate(hash ^ u64(BigInt(this.#tail.readUInt32LE(at)) * P1), 23n) * P2 + P3);
      at += 4;
    }
    for (; at < this.#tailLength; at++) {
      hash = u64(rotate(hash ^ u64(BigInt(this.#tail[at] ?? 0) * P5), 11n) * P1);
    }
    hash = u64((hash ^ (hash >> 33n)) * P2);
    hash = u64((hash ^ (hash >> 29n)) * P3);
    return hash ^ (hash >> 32n);
  }
}

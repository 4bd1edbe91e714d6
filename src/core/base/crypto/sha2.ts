/**
 * SHA-2 resumed from a midstate (FIPS 180-4), which node:crypto does not offer. Slow: 5 us a block for
 * SHA-256, 150 us for SHA-512.
 */

export type Sha2 = 'sha256' | 'sha384' | 'sha512';

interface Variant {
  /** Octets of a word, a block (16 words), a state (8 words) and a digest. */
  word: 4 | 8;
  block: number;
  state: number;
  digest: number;
  compress(state: Buffer, block: Buffer): Buffer;
}

export const SHA2: Readonly<Record<Sha2, Variant>> = {
  sha256: { word: 4, block: 64, state: 32, digest: 32, compress: compress32 },
  sha384: { word: 8, block: 128, state: 64, digest: 48, compress: compress64 },
  sha512: { word: 8, block: 128, state: 64, digest: 64, compress: compress64 },
};

/**
 * Digest of a message whose first `blocks` blocks led to `state` (big-endian words) and that ends with
 * `rest`.
 */
export function resume(hash: Sha2, state: Uint8Array, blocks: number, rest: Uint8Array): Buffer {
  const { word, block, digest, compress } = SHA2[hash];
  const length = rest.length + 1 + 2 * word;
  const padded = Buffer.alloc(Math.ceil(length / block) * block);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const bits = BigInt(blocks * block + rest.length) * 8n;
  padded.writeBigUInt64BE(bits, padded.length - 8);
  let current: Buffer = Buffer.from(state);
  for (let at = 0; at < padded.length; at += block)
    current = compress(current, padded.subarray(at, at + block));
  return current.subarray(0, digest);
}

/**
 * The first 64 bits of the fractional parts of the cube roots of the first 80 primes (FIPS 180-4, 4.2.3).
 * SHA-256 uses the upper halves of the first 64 (4.2.2).
 */
function roundConstants(): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < 80; n++) {
    let prime = true;
    for (let m = 2n; m * m <= n; m++) if (n % m === 0n) prime = false;
    if (prime) found.push(BigInt.asUintN(64, cubeRoot(n << 192n)));
  }
  return found;
}

/** The greatest r with r^3 <= n. */
function cubeRoot(n: bigint): bigint {
  let [low, high] = [0n, 1n << 70n];
  while (low + 1n < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n <= n) low = middle;
    else high = middle;
  }
  return low;
}

let constants: { wide: bigint[]; narrow: Int32Array } | undefined;

function k(): { wide: bigint[]; narrow: Int32Array } {
  if (constants === undefined) {
    const wide = roundConstants();
    constants = { wide, narrow: Int32Array.from(wide.slice(0, 64), (value) => Number(value >> 32n)) };
  }
  return constants;
}

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** FIPS 180-4, 6.2.2. */
function compress32(state: Buffer, block: Buffer): Buffer {
  const { narrow } = k();
  const w = new Int32Array(64);
  for (let t = 0; t < 16; t++) w[t] = block.readInt32BE(t * 4);
  for (let t = 16; t < 64; t++) {
    const [x, y] = [w[t - 15]!, w[t - 2]!];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = s1 + w[t - 7]! + s0 + w[t - 16]!;
  }
  const old = Array.from({ length: 8 }, (_, i) => state.readInt32BE(i * 4));
  let [a, b, c, d, e, f, g, h] = old as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + narrow[t]! + w[t]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  const out = Buffer.alloc(32);
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) out.writeInt32BE((old[i]! + value) | 0, i * 4);
  return out;
}

const cut = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotateWide = (x: bigint, by: bigint): bigint => (x >> by) | cut(x << (64n - by));

/** FIPS 180-4, 6.4.2. */
function compress64(state: Buffer, block: Buffer): Buffer {
  const { wide } = k();
  const w: bigint[] = [];
  for (let t = 0; t < 16; t++) w.push(block.readBigUInt64BE(t * 8));
  for (let t = 16; t < 80; t++) {
    const [x, y] = [w[t - 15]!, w[t - 2]!];
    const s0 = rotateWide(x, 1n) ^ rotateWide(x, 8n) ^ (x >> 7n);
    const s1 = rotateWide(y, 19n) ^ rotateWide(y, 61n) ^ (y >> 6n);
    w.push(cut(s1 + w[t - 7]! + s0 + w[t - 16]!));
  }
  const old = Array.from({ length: 8 }, (_, i) => state.readBigUInt64BE(i * 8));
  let [a, b, c, d, e, f, g, h] = old as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  for (let t = 0; t < 80; t++) {
    const s1 = rotateWide(e, 14n) ^ rotateWide(e, 18n) ^ rotateWide(e, 41n);
    const t1 = h + s1 + ((e & f) ^ (cut(~e) & g)) + wide[t]! + w[t]!;
    const s0 = rotateWide(a, 28n) ^ rotateWide(a, 34n) ^ rotateWide(a, 39n);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, cut(d + t1), c, b, a, cut(t1 + t2)];
  }
  const out = Buffer.alloc(64);
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries())
    out.writeBigUInt64BE(cut(old[i]! + value), i * 8);
  return out;
}

/** A pseudo-Mersenne prime 2^e - c, with its own multiplication in kernel/pair-sparse.mjs. */
export interface SparsePrime {
  e: number;
  c: bigint;
}

/** A multiple of 2^w that keeps every column of a product positive. */
export const BIAS = 1n << 62n;

/** IEEE 754 representation. */
export const bitsOf = (value: number): bigint => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.readBigUInt64LE();
};

/** Constants of pair-sparse.mjs around the prime: initial values of its columns and of its results' limbs. */
export function sparseWords(
  { e, c }: SparsePrime,
  count: number,
  bits: number,
): { columns: bigint[]; over: bigint; lasts: bigint[] } {
  const w = BigInt(bits);
  const half = 1n << (w - 1n);
  const [high, low] = [bitsOf(1.5 * 2 ** (bits + 52)), bitsOf(1.5 * 2 ** 52)];
  const rows = (k: number): bigint => BigInt(Math.max(0, Math.min(k + 1, 2 * count - 1 - k)));
  /** Exponents of the products' doubles: lower halves, and upper ones from the column before. */
  const exponents = (k: number): bigint => rows(k) * low + (k > 0 ? rows(k - 1) * high : 0n);
  const carried = BIAS >> w;
  const all = Array.from({ length: 2 * count }, (_, k) => k);
  const lower = all.slice(0, count);
  if (c < 64n)
    return {
      columns: all.map((k) => (k < count ? BIAS + half - exponents(k) - c * exponents(k + count) : 0n)),
      over: 0n,
      lasts: lower.map((k) => low - half - (k > 0 ? carried : c * carried)),
    };
  const top = BigInt(e - bits * (count - 1));
  const halfOfTop = 1n << (top - 1n);
  const columns = all.map((k) => {
    // One product of a limb of the upper half, and one of the final carry above 2^e.
    const folded = low + (k > 0 ? high : 0n) + (k === 0 ? low : k === 1 ? high : 0n);
    if (k < count - 1) return BIAS + half - exponents(k) - folded - (k > 0 ? carried : 0n);
    if (k === count - 1) return BIAS + halfOfTop - exponents(k) - folded;
    if (k === 2 * count - 1) return low - exponents(k) - carried;
    return BIAS + half - exponents(k) - (k > count ? carried : 0n);
  });
  return {
    columns,
    over: low - (BIAS >> top) - (high << BigInt(bits * count - e)),
    lasts: lower.map((k) => (k < count - 1 ? 0n : low - halfOfTop - carried)),
  };
}

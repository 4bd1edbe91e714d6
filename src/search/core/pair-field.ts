import { setFlagsFromString } from 'node:v8';
import type { Domain } from '../../core/asn1/domain.js';
import { inverse } from '../../core/base/bytes/integers.js';
import { compileWasm, isRunnable, wasmCode } from '../../core/base/runtime/wasm.js';

/** `jacobian` of kernel/jacobian.as.ts and of kernel/pair-jacobian.as.ts: addresses and counts. */
export type JacobianSearch = (
  field: number,
  numbers: number,
  offsets: number,
  count: number,
  near: number,
  reach: number,
  to: number,
  budget: number,
  work: number,
  hits: number,
  most: number,
  next: number,
) => number;

/** kernel/pairs.as.ts: two numbers at a time, on machines with fused multiply-add of doubles. */
export interface PairProgram {
  fuses(): number;
  equation(field: number, values: number, form: number, count: number, squares: number, rights: number): void;
  jacobian: JacobianSearch;
  /** Only for Curve25519: kernel/pair-edwards.as.ts. */
  toEdwards?(field: number, points: number, count: number, shift: number, work: number): number;
  toRows(field: number, values: number, count: number, rows: number): void;
  fillTable(field: number, table: number, powers: number, work: number): void;
  comb(
    field: number,
    table: number,
    scalars: number,
    count: number,
    out: number,
    flags: number,
    work: number,
  ): void;
}

/** Representation of a number in limbs, and its program. */
export interface Limbs {
  file: string;
  count: number;
  bits: number;
  /** A prime with its own reduction, in which R is 1. */
  prime?: SparsePrime;
}

/** Sizes by the bytes of a number. */
const SIZES: ReadonlyMap<number, Limbs> = new Map([
  [32, { file: 'pairs-256.wasm', count: 6, bits: 44 }],
  [48, { file: 'pairs-384.wasm', count: 8, bits: 49 }],
]);

/** The primes of Curve25519 and secp256k1, on which the numbers of nearly every dump are multiplied. */
const PRIMES: readonly (Limbs & { prime: SparsePrime })[] = [
  { file: 'pairs-25519.wasm', count: 5, bits: 51, prime: { e: 255, c: 19n } },
  { file: 'pairs-secp256k1.wasm', count: 5, bits: 52, prime: { e: 256, c: (1n << 32n) + 977n } },
];

/** For numbers of `width` bytes modulo p; undefined if there is no such program. */
export function limbsOf(p: bigint, width: number): Limbs | undefined {
  return PRIMES.find(({ prime: { e, c } }) => p === (1n << BigInt(e)) - c) ?? SIZES.get(width);
}

const modules = new Map<string, WebAssembly.Module | undefined>();

/** Set by the first program: all need the same feature. */
let hasRelaxedSimd: boolean | undefined;

/** Node 20 has relaxed SIMD behind a V8 flag, later versions without. */
function enabled(code: Uint8Array<ArrayBuffer>): boolean {
  if (!isRunnable(code)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return isRunnable(code);
}

function compile(file: string): WebAssembly.Module | undefined {
  const path = `src/search/kernel/${file}`;
  hasRelaxedSimd ??= enabled(wasmCode(path));
  return hasRelaxedSimd ? compileWasm(path) : undefined;
}

/** An instance in that memory; undefined if the machine has no fused multiply-add. */
export function pairProgram(memory: WebAssembly.Memory, file: string): PairProgram | undefined {
  if (!modules.has(file)) modules.set(file, compile(file));
  const compiled = modules.get(file);
  if (compiled === undefined) return undefined;
  const program = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as PairProgram;
  return program.fuses() === 0 ? undefined : program;
}

/** Bytes of a number in a row of numbers: a double for each limb. */
export const rowBytes = ({ count }: Limbs): number => count * 8;

/** Pairs of numbers of the kernel's scratch memory behind a field's words. */
const SCRATCH = 6 + 16;

/**
 * A field for numbers of `width` bytes as 64-bit words, with room for scratch, in the order of pairs.as.ts
 * and pair-multiply.mjs: initial values of a product's columns, p, -1/p, mask, initial values of the result's
 * limbs, numbers.
 */
export function pairField({ p, a, b }: Domain, width: number, limbs: Limbs): BigUint64Array {
  const { count, bits, prime } = limbs;
  const w = BigInt(bits);
  const limb = 1n << w;
  const r = prime ? 1n : 1n << (w * BigInt(count));
  const hostR = 1n << BigInt(8 * width);
  const doubles = (value: bigint): bigint[] => limbsIn(value, limbs).map((each) => bitsOf(Number(each)));
  const inverseOfP = inverse(p, 1n << 64n) ?? 0n;
  const around = prime
    ? sparseWords(prime, count, bits)
    : {
        columns: columns(count, bits),
        over: bitsOf(Number(BigInt.asUintN(bits, -inverseOfP))),
        lasts: lasts(count, bits),
      };
  const pairs = [
    ...around.columns,
    ...doubles(p),
    around.over,
    limb - 1n,
    ...around.lasts,
    ...doubles((r * r) % p),
    ...doubles((r * r * (inverse(hostR % p, p) ?? 0n)) % p),
    ...doubles((a * r) % p),
    ...doubles((b * r) % p),
    ...doubles(r % p),
    ...doubles(1n),
    bitsOf(Number(limb ** BigInt(count - 1)) / Number(p)),
  ];
  const words = pairs.flatMap((word) => [word, word]);
  for (let i = 0; i < 6; i++) words.push(BigInt.asUintN(64, p >> BigInt(64 * i)));
  words.push(inverseOfP, 0n, ...Array<bigint>(SCRATCH * count * 2).fill(0n));
  return BigUint64Array.from(words, (word) => BigInt.asUintN(64, word));
}

/** The limbs of a number, centred on zero for sparse primes, so that products stay in bounds. */
function limbsIn(value: bigint, { count, bits, prime }: Limbs): bigint[] {
  const all: bigint[] = [];
  let rest = value;
  for (let i = 0; i < count - 1; i++) {
    const limb = prime ? BigInt.asIntN(bits, rest) : BigInt.asUintN(bits, rest);
    all.push(limb);
    rest = (rest - limb) >> BigInt(bits);
  }
  return [...all, rest];
}

/** Offsets of 2 n columns: the exponents of all added doubles, and the bias of the carries. */
function columns(count: number, bits: number): bigint[] {
  const [high, low] = [bitsOf(1.5 * 2 ** (bits + 52)), bitsOf(1.5 * 2 ** 52)];
  const rows = (k: number): bigint => BigInt(Math.max(0, Math.min(k + 1, 2 * count - 1 - k)));
  return Array.from({ length: 2 * count }, (_, k) => {
    const exponents = 2n * (rows(k) * low + (k > 0 ? rows(k - 1) * high : 0n));
    const bias = k < 2 * count - 1 ? BIAS + (k >= count ? 1n << BigInt(bits - 1) : 0n) : 0n;
    return bias - exponents - (k > 0 ? BIAS >> BigInt(bits) : 0n);
  });
}

/** Offsets that centre the limbs of the last columns, with the exponent of their doubles. */
function lasts(count: number, bits: number): bigint[] {
  const half = 1n << BigInt(bits - 1);
  return Array.from({ length: count }, (_, i) => bitsOf(1.5 * 2 ** 52) - (i < count - 1 ? half : 0n));
}

/** A pseudo-Mersenne prime 2^e - c, with its own multiplication in kernel/pair-sparse.mjs. */
interface SparsePrime {
  e: number;
  c: bigint;
}

/** A multiple of 2^w that keeps every column of a product positive. */
const BIAS = 1n << 62n;

/** IEEE 754 representation. */
const bitsOf = (value: number): bigint => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.readBigUInt64LE();
};

/** Constants of pair-sparse.mjs around the prime: initial values of its columns and of its results' limbs. */
function sparseWords(
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

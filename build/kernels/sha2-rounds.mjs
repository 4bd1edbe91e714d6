/** Source of the compression functions of SHA-2 (FIPS 180-4, 6.2.2 and 6.4.2), fully unrolled. */

function cubeRoot(n) {
  let [low, high] = [0n, 1n << 70n];
  while (low + 1n < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n <= n) low = middle;
    else high = middle;
  }
  return low;
}

const isPrime = (n) => {
  for (let m = 2n; m * m <= n; m++) if (n % m === 0n) return false;
  return true;
};

/** First 64 bits of the fractional parts of the cube roots of the first 80 primes (FIPS 180-4, 4.2.3). */
const CONSTANTS = [];
for (let n = 2n; CONSTANTS.length < 80; n++)
  if (isPrime(n)) CONSTANTS.push(BigInt.asUintN(64, cubeRoot(n << 192n)));

const NAMES = [...'abcdefgh'];

/** `lines(names, t)`: one round, which changes d and h. The names rotate instead of the values. */
const rounds = (count, lines) => {
  let names = [...NAMES];
  return Array.from({ length: count }, (_, t) => {
    const text = lines(names, t);
    names = [names.at(-1), ...names.slice(0, -1)];
    return text;
  });
};

const rotate4 = (x, by) => `v128.or(i32x4.shr_u(${x}, ${by}), i32x4.shl(${x}, ${32 - by}))`;
const sum4 = (x, [p, q, r]) => `v128.xor(v128.xor(${rotate4(x, p)}, ${rotate4(x, q)}), ${rotate4(x, r)})`;

/** Four messages at a time. `word(t)`: w[t] + k[t] in every lane. */
const compress4 = (name, word) =>
  [
    `export function ${name}(to: usize, from: usize, w: usize): void {`,
    '  let t1: v128; let ab: v128;',
    ...NAMES.map((each, i) => `  let ${each} = v128.load(from, ${16 * i});`),
    ...rounds(64, ([a, b, c, d, e, f, g, h], t) => {
      const choice = `i32x4.add(${sum4(e, [6, 11, 25])}, v128.bitselect(${f}, ${g}, ${e}))`;
      return [
        `  t1 = i32x4.add(i32x4.add(${h}, ${word(t)}), ${choice});`,
        `  ${d} = i32x4.add(${d}, t1); ab = v128.xor(${a}, ${b});`,
        `  ${h} = i32x4.add(t1, i32x4.add(${sum4(a, [2, 13, 22])}, v128.bitselect(${c}, ${b}, ab)));`,
      ].join('\n');
    }),
    ...NAMES.map((each, i) => `  v128.store(to, i32x4.add(${each}, v128.load(from, ${16 * i})), ${16 * i});`),
    '}',
  ].join('\n');

const k32 = (t) => `0x${(CONSTANTS[t] >> 32n).toString(16)}`;

const sum8 = (x, [p, q, r]) => `(rotr(${x}, ${p}) ^ rotr(${x}, ${q}) ^ rotr(${x}, ${r}))`;

/** One message; its schedule holds w[t]. */
const compress8 = [
  'export function compress512(to: usize, from: usize, w: usize): void {',
  '  let t1: u64;',
  ...NAMES.map((each, i) => `  let ${each} = load<u64>(from, ${8 * i});`),
  ...rounds(80, ([a, b, c, d, e, f, g, h], t) =>
    [
      `  t1 = ${h} + ${sum8(e, [14, 18, 41])} + (${g} ^ (${e} & (${f} ^ ${g}))) + load<u64>(w, ${8 * t});`,
      `  ${d} += t1; ${h} = t1 + ${sum8(a, [28, 34, 39])} + ((${a} & ${b}) | (${c} & (${a} | ${b})));`,
    ].join('\n'),
  ),
  ...NAMES.map((each, i) => `  store<u64>(to, ${each} + load<u64>(from, ${8 * i}), ${8 * i});`),
  '}',
].join('\n');

/** The generated source `sha2-rounds.as.ts`. */
export const SHA2_ROUNDS = [
  `export const K256: StaticArray<u32> = [${CONSTANTS.slice(0, 64)
    .map((_, t) => k32(t))
    .join(', ')}];`,
  `export const K512: StaticArray<u64> = [${CONSTANTS.map((k) => `0x${k.toString(16)}`).join(', ')}];`,
  compress4('compressShared', (t) => `v128.load32_splat(w, ${4 * t})`),
  compress4('compressLanes', (t) => `i32x4.add(v128.load(w, ${16 * t}), i32x4.splat(${k32(t)}))`),
  compress8,
].join('\n');

/**
 * The text of multiply.as.ts for fields of `n` limbs of `w` bits: Montgomery multiplication with R = 2^(n w)
 * on pairs, two independent numbers in the halves of a vector, by fused multiply-add of doubles.
 *
 * A product of limbs is split exactly in two (Emmart, Zheng and Weems, 2018): the low bits of h = fma(a, b,
 * 1.5 * 2^(w + 52)) hold the nearest multiple of 2^w, and fma(a, b, 1.5 * 2^(w + 52) - h) the remainder. Both
 * are summed as integers; the columns start at minus the sum of the doubles' exponent bits. Limbs must be
 * short enough that |a b| < 2^(w + 51). The result's limbs are centred on zero (little more than 2^(w - 1) in
 * size), and the result lies within p/2 + |a b| / R of zero.
 *
 * Field at F, each word twice, once per half: see `fieldWords` of src/search/core/pair-field.ts.
 */
export function pairMultiplication(n, w) {
  const limbs = [...Array(n).keys()];
  const double = (value) => `f64x2.splat(${value.toExponential(20)})`;
  const [high, low] = [1.5 * 2 ** (w + 52), 1.5 * 2 ** 52];
  const at = (index) => `v128.load(F, ${16 * index})`;
  const [prime, negativeInverse, mask, last] = [2 * n, 3 * n, 3 * n + 1, 3 * n + 2];
  const product = (x, y, k) =>
    `  h = f64x2.relaxed_madd(${x}, ${y}, HIGH); t${k} = i64x2.add(t${k}, f64x2.relaxed_madd(${x}, ${y}, f64x2.sub(BOTH, h))); t${k + 1} = i64x2.add(t${k + 1}, h);`;
  const row = (i) => [
    `  x = v128.load(a, ${16 * i});`,
    ...limbs.map((j) => product('x', `b${j}`, i + j)),
    // m = t / -p mod 2^w
    `  x = f64x2.sub(v128.or(v128.and(t${i}, ${at(mask)}), ${double(2 ** 52)}), ${double(2 ** 52)});`,
    `  h = f64x2.relaxed_madd(x, ${at(negativeInverse)}, HIGH);`,
    `  x = f64x2.sub(f64x2.relaxed_madd(x, ${at(negativeInverse)}, f64x2.sub(BOTH, h)), ${double(low)});`,
    ...limbs.map((j) => product('x', at(prime + j), i + j)),
    `  t${i + 1} = i64x2.add(t${i + 1}, i64x2.shr_u(t${i}, ${w}));`,
  ];
  const result = (i) => {
    const k = n + i;
    const kept = i < n - 1 ? `v128.and(t${k}, ${at(mask)})` : `t${k}`;
    const limb = i > 0 ? `i64x2.add(${kept}, i64x2.shr_u(t${k - 1}, ${w}))` : kept;
    return `  v128.store(o, f64x2.sub(i64x2.add(${limb}, ${at(last + i)}), ${double(low)}), ${16 * i});`;
  };
  const each = (name, operation) => [
    `export function ${name}(o: usize, a: usize, b: usize): void {`,
    ...limbs.map(
      (i) =>
        `  v128.store(o, f64x2.${operation}(v128.load(a, ${16 * i}), v128.load(b, ${16 * i})), ${16 * i});`,
    ),
    '}',
  ];
  return [
    `export const N: i32 = ${n};`,
    `export const W: i32 = ${w};`,
    `export const SCALE: f64 = ${2 ** w};`,
    '/** o = a * b / R mod p; o may be a or b. */',
    'export function multiply(o: usize, a: usize, b: usize, F: usize): void {',
    `  const HIGH = ${double(high)}; const BOTH = ${double(high + low)}; let x: v128; let h: v128;`,
    ...limbs.map((i) => `  const b${i} = v128.load(b, ${16 * i});`),
    ...[...Array(2 * n).keys()].map((k) => `  let t${k} = ${at(k)};`),
    ...limbs.flatMap(row),
    ...limbs.map(result),
    '}',
    ...each('add', 'add'),
    ...each('sub', 'sub'),
    ...each('difference', 'sub'),
  ].join('\n');
}

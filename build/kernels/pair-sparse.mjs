/**
 * The text of multiply.as.ts for a pseudo-Mersenne prime p = 2^e - c: the part above 2^(n w) is folded back,
 * multiplied by 2^(n w) mod p. This takes half the products of a Montgomery multiplication, and five limbs
 * instead of six. R is 1.
 *
 * Products are split as in pair-multiply.mjs, with the same bound on limbs. Columns are integers modulo 2^64.
 * Their initial values cancel the doubles' exponents and keep the columns positive where they are masked: see
 * `sparseWords` of src/search/core/pair-field.ts.
 *
 * Bounds: a result's limb is below 2^(w-1) + 2^13 (one carry), so a product of two is little above 2^(2w-2),
 * below 2^(w+51). With w = 51 one factor may be a sum of two (2^101), but not both (2^102). Limbs in host
 * format are below 2^w and are only multiplied by a constant's, which are at most 2^(w-1). A column sums n
 * products, below n 2^52 without their exponents; times c (5 bits) this is below 2^60, within the bias of
 * 2^62.
 */
export function sparseMultiplication(n, w, e, c) {
  const limbs = [...Array(n).keys()];
  const double = (value) => `f64x2.splat(${Number(value).toExponential(20)})`;
  const [high, low] = [1.5 * 2 ** (w + 52), 1.5 * 2 ** 52];
  const at = (index) => `v128.load(F, ${16 * index})`;
  const [over, mask, last] = [3 * n, 3 * n + 1, 3 * n + 2];
  const begun = new Set();
  const addTo = (k, value) => {
    if (begun.has(k)) return `t${k} = i64x2.add(t${k}, ${value});`;
    begun.add(k);
    return `let t${k} = ${value};`;
  };
  /** With w above 51 the sum of both constants is not exact as a double. */
  const rest = w > 51 ? 'f64x2.add(f64x2.sub(HIGH, h), LOW)' : 'f64x2.sub(BOTH, h)';
  const product = (x, y, k, next = k + 1) => [
    `  h = f64x2.relaxed_madd(${x}, ${y}, HIGH);`,
    `  ${addTo(k, `f64x2.relaxed_madd(${x}, ${y}, ${rest})`)} ${addTo(next, 'h')}`,
  ];
  const begin = (k) => {
    begun.add(k);
    return `  let t${k} = ${at(k)};`;
  };
  const carry = (k, bits = w) => `i64x2.shr_u(t${k}, ${bits})`;
  /** The lowest w bits of a column, biased by 2^(w-1), as a double without the bias. */
  const centred = (k) =>
    `f64x2.sub(v128.or(v128.and(t${k}, ${at(mask)}), ${double(2 ** 52)}), ${double(2 ** 52 + 2 ** (w - 1))})`;
  const store = (i, value) => `  v128.store(o, ${value}, ${16 * i});`;
  const ended = (i, value) => store(i, `f64x2.sub(i64x2.add(${value}, ${at(last + i)}), ${double(low)})`);

  const shifted = (value, bits) => (bits > 0 ? `i64x2.shl(${value}, ${bits})` : value);
  /** A column times a small constant, by shifts and additions. */
  const times = (value, factor) =>
    [...factor.toString(2)]
      .flatMap((bit, i, all) => (bit === '1' ? [shifted(value, all.length - 1 - i)] : []))
      .reduce((sum, term) => `i64x2.add(${sum}, ${term})`);
  const fewBits = () => [
    ...limbs.map((k) => `  t${k} = i64x2.add(t${k}, ${times(`t${n + k}`, c)});`),
    `  x = ${carry(n - 1)};`,
    ended(0, `i64x2.add(v128.and(t0, ${at(mask)}), ${times('x', c)})`),
    ...limbs.slice(1).map((k) => ended(k, `i64x2.add(v128.and(t${k}, ${at(mask)}), ${carry(k - 1)})`)),
  ];

  const top = e - w * (n - 1);
  const moreBits = () => {
    const fold = double(c << BigInt(n * w - e));
    return [
      // Fold the upper half limb by limb: times 2^(n w) mod p.
      ...limbs.flatMap((i) => [
        `  x = ${i < n - 1 ? centred(n + i) : `f64x2.sub(t${n + i}, ${double(low)})`};`,
        ...(i < n - 1 ? [`  t${n + i + 1} = i64x2.add(t${n + i + 1}, ${carry(n + i)});`] : []),
        ...product('x', fold, i, i < n - 1 ? i + 1 : 2 * n),
      ]),
      // Fold the rest above 2^e.
      `  x = i64x2.add(${carry(n - 1, top)}, i64x2.shl(t${2 * n}, ${n * w - e}));`,
      `  x = f64x2.sub(i64x2.add(x, ${at(over)}), ${double(low)});`,
      ...product('x', double(c), 0),
      ...limbs
        .slice(0, -1)
        .flatMap((k) => [
          ...(k > 0 ? [`  t${k} = i64x2.add(t${k}, ${carry(k - 1)});`] : []),
          store(k, centred(k)),
        ]),
      ended(n - 1, `i64x2.add(v128.and(t${n - 1}, i64x2.splat(${2 ** top - 1})), ${carry(n - 2)})`),
    ];
  };

  const small = c < 64n;
  const each = (name, operation) => [
    `export function ${name}(o: usize, a: usize, b: usize): void {`,
    ...limbs.map(
      (i) =>
        `  v128.store(o, f64x2.${operation}(v128.load(a, ${16 * i}), v128.load(b, ${16 * i})), ${16 * i});`,
    ),
    '}',
  ];
  /** Limbs of w + 1 bits would exceed the bound on products, so differences are carried. */
  const difference = [
    'export function difference(o: usize, a: usize, b: usize): void {',
    `  const HIGH = ${double(high)}; let d: v128; let h: v128; let carry = f64x2.splat(0);`,
    ...limbs.flatMap((i) => [
      `  d = f64x2.sub(v128.load(a, ${16 * i}), v128.load(b, ${16 * i}));`,
      ...(i < n - 1
        ? [
            '  h = f64x2.sub(f64x2.add(d, HIGH), HIGH);',
            store(i, 'f64x2.add(f64x2.sub(d, h), carry)'),
            `  carry = f64x2.mul(h, ${double(2 ** -w)});`,
          ]
        : [store(i, 'f64x2.add(d, carry)')]),
    ]),
    '}',
  ];
  return [
    `export const N: i32 = ${n};`,
    `export const W: i32 = ${w};`,
    `export const SCALE: f64 = ${2 ** w};`,
    '/** o = a * b mod p; o may be a or b. */',
    'export function multiply(o: usize, a: usize, b: usize, F: usize): void {',
    `  const HIGH = ${double(high)}; const ${w > 51 ? `LOW = ${double(low)}` : `BOTH = ${double(high + low)}`}; let x: v128; let h: v128;`,
    ...limbs.map((i) => `  const b${i} = v128.load(b, ${16 * i});`),
    ...limbs.map((k) => begin(k)),
    ...(small ? [] : limbs.map((k) => begin(n + k))),
    ...limbs.flatMap((i) => [
      `  x = v128.load(a, ${16 * i});`,
      ...limbs.flatMap((j) => product('x', `b${j}`, i + j)),
    ]),
    ...(small ? fewBits() : moreBits()),
    '}',
    ...each('add', 'add'),
    ...each('sub', 'sub'),
    ...(w > 51 ? difference : each('difference', 'sub')),
  ].join('\n');
}

// `node build/kernels/search.mjs` writes the .wasm files of src/search/kernel; `--check` compares them with a
// fresh build.
import { kernelsOf } from './kernel-build.mjs';
import { pairMultiplication } from './pair-multiply.mjs';
import { sparseMultiplication } from './pair-sparse.mjs';
import { SHA2_ROUNDS } from './sha2-rounds.mjs';

const { compile, writeOrCheck } = kernelsOf('src/search/kernel/');

/**
 * Source of a Montgomery multiplication (CIOS, as `mulAny` in field.as.ts) over n limbs, fully unrolled with
 * all limbs in local variables: three times as fast as loops over memory.
 */
function multiplication(n) {
  const limbs = [...Array(n).keys()];
  const step = (i) => [
    `  x = load<u32>(a, ${4 * i}); c = t0 + x * b0; m = <u64>(<u32>c * <u32>k); d = ((c & 0xffffffff) + m * p0) >>> 32; c >>>= 32;`,
    ...limbs
      .slice(1)
      .map(
        (j) =>
          `  c += t${j} + x * b${j}; d += (c & 0xffffffff) + m * p${j}; t${j - 1} = d & 0xffffffff; d >>>= 32; c >>>= 32;`,
      ),
    `  c += t${n} + d; t${n - 1} = c & 0xffffffff; t${n} = c >>> 32;`,
  ];
  return [
    `export function mul${n}(o: usize, a: usize, b: usize, p: usize, k: u64): void {`,
    '  let c: u64 = 0; let m: u64 = 0; let d: u64 = 0; let x: u64 = 0; let w: u64 = 0;',
    ...limbs.map(
      (i) =>
        `  const b${i}: u64 = load<u32>(b, ${4 * i}); const p${i}: u64 = load<u32>(p, ${4 * i}); let t${i}: u64 = 0;`,
    ),
    `  let t${n}: u64 = 0;`,
    ...limbs.flatMap(step),
    ...limbs.map((i) => `  w = t${i} - p${i} - w; const r${i} = w; w = (w >>> 32) & 1;`),
    `  if (t${n} < w) {`,
    ...limbs.map((i) => `    store<u32>(o, <u32>t${i}, ${4 * i});`),
    '  } else {',
    ...limbs.map((i) => `    store<u32>(o, <u32>r${i}, ${4 * i});`),
    '  }',
    '}',
  ].join('\n');
}

const GENERATED = { 'multiply.as.ts': [8, 12].map(multiplication).join('\n') };

const binary = await compile(
  'numbers.as.ts',
  ['--memoryBase', '1024'],
  (name, text) => GENERATED[name] ?? text,
);
writeOrCheck('numbers.wasm', binary);

/**
 * Number of limbs, bits of a limb. For Montgomery multiplication R is 2^8 times the largest prime of the
 * size.
 */
const PAIRS = [
  ['pairs-256.wasm', 'pairs.as.ts', pairMultiplication(6, 44)],
  ['pairs-384.wasm', 'pairs.as.ts', pairMultiplication(8, 49)],
  ['pairs-25519.wasm', 'pairs-edwards.as.ts', sparseMultiplication(5, 51, 255, 19n)],
  ['pairs-secp256k1.wasm', 'pairs.as.ts', sparseMultiplication(5, 52, 256, 2n ** 32n + 977n)],
];
for (const [file, source, multiply] of PAIRS)
  writeOrCheck(
    file,
    await compile(source, ['--memoryBase', '1024', '--enable', 'simd,relaxed-simd'], (name, text) =>
      name === 'multiply.as.ts' ? multiply : text,
    ),
  );

writeOrCheck(
  'macs.wasm',
  await compile('macs.as.ts', ['--memoryBase', '1024', '--enable', 'simd'], (name, text) =>
    name === 'sha2-rounds.as.ts' ? SHA2_ROUNDS : text,
  ),
);

writeOrCheck('secrets.wasm', await compile('secrets.as.ts', ['--memoryBase', '1024', '--enable', 'simd']));

// `node build/kernels/sweep.mjs` writes the .wasm files of src/sweep/kernel; `--check` compares them with a
// fresh build.
import { kernelsOf } from './kernel-build.mjs';

const { compile, writeOrCheck } = kernelsOf('src/sweep/kernel/');

const BINARIES = [
  { file: 'literals-relaxed.wasm', source: 'literals.as.ts', features: 'simd,relaxed-simd' },
  { file: 'literals-simd.wasm', source: 'literals.as.ts', features: 'simd' },
  { file: 'fused-relaxed.wasm', source: 'literals.as.ts', features: 'simd,relaxed-simd', noise: true },
  { file: 'fused-simd.wasm', source: 'literals.as.ts', features: 'simd', noise: true },
  { file: 'needles.wasm', source: 'needles.as.ts', features: 'simd' },
  { file: 'names.wasm', source: 'names.as.ts', features: 'simd' },
];

for (const { file, source, features, noise = false } of BINARIES) {
  const options = ['--memoryBase', '1024', '--enable', features];
  const textOf = (name, text) =>
    noise && name.endsWith('variant.as.ts') ? (text?.replace('= false', '= true') ?? null) : text;
  writeOrCheck(file, await compile(source, options, textOf));
}

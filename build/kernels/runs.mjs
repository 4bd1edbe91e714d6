// `node build/kernels/runs.mjs` writes extract.wasm; `--check` compares it with a fresh build.
import { kernelsOf } from './kernel-build.mjs';

const { compile, writeOrCheck } = kernelsOf('src/sweep/runs/kernel/');

writeOrCheck('extract.wasm', await compile('extract.as.ts'));

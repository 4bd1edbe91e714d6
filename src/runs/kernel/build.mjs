// `node src/runs/kernel/build.mjs` writes extract.wasm; `--check` compares it with a fresh build.
import { compile, writeOrCheck } from '../../build/kernel-build.mjs';

writeOrCheck(import.meta.url, 'extract.wasm', await compile(import.meta.url, 'extract.as.ts'));

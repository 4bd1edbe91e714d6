// `node build/kernels/containers.mjs` writes the .wasm files of src/source/containers/kernel; `--check`
// compares them with a fresh build.
import { kernelsOf } from './kernel-build.mjs';
import { LZMA_LOOP } from './lzma-loop.mjs';

const { compile, writeOrCheck } = kernelsOf('src/source/containers/kernel/');

const GENERATED = { 'lzma-loop.as.ts': LZMA_LOOP };

for (const name of ['lzma', 'lz4', 'bzip2']) {
  const binary = await compile(
    `${name}.as.ts`,
    ['--enable', 'bulk-memory'],
    (file, text) => GENERATED[file] ?? text,
  );
  writeOrCheck(`${name}.wasm`, binary);
}

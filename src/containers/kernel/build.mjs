// `node src/containers/kernel/build.mjs` writes this folder's .wasm files; `--check` compares them with a
// fresh build.
import { compile, writeOrCheck } from '../../build/kernel-build.mjs';
import { LZMA_LOOP } from './lzma-loop.mjs';

const GENERATED = { 'lzma-loop.as.ts': LZMA_LOOP };

for (const name of ['lzma', 'lz4', 'bzip2']) {
  const binary = await compile(
    import.meta.url,
    `${name}.as.ts`,
    ['--enable', 'bulk-memory'],
    (file, text) => GENERATED[file] ?? text,
  );
  writeOrCheck(import.meta.url, `${name}.wasm`, binary);
}

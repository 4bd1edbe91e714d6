// Compiles this room's kernel as src/sweep/kernel/build.mjs does its own: `node src/noise/kernel/build.mjs` writes
// extract.wasm, `--check` compares it with a fresh build and ends with status 1 where it differs.
import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'];
const SOURCE = 'extract.as.ts';

let binary;
const { error, stderr } = await asc.main([SOURCE, ...OPTIONS, '--outFile', 'out.wasm'], {
  readFile: (name) => {
    try {
      return readFileSync(new URL(name, import.meta.url), 'utf8');
    } catch {
      return null;
    }
  },
  writeFile: (_name, contents) => {
    binary = contents;
  },
  listFiles: () => [],
});
if (error) throw new Error(`${SOURCE}: ${error.message}\n${stderr.toString()}`);

const path = new URL('extract.wasm', import.meta.url);
if (!process.argv.includes('--check')) {
  writeFileSync(path, binary);
  console.log(`extract.wasm: ${binary.length} bytes`);
} else if (!readFileSync(path).equals(binary)) {
  console.error(`extract.wasm differs from a build of ${SOURCE}: run node src/noise/kernel/build.mjs and commit it`);
  process.exitCode = 1;
}

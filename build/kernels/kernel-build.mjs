// Common code of the kernel builds. The compiler's version is pinned by package-lock.json.
import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'];

/**
 * The compiler for a folder of kernels, by its path from the root of the checkout. `compile(source, options,
 * textOf)` compiles one of its AssemblyScript files; `textOf(name, text)` may replace a source.
 * `writeOrCheck(file, binary)` writes a binary into the folder, or with `--check` compares it with the one
 * that is there and sets exit status 1 if they differ.
 */
export function kernelsOf(path) {
  const folder = new URL(`../../${path}`, import.meta.url);
  return {
    async compile(source, options = [], textOf = (_name, text) => text) {
      let binary;
      const { error, stderr } = await asc.main([source, ...OPTIONS, ...options, '--outFile', 'out.wasm'], {
        readFile(name) {
          let text = null;
          try {
            text = readFileSync(new URL(name, folder), 'utf8');
          } catch {
            // The compiler probes for files, and some sources are generated.
          }
          return textOf(name, text);
        },
        writeFile: (_name, contents) => {
          binary = contents;
        },
        listFiles: () => [],
      });
      if (error) throw new Error(`${source}: ${error.message}\n${stderr.toString()}`);
      return binary;
    },
    writeOrCheck(file, binary) {
      const url = new URL(file, folder);
      if (!process.argv.includes('--check')) {
        writeFileSync(url, binary);
        console.log(`${file}: ${binary.length} bytes`);
      } else if (!readFileSync(url).equals(binary)) {
        console.error(
          `${path}${file} differs from a fresh build: run it without --check and commit what it writes`,
        );
        process.exitCode = 1;
      }
    },
  };
}

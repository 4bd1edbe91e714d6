// Common code of the kernel builds. The compiler's version is pinned by package-lock.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'];

/**
 * Compiles an AssemblyScript file. `folder`: URL of the
 * calling script; `textOf(name, text)` may replace a source.
 */
export async function compile(folder, source, options = [], textOf = (_name, text) => text) {
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
}

/**
 * Writes a binary next to the script, or with `--check` compares it with the existing one and sets exit
 * status 1 if it differs.
 */
export function writeOrCheck(script, file, binary) {
  const path = new URL(file, script);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, binary);
    console.log(`${file}: ${binary.length} bytes`);
  } else if (!readFileSync(path).equals(binary)) {
    console.error(
      `${file} differs from a fresh build: run node ${relative('.', fileURLToPath(script))} and commit it`,
    );
    process.exitCode = 1;
  }
}

// What the rooms' kernel builds share. The compiler's version is pinned by package-lock.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'];

/**
 * The binary of an AssemblyScript file. `folder`: URL of the script beside it; `textOf(name, text)` may change or make up a source.
 */
export async function compile(folder, source, options = [], textOf = (_name, text) => text) {
  let binary;
  const { error, stderr } = await asc.main([source, ...OPTIONS, ...options, '--outFile', 'out.wasm'], {
    readFile(name) {
      let text = null;
      try {
        text = readFileSync(new URL(name, folder), 'utf8');
      } catch {
        // The compiler asks for files of which some are not there, and some are made.
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

/** Writes a binary beside the script, or with `--check` compares it with the one there and ends with status 1 where it differs. */
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

// Common code of the kernel builds. The compiler's version is pinned by package-lock.json.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory'];
const ROOT = new URL('../../', import.meta.url);
/** For each folder of kernels: the files that its binaries were compiled from, and a digest of all. */
const RECORDS = new URL('digests.json', import.meta.url);

/**
 * The compiler for a folder of kernels, by its path from the root of the checkout. `compile(source, options,
 * textOf)` compiles one of its AssemblyScript files; `textOf(name, text)` may replace a source.
 * `writeOrCheck(file, binary)` writes a binary into the folder, or with `--check` compares it with the one
 * that is there and sets exit status 1 if they differ.
 *
 * With `--check` nothing is compiled if neither sources nor binaries have changed since they were written
 * (digests.json), unless DUMPSIEVE_CASES=all.
 */
export function kernelsOf(path) {
  const folder = new URL(path, ROOT);
  const isCheck = process.argv.includes('--check');
  const isUnchanged = isCheck && process.env.DUMPSIEVE_CASES !== 'all' && isRecorded(path);
  const sources = new Set();
  if (!isCheck) process.once('beforeExit', () => record(path, [...sources].sort()));
  return {
    async compile(source, options = [], textOf = (_name, text) => text) {
      if (isUnchanged) return undefined;
      // It takes a second to load.
      const { default: asc } = await import('assemblyscript/asc');
      let binary;
      const { error, stderr } = await asc.main([source, ...OPTIONS, ...options, '--outFile', 'out.wasm'], {
        readFile(name) {
          const url = new URL(name, folder);
          // The compiler probes for files, and some sources are generated.
          const text = existsSync(url) ? readFileSync(url, 'utf8') : null;
          if (text !== null) sources.add(fileURLToPath(url).slice(fileURLToPath(ROOT).length));
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
      if (isUnchanged) return;
      const url = new URL(file, folder);
      if (!isCheck) {
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

const records = () => JSON.parse(readFileSync(RECORDS, 'utf8'));

const compilerVersion = () =>
  JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8')).packages['node_modules/assemblyscript']
    .version;

/** Of the sources, the binaries of the folder, the build scripts and the compiler's version. */
function digest(path, sources) {
  const named = (folder, ending) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith(ending))
      .map((name) => folder + name);
  const files = [...sources, ...named(path, '.wasm'), ...named('build/kernels/', '.mjs')];
  const hash = createHash('sha256').update(compilerVersion());
  for (const file of files.sort()) {
    const bytes = readFileSync(new URL(file, ROOT));
    hash.update(`\n${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function isRecorded(path) {
  const { sources, sha256 } = records()[path] ?? {};
  return sources?.every((file) => existsSync(new URL(file, ROOT))) && digest(path, sources) === sha256;
}

function record(path, sources) {
  const all = { ...records(), [path]: { sha256: digest(path, sources), sources } };
  writeFileSync(RECORDS, `${JSON.stringify(all, undefined, 2)}\n`);
}

// Compiles the kernels: `node src/sweep/kernel/build.mjs` writes the .wasm files beside this one; `--check` compares them with
// a fresh build and ends with status 1 where one differs. The compiler's version is pinned by package-lock.json.
import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--importMemory', '--memoryBase', '1024'];
const BINARIES = [
  { file: 'literals-relaxed.wasm', source: 'literals.as.ts', features: 'simd,relaxed-simd' },
  { file: 'literals-simd.wasm', source: 'literals.as.ts', features: 'simd' },
  { file: 'fused-relaxed.wasm', source: 'literals.as.ts', features: 'simd,relaxed-simd', noise: true },
  { file: 'fused-simd.wasm', source: 'literals.as.ts', features: 'simd', noise: true },
  { file: 'needles.wasm', source: 'needles.as.ts', features: 'simd' },
];

async function compile({ source, features, noise = false }) {
  let binary;
  const { error, stderr } = await asc.main([source, ...OPTIONS, '--enable', features, '--outFile', 'out.wasm'], {
    readFile: (name) => {
      try {
        const text = readFileSync(new URL(name, import.meta.url), 'utf8');
        return noise && name.endsWith('variant.as.ts') ? text.replace('= false', '= true') : text;
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${source}: ${error.message}\n${stderr.toString()}`);
  return binary;
}

let stale = 0;
for (const one of BINARIES) {
  const binary = await compile(one);
  const path = new URL(one.file, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, binary);
    console.log(`${one.file}: ${binary.length} bytes`);
  } else if (!readFileSync(path).equals(binary)) {
    console.error(`${one.file} differs from a build of ${one.source}: run node src/sweep/kernel/build.mjs and commit it`);
    stale = 1;
  }
}
process.exitCode = stale;

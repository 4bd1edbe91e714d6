import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import type { Script } from 'node:vm';
import { asset } from '../assets.js';

/** What bin/load.js has of the program. */
interface Program {
  compiled: string;
  parts: Map<string, { script: Script }>;
  load(name: string): { main(argv: string[]): Promise<number> };
}

const { Program } = createRequire(import.meta.url)(fileURLToPath(asset('bin/load.js'))) as {
  Program: new () => Program;
};

/**
 * Build step: keeps what the engine compiles of the program in a scan that finds nothing, for bin/load.js. The engine takes it only
 * where its flags are those of the build, so that the flag that a scan sets (compiler.ts) is left alone here.
 */
async function keepCompiled(): Promise<void> {
  const bundle = fileURLToPath(asset('dist/bundle/'));
  rmSync(join(bundle, 'compiled'), { recursive: true, force: true });
  // bin/load.js takes bytes for characters.
  for (const name of readdirSync(bundle))
    if (name.endsWith('.cjs') && readFileSync(join(bundle, name)).some((byte) => byte > 0x7f))
      throw new Error(`${name} is not ASCII`);
  v8.setFlagsFromString = () => {};
  // Its report is written, and read by nobody.
  process.stdout.write = () => true;
  const program = new Program();
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  try {
    const file = join(folder, 'zeros');
    writeFileSync(file, Buffer.alloc(1 << 20));
    const status = await program.load('main.cjs').main(['node', 'dumpsieve', 'scan', file]);
    if (status !== 0) throw new Error(`a scan of zeros ends with ${status}`);
    mkdirSync(program.compiled, { recursive: true });
    for (const [name, { script }] of program.parts)
      writeFileSync(join(program.compiled, name), script.createCachedData());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await keepCompiled();

import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import type { WorkerOptions } from 'node:worker_threads';
import { asset } from '../src/core/base/runtime/assets.js';
import { KEEP, keepCompiled, Program } from './compiled-parts.js';
import { syntheticMemory } from './data/synthetic-memory.js';

const FOLDERS = ['bundle', 'threads'] as const;
/** Entry point of threads that write their code cache on request. */
const THREAD = new URL('./write-thread-cache.js', import.meta.url);

const require = createRequire(import.meta.url);

/**
 * Replaces Worker: threads write the code cache of their first parts before they end or, once the scan has
 * set V8 flags, of the parts loaded later.
 */
function keepThreads(flags: { areSet: boolean }): void {
  const threads = require('node:worker_threads') as typeof import('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(_: string | URL, options?: WorkerOptions) {
      super(THREAD, options);
    }

    override terminate(): Promise<number> {
      return new Promise((resolve) => {
        this.ref();
        this.once('exit', resolve);
        this.postMessage(flags.areSet ? KEEP.later : KEEP.first);
      });
    }
  };
}

/**
 * Build step: runs scans without findings, and writes V8's code cache of the program for bin/load.js. V8
 * accepts a cache only with the flags it was written with. So parts loaded before a scan sets flags
 * (compiler.ts) are cached without them, with the threads as they start, and parts loaded later with them.
 */
async function writeCodeCache(): Promise<void> {
  for (const name of FOLDERS) {
    const folder = fileURLToPath(asset(`dist/${name}/`));
    rmSync(join(folder, 'compiled'), { recursive: true, force: true });
    // bin/load.js reads bytes as characters.
    for (const part of readdirSync(folder))
      if (part.endsWith('.cjs') && readFileSync(join(folder, part)).some((byte) => byte > 0x7f))
        throw new Error(`${part} is not ASCII`);
  }
  // The report of the scan is discarded.
  process.stdout.write = () => true;
  const program = new Program();
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  /** `length` with a hole after the content: sparse, for a small temporary folder. */
  const scan = async (name: string, content: Uint8Array, length: number): Promise<void> => {
    const file = join(folder, name);
    writeFileSync(file, content);
    truncateSync(file, length);
    // --no-config: a configuration file in a parent folder must not make the build fail.
    const argv = ['node', 'dumpsieve', 'scan', '--no-config', '--jobs', '1', file];
    const status = await program.load('main.cjs').main(argv);
    if (status !== 0) throw new Error(`a scan of ${name} ends with ${status}`);
  };
  const setFlags = v8.setFlagsFromString;
  const wanted = new Set<string>();
  try {
    v8.setFlagsFromString = (flag) => wanted.add(flag);
    await scan('zeros', Buffer.alloc(0), 1 << 20);
    const first = keepCompiled(program);
    const flags = { areSet: false };
    keepThreads(flags);
    const memory = Buffer.concat(Array<Uint8Array>(3).fill(syntheticMemory()));
    // Large enough for a worker to start.
    await scan('memory', memory, 256 << 20);
    flags.areSet = true;
    for (const flag of wanted) setFlags(flag);
    await scan('memory', memory, 256 << 20);
    keepCompiled(program, first);
  } finally {
    v8.setFlagsFromString = setFlags;
    rmSync(folder, { recursive: true });
  }
}

await writeCodeCache();

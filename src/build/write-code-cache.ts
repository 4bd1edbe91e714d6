import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import type { WorkerOptions } from 'node:worker_threads';
import { asset } from '../base/runtime/assets.js';
import { KEEP, keepCompiled, Program } from './compiled-parts.js';
import { likelyMemory } from './likely-memory.js';

const FOLDERS = ['bundle', 'threads'] as const;
/** Where a thread begins that keeps what was compiled of it when it is asked to. */
const THREAD = new URL('./write-thread-cache.js', import.meta.url);

const require = createRequire(import.meta.url);

/** Threads keep what they begin with before they end, and what they have loaded later where the scan has set flags. */
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
 * Build step: keeps what the engine compiles of the program in scans that find nothing, for bin/load.js. The engine takes it only
 * where its flags are those of the build: what a scan needs before it sets one (compiler.ts) is kept without it, threads as they come up as well, and
 * what it needs later with it.
 */
async function writeCodeCache(): Promise<void> {
  for (const name of FOLDERS) {
    const folder = fileURLToPath(asset(`dist/${name}/`));
    rmSync(join(folder, 'compiled'), { recursive: true, force: true });
    // bin/load.js takes bytes for characters.
    for (const part of readdirSync(folder))
      if (part.endsWith('.cjs') && readFileSync(join(folder, part)).some((byte) => byte > 0x7f))
        throw new Error(`${part} is not ASCII`);
  }
  // Its report is written, and read by nobody.
  process.stdout.write = () => true;
  const program = new Program();
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  /** `length`: zeros behind the content are a hole, for which a small temporary folder has room. */
  const scan = async (name: string, content: Uint8Array, length: number): Promise<void> => {
    const file = join(folder, name);
    writeFileSync(file, content);
    truncateSync(file, length);
    // A configuration where it is built or above must not make it fail.
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
    const memory = Buffer.concat(Array<Uint8Array>(3).fill(likelyMemory()));
    // Large enough for a thread to come up.
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

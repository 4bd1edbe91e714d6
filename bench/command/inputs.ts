import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

export const MiB = 2 ** 20;
export const GiB = 2 ** 30;

const local = (name: string): string => fileURLToPath(asset(`bench/command/${name}`));

/** Programs to dump, by runtime. */
const PROGRAMS = {
  node: [process.execPath, local('objects.mjs')],
  python: ['/usr/bin/python3', local('objects.py')],
  java: ['java', '-Xmx2g', local('Heap.java'), '256', '400000'],
} as const;

/** Inputs of the benchmarks, made once per folder and kept as long as the folder. */
export class Inputs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** A heap dump by jmap of a Java program of this benchmark; 256 MB and more. */
  async heap(): Promise<string> {
    const path = this.path('heap.hprof');
    if (existsSync(path)) return path;
    const [java, ...args] = PROGRAMS.java;
    const program = spawn(java, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(createInterface({ input: program.stdout }), 'line');
      execFileSync('jmap', [`-dump:live,format=b,file=${path}`, String(program.pid)], { stdio: 'ignore' });
    } finally {
      program.kill();
    }
    return atLeast(path, 256 * MiB);
  }

  /** A core by gcore of a process with typical contents. */
  core(name: keyof typeof PROGRAMS): Promise<string> {
    return this.#dumped(name, PROGRAMS[name]);
  }

  /** A core by gcore of a process with this many dense bytes. */
  denseCore(size: number): Promise<string> {
    const program = "import sys; held = open(sys.argv[1], 'rb').read(); print(); sys.stdin.read()";
    return this.#dumped('dense', ['/usr/bin/python3', '-uc', program, this.dense(size)]);
  }

  async #dumped(name: string, [command = '', ...args]: readonly string[]): Promise<string> {
    const path = this.path(`${name}.core`);
    if (existsSync(path)) return path;
    const program = spawn(command, args, {
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(createInterface({ input: program.stdout }), 'line');
      const prefix = this.path(name);
      execFileSync('gcore', ['-o', prefix, String(program.pid)], { stdio: 'ignore' });
      renameSync(`${prefix}.${program.pid}`, path);
    } finally {
      program.kill();
    }
    return path;
  }

  /**
   * Files of /usr/lib and /usr/share without duplicates, ordered by a hash of their paths, up to the given
   * number of bytes; at least 512 MB.
   */
  files(size = 600 * MiB): string {
    const path = this.path(`usr-lib-${size / MiB}.bin`);
    if (existsSync(path)) return path;
    const hashed = ['/usr/lib', '/usr/share']
      .flatMap((root) => readdirSync(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file, key: createHash('sha1').update(file).digest('hex') }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const out = openSync(path, 'w');
    let written = 0;
    for (const { file } of hashed) {
      if (written >= size) break;
      if (statSync(file).size > 64 * MiB) continue;
      written += writeSync(out, readFileSync(file));
    }
    closeSync(out);
    return atLeast(path, 512 * MiB);
  }

  /** Dense memory of this many bytes: the files, repeated. */
  dense(size: number): string {
    return this.repeated(this.files(), size, `dense-${size / MiB}.bin`);
  }

  /** A file, repeated up to this many bytes. */
  repeated(of: string, size: number, name = `${basename(of)}-${size / MiB}.bin`): string {
    const path = this.path(name);
    if (existsSync(path)) return path;
    const source = openSync(of, 'r');
    const out = openSync(path, 'w');
    const piece = Buffer.alloc(8 * MiB);
    for (let at = 0, from = 0; at < size; ) {
      const got = readSync(source, piece, 0, Math.min(piece.length, size - at), from);
      from = got === 0 ? 0 : from + got;
      at += writeSync(out, piece, 0, got);
    }
    closeSync(source);
    closeSync(out);
    return path;
  }

  /** Zeros, written or as a hole. */
  zeros(size: number, sparse: boolean): string {
    const path = this.path(`${sparse ? 'sparse' : 'zeros'}-${size / MiB}.bin`);
    if (existsSync(path)) return path;
    const out = openSync(path, 'w');
    if (sparse) ftruncateSync(out, size);
    else for (let at = 0; at < size; ) at += writeSync(out, Buffer.alloc(Math.min(8 * MiB, size - at)));
    closeSync(out);
    return path;
  }

  /** The first bytes of another input. */
  slice(path: string, size: number): string {
    const cut = `${path}.${size / MiB}`;
    if (existsSync(cut)) return cut;
    const [source, out] = [openSync(path, 'r'), openSync(cut, 'w')];
    const bytes = Buffer.alloc(size);
    writeSync(out, bytes, 0, readSync(source, bytes, 0, size, 0));
    closeSync(source);
    closeSync(out);
    return cut;
  }
}

function atLeast(path: string, size: number): string {
  if (statSync(path).size < size) throw new Error(`${path} has fewer than ${size} bytes`);
  return path;
}

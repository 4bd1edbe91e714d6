import type { Cipher } from 'node:crypto';
import { createCipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { counterBlock, type Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError, systemCode } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import type { Sink } from './decode-to-sink.js';
import { promised } from './file-system.js';

const MIB = 1024 * 1024;
/** Bytes of the first allocation: most members of archives are small. */
const FIRST = 4 * 1024;

/** Blocks of the first size that wait for a further spool: as many as artifacts are open at a time. */
const MOST_KEPT = 320;
const EMPTY = new SharedArrayBuffer(0);

/** Bytes of memory shared by all spools of a run; a spool that gets none goes to disk. */
export class SpoolMemory {
  #left: number;
  /** Blocks of the first size, cleared: making one takes longer than decoding a short member. */
  readonly #kept: SharedArrayBuffer[] = [];

  constructor(bytes = 64 * MIB) {
    this.#left = bytes;
  }

  /** A cleared block that takes the place of another; undefined if the budget is exhausted. */
  larger({ byteLength }: SharedArrayBuffer, size: number): SharedArrayBuffer | undefined {
    if (size - byteLength > this.#left) return undefined;
    this.#left -= size - byteLength;
    return (size === FIRST ? this.#kept.pop() : undefined) ?? new SharedArrayBuffer(size);
  }

  give(bytes: number): void {
    this.#left += bytes;
  }

  /** Takes a cleared block that no storage refers to any more. */
  reuse(block: SharedArrayBuffer): void {
    if (block.byteLength === FIRST && this.#kept.length < MOST_KEPT) this.#kept.push(block);
  }
}

/** Where a spool stores its bytes. */
interface SpoolStore extends Sink {
  storage(): Storage;
  /** Overwrites the bytes, or their key, and frees them. */
  close(): void;
}

class MemoryStore implements SpoolStore {
  #bytes = EMPTY;
  length = 0;
  readonly #budget: SpoolMemory;

  constructor(budget: SpoolMemory) {
    this.#budget = budget;
  }

  /** Grows by doubling to hold `more` bytes; false if the budget is exhausted. */
  grow(more: number): boolean {
    const capacity = this.#bytes.byteLength;
    if (this.length + more <= capacity) return true;
    const size = Math.max(FIRST, 2 ** Math.ceil(Math.log2(this.length + more)));
    const grown = this.#budget.larger(this.#bytes, size);
    if (grown === undefined) return false;
    new Uint8Array(grown).set(this.bytes());
    this.bytes().fill(0);
    this.#budget.reuse(this.#bytes);
    this.#bytes = grown;
    return true;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes, 0, this.length);
  }

  storage(): Storage {
    return { kind: 'memory', bytes: this.#bytes, length: this.length };
  }

  write(chunk: Uint8Array): void {
    new Uint8Array(this.#bytes).set(chunk, this.length);
    this.length += chunk.length;
  }

  close(): void {
    this.bytes().fill(0);
    this.#budget.give(this.#bytes.byteLength);
    this.#budget.reuse(this.#bytes);
    this.#bytes = EMPTY;
    this.length = 0;
  }
}

/** O_TMPFILE of open(2) without O_DIRECTORY, on every Linux that Node supports (asm-generic/fcntl.h). */
const TMPFILE = 0o20000000;

/**
 * Opens a file of mode 0600 without a name: created without one (Linux, O_TMPFILE), or unlinked before the
 * first write. On Windows an open file cannot be unlinked: `leftover` is the file to remove after closing.
 */
function openUnnamed(folder: string): { fd: number; leftover?: string } {
  const { O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY } = fs.constants;
  if (process.platform === 'linux') {
    try {
      return { fd: fs.openSync(folder, O_RDWR | O_EXCL | TMPFILE | O_DIRECTORY, 0o600) };
    } catch {
      // Not every file system supports it. The fallback works on all, and its error describes the folder.
    }
  }
  const name = path.join(folder, `.dumpsieve-${randomBytes(12).toString('hex')}`);
  const fd = fs.openSync(name, O_RDWR | O_CREAT | O_EXCL, 0o600);
  try {
    fs.unlinkSync(name);
    return { fd };
  } catch {
    return { fd, leftover: name };
  }
}

/** Errors of a full disk, a quota or a limit on file size (errno(3)). */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function spoolError(folder: string, error: unknown): DumpsieveError {
  const code = systemCode(error);
  const shown = escapeText(folder);
  const notice = FULL.has(code ?? '')
    ? {
        code: 'spool-full',
        message: `no space is left for the spool in ${shown}`,
        hint: 'free some space there, or name a folder with more of it: --spool-dir',
      }
    : {
        code: 'spool-failed',
        message: `the spool cannot be written in ${shown}${code === undefined ? '' : ` (${code})`}`,
        hint: 'name a folder that this user can write to: --spool-dir',
      };
  return new DumpsieveError(notice, 2, error);
}

const writeSome = (fd: number, bytes: Uint8Array, at: number): Promise<number> =>
  promised((done) => fs.write(fd, bytes, 0, bytes.length, at, done));

/** A sealed file, posted to the thread that writes it. */
export interface SealedTarget {
  fd: number;
  key: Uint8Array;
  /** For messages. */
  folder: string;
}

/**
 * Encrypts with AES-256-CTR (NIST SP 800-38A, section 6.5), counter 0 at offset 0; each file has its own key.
 */
export class SealedWriter implements Sink {
  length = 0;
  readonly #target: SealedTarget;
  readonly #cipher: Cipher;

  constructor(target: SealedTarget) {
    this.#target = target;
    this.#cipher = createCipheriv('aes-256-ctr', target.key, counterBlock(0));
  }

  /** Throws `spool-full` or `spool-failed`; bytes written before stay readable. */
  async write(chunk: Uint8Array): Promise<void> {
    const { fd, folder } = this.#target;
    try {
      let sealed: Uint8Array = this.#cipher.update(chunk);
      while (sealed.length > 0) {
        const written = await writeSome(fd, sealed, this.length);
        this.length += written;
        sealed = sealed.subarray(written);
      }
    } catch (error) {
      throw spoolError(folder, error);
    }
  }
}

/** A new encrypted file with a new key. */
export class SealedFile implements SpoolStore {
  readonly target: SealedTarget;
  readonly #leftover: string | undefined;
  readonly #writer: SealedWriter;

  constructor(folder: string = os.tmpdir()) {
    try {
      const { fd, leftover } = openUnnamed(folder);
      this.target = { fd, key: randomBytes(32), folder };
      this.#leftover = leftover;
    } catch (error) {
      throw spoolError(folder, error);
    }
    this.#writer = new SealedWriter(this.target);
  }

  get length(): number {
    return this.#writer.length;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#writer.write(chunk);
  }

  /** `length`: bytes written by another thread. */
  storage(length = this.length): Storage {
    const { fd, key } = this.target;
    return { kind: 'sealed', fd, key, length };
  }

  close(): void {
    this.target.key.fill(0);
    fs.closeSync(this.target.fd);
    if (this.#leftover !== undefined) fs.rmSync(this.#leftover, { force: true });
  }
}

/** A stream stored for random access: in memory within the budget, then in an encrypted file. */
export class Spool {
  readonly #folder: string | undefined;
  readonly #memory: MemoryStore;
  #store: SpoolStore;
  #closed = false;

  constructor(budget: SpoolMemory, folder?: string) {
    this.#folder = folder;
    this.#memory = new MemoryStore(budget);
    this.#store = this.#memory;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#store.length;
  }

  /** Throws `spool-full` or `spool-failed`; bytes written before stay readable. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#store === this.#memory && !this.#memory.grow(chunk.length)) await this.#seal();
    await this.#store.write(chunk);
  }

  async #seal(): Promise<void> {
    const sealed = new SealedFile(this.#folder);
    try {
      const bytes = this.#memory.bytes();
      for (let at = 0; at < bytes.length; at += MIB) await sealed.write(bytes.subarray(at, at + MIB));
    } catch (error) {
      sealed.close();
      throw error;
    }
    this.#memory.close();
    this.#store = sealed;
  }

  storage(): Storage {
    return this.#store.storage();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#store.close();
  }
}

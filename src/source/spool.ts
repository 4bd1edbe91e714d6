import type { Cipher } from 'node:crypto';
import { createCipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { counterBlock, type Storage } from '../base/bytes/storage.js';
import { DumpsieveError, systemCode } from '../base/runtime/errors.js';
import { escapeText } from '../base/text/escape.js';
import type { Sink } from './decode-to-sink.js';

const MIB = 1024 * 1024;
const FIRST = 64 * 1024;

/** Bytes of memory that all spools of a run share; what finds none left goes to disk. */
export class MemoryBudget {
  #left: number;

  constructor(bytes = 64 * MIB) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** Where a spool keeps its bytes. */
interface SpoolStore extends Sink {
  storage(): Storage;
  /** Wipes what it holds. */
  close(): void;
}

class MemoryStore implements SpoolStore {
  #bytes = new SharedArrayBuffer(0);
  length = 0;
  readonly #budget: MemoryBudget;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Makes room for `more` bytes by doubling; false where the budget has none. */
  grow(more: number): boolean {
    const held = this.#bytes.byteLength;
    if (this.length + more <= held) return true;
    const size = Math.max(FIRST, 2 ** Math.ceil(Math.log2(this.length + more)));
    if (!this.#budget.take(size - held)) return false;
    const grown = new SharedArrayBuffer(size);
    new Uint8Array(grown).set(this.bytes());
    this.bytes().fill(0);
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
    this.#bytes = new SharedArrayBuffer(0);
    this.length = 0;
  }
}

/** open(2) O_TMPFILE without O_DIRECTORY, as on every Linux that Node runs on (asm-generic/fcntl.h). */
const TMPFILE = 0o20000000;

/**
 * A file of mode 0600 that has no name: at best it never had one (Linux, O_TMPFILE), else its name is removed before a
 * byte is written. Where an open file keeps its name (Windows), `leftover` says what to remove after closing.
 */
function openUnnamed(folder: string): { fd: number; leftover?: string } {
  const { O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY } = fs.constants;
  if (process.platform === 'linux') {
    try {
      return { fd: fs.openSync(folder, O_RDWR | O_EXCL | TMPFILE | O_DIRECTORY, 0o600) };
    } catch {
      // Not every file system has it: the way below works on all and says what is wrong with the folder.
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

/** Errors that a full disk, a quota or a limit on a file's size gives (errno(3)). */
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

function writeSome(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(fd, bytes, 0, bytes.length, at, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

/** A sealed file as it is posted to the thread that writes it. */
export interface SealedTarget {
  fd: number;
  key: Uint8Array;
  /** Where it lies: for messages. */
  folder: string;
}

/** AES-256-CTR (NIST SP 800-38A, section 6.5), counter 0 at offset 0; the key is used for this one file. */
export class SealedWriter implements Sink {
  length = 0;
  readonly #file: SealedTarget;
  readonly #cipher: Cipher;

  constructor(file: SealedTarget) {
    this.#file = file;
    this.#cipher = createCipheriv('aes-256-ctr', file.key, counterBlock(0));
  }

  /** Throws `spool-full` or `spool-failed`; what was kept before it stays readable. */
  async write(chunk: Uint8Array): Promise<void> {
    const { fd, folder } = this.#file;
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

/** A new file for sealed bytes, with a new key. */
export class SealedFile implements SpoolStore {
  readonly file: SealedTarget;
  readonly #leftover: string | undefined;
  readonly #sealed: SealedWriter;

  constructor(folder: string = os.tmpdir()) {
    try {
      const { fd, leftover } = openUnnamed(folder);
      this.file = { fd, key: randomBytes(32), folder };
      this.#leftover = leftover;
    } catch (error) {
      throw spoolError(folder, error);
    }
    this.#sealed = new SealedWriter(this.file);
  }

  get length(): number {
    return this.#sealed.length;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#sealed.write(chunk);
  }

  /** `length`: where another thread wrote it. */
  storage(length = this.length): Storage {
    const { fd, key } = this.file;
    return { kind: 'sealed', fd, key, length };
  }

  close(): void {
    this.file.key.fill(0);
    fs.closeSync(this.file.fd);
    if (this.#leftover !== undefined) fs.rmSync(this.#leftover, { force: true });
  }
}

/** Bytes that come once, kept for reading at any offset: in memory while the budget lasts, then sealed on disk. */
export class Spool {
  readonly #folder: string;
  readonly #memory: MemoryStore;
  #keep: SpoolStore;
  #closed = false;

  constructor(budget: MemoryBudget, folder: string = os.tmpdir()) {
    this.#folder = folder;
    this.#memory = new MemoryStore(budget);
    this.#keep = this.#memory;
  }

  /** Bytes kept so far. */
  get length(): number {
    return this.#keep.length;
  }

  /** Throws `spool-full` or `spool-failed`; what was kept before it stays readable. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#keep === this.#memory && !this.#memory.grow(chunk.length)) await this.#seal();
    await this.#keep.write(chunk);
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
    this.#keep = sealed;
  }

  storage(): Storage {
    return this.#keep.storage();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#keep.close();
  }
}

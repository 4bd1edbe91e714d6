import { type Cipher, createCipheriv, createHash, type Hash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counterBlock } from '../../../src/core/base/bytes/storage.js';
import { systemCode } from '../../../src/core/base/runtime/errors.js';
import { escapeText } from '../../../src/core/base/text/escape.js';
import { failure } from '../host.js';
import { type Reservation, SpoolSpace } from './spool-space.js';

export interface SpoolOptions {
  /** Folder of the files. Default: that of the system. */
  folder?: string;
  /** Bytes of all dumps in the spool at most. */
  most: number;
}

/** Disk for dumps from elsewhere, in one encrypted file without a name for each child. */
export class Spool {
  readonly #folder: string;
  readonly #space: SpoolSpace;
  readonly #slots: SpoolSlot[] = [];

  constructor({ folder = tmpdir(), most }: SpoolOptions) {
    this.#folder = folder;
    this.#space = new SpoolSpace(most);
  }

  /** Bytes that are reserved now. */
  get used(): number {
    return this.#space.used;
  }

  /** A file for one more child. Throws `spool-failed` (exit 2). */
  slot(): SpoolSlot {
    const slot = new SpoolSlot(this.#folder, this.#space);
    this.#slots.push(slot);
    return slot;
  }

  /** Closes all files. */
  close(): void {
    for (const slot of this.#slots) slot.close();
  }
}

/** The spool of one child, for one dump at a time. */
export class SpoolSlot {
  readonly #folder: string;
  readonly #space: SpoolSpace;
  readonly #file: UnnamedFile;

  constructor(folder: string, space: SpoolSpace) {
    this.#folder = folder;
    this.#space = space;
    try {
      this.#file = openUnnamed(folder);
    } catch (error) {
      throw spoolError(folder, error);
    }
  }

  /** For `ScanChild.within(options, limits, { spool: slot.fd })`: the child can only read it. */
  get fd(): number {
    return this.#file.readFd;
  }

  /** Resolves when there is space. Throws `dump-exceeds-spool`, or the reason of an aborted signal. */
  reserve(bytes: number, signal?: AbortSignal): Promise<Reservation> {
    return this.#space.reserve(bytes, signal);
  }

  /** Begins a dump under a new key: what was there before is gone. */
  write(): SealedDump {
    this.empty();
    return new SealedDump(this.#file.fd, this.#folder);
  }

  /** Frees the disk. */
  empty(): void {
    fs.ftruncateSync(this.#file.fd, 0);
  }

  close(): void {
    fs.closeSync(this.#file.fd);
    fs.closeSync(this.#file.readFd);
  }
}

/** Bytes that are encrypted and written at once. */
const CHUNK = 1 << 20;

/** Takes the bytes of a dump: hashes them, and writes them encrypted by AES-256-CTR from counter 0 on. */
export class SealedDump {
  readonly key = randomBytes(32);
  readonly #fd: number;
  readonly #folder: string;
  readonly #hash: Hash = createHash('sha256');
  readonly #cipher: Cipher;
  /** Plain bytes that are not written yet. */
  readonly #gathered = Buffer.allocUnsafeSlow(CHUNK);
  #filled = 0;
  #written = 0;

  constructor(fd: number, folder: string) {
    this.#fd = fd;
    this.#folder = folder;
    this.#cipher = createCipheriv('aes-256-ctr', this.key, counterBlock(0));
  }

  /** Bytes so far. */
  get length(): number {
    return this.#written + this.#filled;
  }

  /** Throws `spool-full` or `spool-failed` (exit 2). */
  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const part = rest.subarray(0, CHUNK - this.#filled);
      this.#gathered.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled === CHUNK) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const plain = this.#gathered.subarray(0, this.#filled);
    this.#hash.update(plain);
    let sealed: Uint8Array = this.#cipher.update(plain);
    this.#filled = 0;
    try {
      while (sealed.length > 0) {
        const count = await writeSome(this.#fd, sealed, this.#written);
        this.#written += count;
        sealed = sealed.subarray(count);
      }
    } catch (error) {
      throw spoolError(this.#folder, error);
    }
  }

  /** Writes what is left. Returns the hexadecimal SHA-256 of all bytes. */
  async end(): Promise<string> {
    await this.#flush();
    return this.#hash.digest('hex');
  }

  /** Overwrites plain bytes in memory, and the key unless it is to be used. */
  wipe(withKey: boolean): void {
    this.#gathered.fill(0);
    if (withKey) this.key.fill(0);
  }
}

const writeSome = (fd: number, bytes: Uint8Array, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.write(fd, bytes, 0, bytes.length, at, (error, count) => (error ? reject(error) : resolve(count)));
  });

/** A file without a name; `readFd` is for reading alone. */
interface UnnamedFile {
  fd: number;
  readFd: number;
}

/** Without a name from its first byte on: nothing remains of it if this process is killed. */
function openUnnamed(folder: string): UnnamedFile {
  const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL } = fs.constants;
  const name = join(folder, `.dumpsieve-${randomBytes(12).toString('hex')}`);
  const fd = fs.openSync(name, O_RDWR | O_CREAT | O_EXCL, 0o600);
  try {
    return { fd, readFd: fs.openSync(name, O_RDONLY) };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  } finally {
    fs.unlinkSync(name);
  }
}

/** Errors of a full disk, a quota or a limit on file size (errno(3)). */
const FULL: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function spoolError(folder: string, error: unknown): Error {
  const code = systemCode(error);
  const shown = escapeText(folder);
  const notice = FULL.includes(code)
    ? {
        code: 'spool-full',
        message: `no space is left for the spool in ${shown}`,
        hint: 'free some space there, name another folder (--spool-dir), or take less of it (--spool-max)',
      }
    : {
        code: 'spool-failed',
        message: `the spool cannot be written in ${shown}${code === undefined ? '' : ` (${code})`}`,
        hint: 'name a folder that this user can write to: --spool-dir',
      };
  return failure(notice, 2, error);
}

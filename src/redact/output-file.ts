import fs, { type BigIntStats } from 'node:fs';
import path from 'node:path';
import { definedFields } from '../core/base/runtime/defined.js';
import { type FileId, isOwnFile, isSameFile, temporaryIn } from '../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import type { KeptFiles } from '../core/base/runtime/kept-files.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import { escapeText } from '../core/base/text/escape.js';
import { close, fstat, openDirect } from '../source/file-system.js';
import type { CopyOutput, Written } from './copy.js';
import { ReplacedFile } from './replaced-file.js';

/** Owner alone may read and write. */
const MODE = 0o600;

const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = fs.constants;

function misuse(code: string, message: string, hint: string, cause?: unknown): DumpsieveError {
  return new DumpsieveError({ code, message, hint }, 3, cause);
}

/**
 * The copy: under a temporary name in its folder until it is proven. Without {@link publish} nothing is left
 * of it, even if the process exits in between.
 */
export class OutputFile implements CopyOutput {
  readonly fd: number;
  readonly #path: string;
  readonly #temporary: string;
  readonly #id: FileId;
  readonly #kept: KeptFiles;
  readonly #force: boolean;
  readonly #remove = (): void => fs.rmSync(this.#temporary, { force: true });
  /** Removal where nothing can be done if it fails. */
  readonly #tryToRemove = (): void => tryTo(this.#remove);
  /** What had the name of the copy. */
  #replaced: ReplacedFile | undefined;
  #open = true;

  private constructor(output: string, kept: KeptFiles, force: boolean) {
    this.#path = output;
    this.#kept = kept;
    this.#force = force;
    const folder = path.dirname(output);
    this.#temporary = temporaryIn(folder);
    try {
      this.fd = fs.openSync(this.#temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
    } catch (error) {
      throw notWritten(folder, error);
    }
    process.once('exit', this.#tryToRemove);
    try {
      this.#id = fs.fstatSync(this.fd, { bigint: true });
    } catch (error) {
      this.discard();
      throw notWritten(folder, error);
    }
  }

  /** Throws (exit 3) where {@link create} would, by what can be seen before there is anything to write. */
  static check(output: string, kept: KeptFiles, force: boolean): void {
    refuseTarget(output, kept, force);
    const folder = path.dirname(output);
    try {
      fs.accessSync(folder, fs.constants.W_OK);
    } catch (error) {
      throw notWritten(folder, error);
    }
  }

  /** With `force`, removes the file of that name and returns it. Throws (exit 3) as {@link check}. */
  static remove(output: string, kept: KeptFiles, force: boolean): ReplacedFile | undefined {
    OutputFile.check(output, kept, force);
    if (!force) return undefined;
    let replaced: ReplacedFile | undefined;
    try {
      replaced = ReplacedFile.of(output);
      fs.rmSync(output, { force: true });
      return replaced;
    } catch (error) {
      replaced?.forget();
      throw notWritten(path.dirname(output), error);
    }
  }

  /** Creates the temporary file. Throws (exit 3) where the output may not be written. */
  static create(output: string, kept: KeptFiles, force: boolean): OutputFile {
    refuseTarget(output, kept, force);
    return new OutputFile(output, kept, force);
  }

  /** Writes all bytes at an offset. */
  write(bytes: Uint8Array, offset: number): void {
    this.#orFailed(() => {
      for (let done = 0; done < bytes.length; )
        done += fs.writeSync(this.fd, bytes, done, bytes.length - done, offset + done);
    });
  }

  /** Sets the length; what was not written is a hole. */
  setLength(length: number): void {
    this.#orFailed(() => fs.ftruncateSync(this.fd, length));
  }

  sync(): void {
    this.#orFailed(() => fs.fsyncSync(this.fd));
  }

  /** A new descriptor of what the temporary name leads to, for reading. The caller closes it. */
  reopen(): number {
    return this.#orFailed(() => {
      const fd = fs.openSync(this.#temporary, O_RDONLY | O_NOFOLLOW);
      try {
        if (isSameFile(fs.fstatSync(fd, { bigint: true }), this.#id)) return fd;
        throw replaced();
      } catch (error) {
        fs.closeSync(fd);
        throw error;
      }
    });
  }

  async readBack(): Promise<Written> {
    const fd = this.reopen();
    try {
      const stats = await fstat(fd);
      const direct = await openDirect(fd, stats);
      return {
        storage: { kind: 'file', fd, length: Number(stats.size), ...definedFields({ direct }) },
        close() {
          for (const each of [fd, direct]) if (each !== undefined) tryTo(() => close(each));
        },
      };
    } catch (error) {
      tryTo(() => close(fd));
      throw notWritten(path.dirname(this.#path), error);
    }
  }

  /** All that the temporary name leads to. */
  content(): Uint8Array {
    const fd = this.reopen();
    return this.#orFailed(() => {
      try {
        return fs.readFileSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /**
   * Gives the copy its name, or throws without one. Without `force` no other file is ever replaced; with it,
   * the file that is can be had back until {@link discard}.
   */
  publish(): void {
    this.#orFailed(() => {
      this.#close();
      if (!isSameFile(fs.lstatSync(this.#temporary, { bigint: true }), this.#id)) throw replaced();
      refuseTarget(this.#path, this.#kept, this.#force);
      if (this.#force) this.#replaced = ReplacedFile.of(this.#path);
      try {
        const isLinked = !this.#force && this.#link();
        if (!isLinked) fs.renameSync(this.#temporary, this.#path);
        if (!isSameFile(fs.lstatSync(this.#path, { bigint: true }), this.#id)) throw replaced();
        if (isLinked) this.#remove();
      } catch (error) {
        this.unpublish();
        // Whatever the rename has put there.
        this.#replaced?.restore();
        throw error;
      }
    });
    this.#removeTemporary();
    syncFolder(path.dirname(this.#path));
  }

  /** True if the published name leads to this file. */
  get isThere(): boolean {
    const there = statOf(this.#path);
    return there !== undefined && isSameFile(there, this.#id);
  }

  /**
   * Takes the name away again, if possible, unless another file has it by now. The file that had it before
   * gets it back.
   */
  unpublish(): void {
    tryTo(() => {
      if (!this.isThere) return;
      if (this.#replaced) this.#replaced.restore();
      else fs.rmSync(this.#path, { force: true });
    });
  }

  /** A second name, which fails if there is such a file by now. False where there are no links. */
  #link(): boolean {
    try {
      fs.linkSync(this.#temporary, this.#path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw exists(this.#path);
      return false;
    }
  }

  /** Closes the file and removes its temporary name, if there is one, and what it has replaced. */
  discard(): void {
    this.#removeTemporary();
    this.#replaced?.forget();
  }

  #removeTemporary(): void {
    tryTo(() => this.#close());
    this.#tryToRemove();
    process.off('exit', this.#tryToRemove);
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.fd);
  }

  #orFailed<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (error instanceof DumpsieveError) throw error;
      throw notWritten(path.dirname(this.#path), error);
    }
  }
}

/** What the output must not be, by what its name leads to. */
function refuseTarget(output: string, kept: KeptFiles, force: boolean): void {
  const there = statOf(output);
  if (there === undefined) return;
  const shown = escapeText(output);
  if (there.isSymbolicLink())
    throw misuse(
      'output-is-link',
      `${shown} is a symbolic link`,
      'name the file that it leads to, or another',
    );
  if (there.isDirectory()) throw misuse('output-is-folder', `${shown} is a folder`, 'name a file in it');
  if (!there.isFile()) throw misuse('output-no-file', `${shown} is not a regular file`, 'name another file');
  const use = kept.useOf(there);
  if (use !== undefined)
    throw misuse(use.code, `${shown} is ${use.what}`, 'what is read is never changed: name another file');
  if (isOwnFile(there))
    throw misuse('output-is-output', `standard output or error goes to ${shown}`, 'name another file');
  if (!force) throw exists(output);
}

function exists(output: string): DumpsieveError {
  return misuse(
    'output-exists',
    `${escapeText(output)} is there already`,
    'name another file, or say --force',
  );
}

function statOf(output: string): BigIntStats | undefined {
  try {
    return fs.lstatSync(output, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw notWritten(path.dirname(output), error);
  }
}

function notWritten(folder: string, error: unknown): DumpsieveError {
  const message = `the copy cannot be written in ${escapeText(folder)} (${reasonOf(error)})`;
  const hint = 'make room there, or name a file in another folder; nothing is left of the copy';
  return misuse('output-not-written', message, hint, error);
}

function replaced(): DumpsieveError {
  const message = 'another program replaced the temporary file of the copy';
  return misuse('output-replaced', message, 'name a file in a folder that no other user may write into');
}

/** So that the name survives a power failure. Not every system can do that. */
function syncFolder(folder: string): void {
  try {
    const fd = fs.openSync(folder, O_RDONLY);
    fs.fsyncSync(fd);
    fs.closeSync(fd);
  } catch {
    // The content is on the disk in any case.
  }
}

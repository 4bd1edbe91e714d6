import fs, { type BigIntStats } from 'node:fs';
import path from 'node:path';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { foldersAbove, keyOfFile } from '../../core/base/runtime/folders-above.js';
import { escapeText } from '../../core/base/text/escape.js';
import { names, type WalkName } from '../../source/names.js';

/** Owner alone may enter. */
const MODE = 0o700;

const misuse = (code: string, message: string, hint: string, cause?: unknown): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, 3, cause);

/** The folder of the copies, which has the same folders as that of the dumps. */
export class TargetFolder {
  readonly #path: string;
  /** Files that this run has written. */
  readonly #written = new Set<string>();

  private constructor(folder: string) {
    this.#path = folder;
  }

  /** Creates the folder unless it is there. Throws (exit 3) if one of the two lies in the other. */
  static open(folder: string, input: WalkName): TargetFolder {
    const there = statOf(folder);
    if (there !== undefined && !there.isDirectory())
      throw misuse('output-no-folder', `${escapeText(folder)} is no folder`, 'name a folder for the copies');
    const from = names.toSystem(input);
    const own = keyOfFile(fs.statSync(from, { bigint: true }));
    const nearest = there === undefined ? path.dirname(folder) : folder;
    if (foldersAbove(nearest).has(own) || (there !== undefined && foldersAbove(from).has(keyOfFile(there))))
      throw misuse(
        'output-in-input',
        'the folder of the copies lies in that of the dumps, or the other way round',
        'name a folder beside it',
      );
    if (there === undefined) makeFolder(folder);
    return new TargetFolder(folder);
  }

  /** Where the copy of a file goes; folders above it are created. Throws (exit 3) where it may not. */
  place(below: string): string {
    const parts = below.split('/');
    let at = this.#path;
    for (const part of parts.slice(0, -1)) {
      at = path.join(at, part);
      const there = linkOf(at);
      if (there === undefined) makeFolder(at);
      else if (!there.isDirectory())
        throw misuse('output-no-folder', `${escapeText(at)} is no folder`, 'name another folder');
    }
    return path.join(at, parts.at(-1)!);
  }

  /** Throws (exit 3) if one of these files is of a copy of this run: not even force replaces it. */
  requireUnwritten(files: readonly string[]): void {
    for (const file of files) {
      const there = linkOf(file);
      if (there === undefined || !this.#written.has(keyOfFile(there))) continue;
      const message = `${escapeText(file)} is of another copy of this run`;
      throw misuse('output-exists', message, 'rename the dump, or copy it on its own');
    }
  }

  /** Remembers the files of a copy. */
  wrote(files: readonly string[]): void {
    for (const file of files) {
      const there = linkOf(file);
      if (there !== undefined) this.#written.add(keyOfFile(there));
    }
  }
}

function statOf(folder: string): BigIntStats | undefined {
  return attempt(folder, () => fs.statSync(folder, { bigint: true, throwIfNoEntry: false }));
}

function linkOf(name: string): BigIntStats | undefined {
  return attempt(name, () => fs.lstatSync(name, { bigint: true, throwIfNoEntry: false }));
}

function makeFolder(folder: string): void {
  attempt(folder, () => fs.mkdirSync(folder, { mode: MODE }));
}

function attempt<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const message = `${escapeText(name)} cannot be used for copies (${reasonOf(error)})`;
    throw misuse('output-not-written', message, 'name a folder that this user can write to', error);
  }
}

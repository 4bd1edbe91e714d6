import fs from 'node:fs';
import path from 'node:path';
import { temporaryIn } from '../core/base/runtime/draft-file.js';
import { systemCode } from '../core/base/runtime/errors.js';
import { tryTo } from '../core/base/runtime/try-to.js';

/** A file whose name a copy takes: it keeps a second name until nothing can fail any more. */
export class ReplacedFile {
  readonly #path: string;
  readonly #second: string;
  readonly #forget = (): void => tryTo(() => fs.rmSync(this.#second, { force: true }));

  private constructor(name: string) {
    this.#path = name;
    this.#second = temporaryIn(path.dirname(name));
    process.once('exit', this.#forget);
  }

  /**
   * The file with a name, if there is one. Undefined too where a file cannot have two names: there it cannot
   * be had back. System errors are thrown.
   */
  static of(name: string): ReplacedFile | undefined {
    const file = new ReplacedFile(name);
    try {
      fs.linkSync(name, file.#second);
      return file;
    } catch (error) {
      file.forget();
      if (WITHOUT.has(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** Gives the file its name back. */
  restore(): void {
    tryTo(() => fs.renameSync(this.#second, this.#path));
    this.forget();
  }

  /** Removes the second name; where that fails, once more when the process ends. */
  forget(): void {
    try {
      fs.rmSync(this.#second, { force: true });
    } catch {
      if (left.size === 0) process.once('exit', removeLeft);
      left.add(this.#second);
    }
    process.off('exit', this.#forget);
  }
}

/** Second names that could not be removed. */
const left = new Set<string>();

function removeLeft(): void {
  for (const name of left) tryTo(() => fs.rmSync(name, { force: true }));
}

/** No such file; no links on this file system, or none to this file. */
const WITHOUT: ReadonlySet<string> = new Set([
  'ENOENT',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

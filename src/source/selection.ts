import type { Warning } from '../core/base/runtime/warnings.js';
import { decodeText } from '../core/base/text/escape.js';
import { compileGlob, type NameTest } from './glob.js';
import type { NoticeEvent } from './types.js';
import { warnings } from './warnings.js';

/** Bytes of a name; a longer one matches no glob. No file system has longer paths. */
const LONGEST_NAME = 4096;

/** How much of a file is selected. */
export interface Selected {
  /** Its own bytes; otherwise only what is in it, if it is an archive. */
  itself: boolean;
  /** All that is in it; otherwise what is included by a name of its own. */
  inside: boolean;
  /** Where it is counted if it is left out. */
  leftOut: LeftOut;
}

/**
 * What `--include` and `--exclude` say of files and members. Of what is included by its name all members are,
 * too, unless they are excluded. An archive that is neither is opened for its members' sake.
 */
export class FileSelection {
  readonly #include: readonly NameTest[];
  readonly #exclude: readonly NameTest[];

  private constructor(include: readonly string[], exclude: readonly string[]) {
    this.#include = include.map(compileGlob);
    this.#exclude = exclude.map(compileGlob);
  }

  /** Undefined if everything is selected. Throws (exit 3) for a glob that cannot be read. */
  static of(include: readonly string[] = [], exclude: readonly string[] = []): FileSelection | undefined {
    return include.length + exclude.length === 0 ? undefined : new FileSelection(include, exclude);
  }

  /** What the caller named itself: globs are about what is in it. */
  named(): Selected {
    return { itself: true, inside: this.#include.length === 0, leftOut: new LeftOut() };
  }

  /**
   * Of a file by its path below the folder or in the archive; undefined if it is excluded. `all`: that of the
   * archive is included with all that is in it.
   */
  choose(path: Uint8Array | string, leftOut: LeftOut, all = false): Selected | undefined {
    const text = globText(path);
    if (text !== undefined && this.#exclude.some((matches) => matches(text))) return undefined;
    const included =
      all || this.#include.length === 0 || (text !== undefined && this.#include.some((each) => each(text)));
    return { itself: included, inside: included, leftOut };
  }
}

/** A path as globs match it, undefined if it is too long. One that is not UTF-8 is matched byte by byte. */
export function globText(path: Uint8Array | string): string | undefined {
  if (path.length > LONGEST_NAME) return undefined;
  const text = typeof path === 'string' ? path : (decodeText(path) ?? Buffer.from(path).toString('latin1'));
  return text
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Counts files of a walk or an archive that one notice is about. */
abstract class CountedFiles {
  #count = 0;
  #first = '';

  /** `shown`: a path as shown; a function is called for the first one only. */
  add(shown: string | (() => string)): undefined {
    if (this.#count++ === 0) this.#first = typeof shown === 'string' ? shown : shown();
    return undefined;
  }

  /** One notice for all; `path`: of the folder or archive, as shown. */
  *notice(path: string): Generator<NoticeEvent> {
    if (this.#count === 0) return;
    const files = this.#count === 1 ? '1 file' : `${this.#count.toLocaleString('en-US')} files`;
    const names = this.#count > 1 ? `${this.#first} and others` : this.#first;
    yield { type: 'notice', notice: { ...this.warning(path, files, names), path } };
  }

  /** `files`: `1 file`, `20 files`. */
  protected abstract warning(path: string, files: string, names: string): Warning;
}

/** Files that the options leave out. */
export class LeftOut extends CountedFiles {
  protected warning(path: string, files: string, names: string): Warning {
    const were = files === '1 file' ? 'was' : 'were';
    const message = `${path}: ${files} ${were} left out by --include and --exclude: ${names}`;
    const hint = 'scan without these options to search all of it';
    return warnings.of('files-left-out', { message, hint });
  }
}

/** Files without a byte. */
export class EmptyFiles extends CountedFiles {
  protected warning(path: string, files: string, names: string): Warning {
    const message = `${path}: ${files} without content: ${names}`;
    const hint = 'a dump among them was not written: take it again';
    return warnings.of('files-empty', { message, hint });
  }
}

/** What is counted of a folder or a pattern. */
export class WalkCounts {
  readonly leftOut = new LeftOut();
  readonly empty = new EmptyFiles();

  *notices(path: string): Generator<NoticeEvent> {
    yield* this.leftOut.notice(path);
    yield* this.empty.notice(path);
  }
}

import type { Warning } from '../core/base/runtime/warnings.js';
import type { NoticeEvent } from './types.js';
import { warnings } from './warnings.js';

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

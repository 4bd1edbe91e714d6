import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { DraftFile, isDescriptor, nameBehindLinks } from '../core/base/runtime/draft-file.js';
import { systemCode } from '../core/base/runtime/errors.js';
import { writesTo } from '../core/base/runtime/own-files.js';

/** A file of --output. Errors are the system's. */
export interface ReportFile {
  write(text: string): void;
  /** The report is complete. */
  publish(): void;
  /** Closes it; without {@link publish} a regular file is what it was before. */
  discard(): void;
}

/** Refusals of a folder where the file itself may be writable. */
const CLOSED_FOLDER: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Opens a file for a report: under a temporary name, unless it is no regular file (a pipe, a terminal) or an
 * open file of the caller (/dev/stdout), which is appended to.
 */
export function openReport(file: string): ReportFile {
  const name = nameBehindLinks(file);
  if (isDescriptor(name)) return new DirectFile(name, 'a');
  const there = statSync(name, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) return new DirectFile(name, 'w');
  try {
    return new DraftFile(name);
  } catch (error) {
    if (there === undefined || !CLOSED_FOLDER.has(systemCode(error) ?? '')) throw error;
    return new DirectFile(name, 'w');
  }
}

/** Written in place: nothing can be renamed to it. */
class DirectFile implements ReportFile {
  readonly #fd: number;
  readonly #forget: () => void;
  #open = true;

  constructor(name: string, flags: 'a' | 'w') {
    this.#fd = openSync(name, flags);
    this.#forget = writesTo(this.#fd);
  }

  write(text: string): void {
    writeFileSync(this.#fd, text);
  }

  publish(): void {
    this.discard();
  }

  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#forget();
    closeSync(this.#fd);
  }
}

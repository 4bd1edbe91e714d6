import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileId } from './draft-file.js';
import { keyOfFile } from './folders-above.js';
import { orUndefined } from './or-undefined.js';

/** What a file is read as. */
interface Use {
  /** For messages: "the file of --find". */
  what: string;
  /** Code of an error about an output. */
  code: string;
}

/** Files that a command reads, by device and inode: no output may replace them, under whatever name. */
export class KeptFiles {
  readonly #uses = new Map<string, Use>();

  /** The first use of a file counts. */
  add(file: FileId | undefined, what: string, code = 'output-is-read'): void {
    if (file !== undefined && !this.#uses.has(keyOfFile(file)))
      this.#uses.set(keyOfFile(file), { what, code });
  }

  /**
   * Adds what a name leads to; of a folder, all files below it. What cannot be looked at is reported by its
   * reader.
   */
  addName(name: string, what: string): void {
    const stats = orUndefined(() => statSync(name, { bigint: true }));
    this.add(stats, what);
    if (stats?.isDirectory() !== true) return;
    for (const below of orUndefined(() => readdirSync(name, { recursive: true, encoding: 'utf8' })) ?? [])
      this.add(
        orUndefined(() => statSync(join(name, below), { bigint: true })),
        what,
      );
  }

  /** Undefined if the file is not read. */
  useOf(file: FileId): Use | undefined {
    return this.#uses.get(keyOfFile(file));
  }
}

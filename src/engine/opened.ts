import { openDump } from '../dump/formats.js';
import type { Dump, View } from '../dump/types.js';
import { createView } from '../dump/view.js';
import type { Region } from '../model.js';
import type { Artifact } from '../source/types.js';
import { openStorage, type Reader, type Storage } from '../storage.js';

/** An artifact with the dump that it holds. `extend` follows a file that has grown. */
export class Opened {
  readonly artifact: Artifact;
  /** Index of its artifact event. */
  readonly index: number;
  readonly dump: Dump;
  storage: Storage;
  reader: Reader;
  view: View;

  constructor(artifact: Artifact, index: number) {
    this.artifact = artifact;
    this.index = index;
    this.storage = artifact.storage;
    this.reader = openStorage(artifact.storage);
    this.dump = openDump(this.reader);
    this.view = createView(this.reader, this.dump);
  }

  get length(): number {
    return this.storage.length;
  }

  /** The file now has `length` bytes. */
  extend(length: number): void {
    this.storage = { ...this.storage, length };
    this.reader = openStorage(this.storage);
    this.view = createView(this.reader, this.dump);
  }

  /** What stands at an offset, in the shape of an occurrence. */
  place(offset: number): { address?: bigint; region: Region } {
    return this.dump.locate(offset);
  }
}

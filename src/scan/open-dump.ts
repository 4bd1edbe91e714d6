import { rangeReader } from '../core/base/bytes/direct-reads.js';
import { type ByteReader, lenient, openStorage, type Storage } from '../core/base/bytes/storage.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import type { Location } from '../core/model/occurrence.js';
import { openDump } from '../formats/formats.js';
import type { Dump, View } from '../formats/memory/types.js';
import { createView } from '../formats/memory/view.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import { JoinedMemory } from './joined-memory.js';

/** An artifact's bytes and the dump that they hold. */
export class OpenDump {
  readonly artifact: Artifact<Storage | PageCache>;
  /** Index of its artifact event. */
  readonly index: number;
  readonly dump: Dump;
  #storage: Storage | PageCache;
  reader: ByteReader;
  #view: View | undefined;
  #joined: JoinedMemory | undefined;
  /** The first byte that could be read once and not again, with the system's error. */
  failed: { offset: number; error: string } | undefined;
  /** Windows by address that were cut because they span too many segments. */
  cutWindows = 0;

  constructor(artifact: Artifact<Storage | PageCache>, index: number) {
    this.artifact = artifact;
    this.index = index;
    this.#storage = artifact.storage;
    this.reader = this.#openReader();
    this.dump = openDump(this.reader, artifact.container);
  }

  get view(): View {
    this.#view ??= this.#openView();
    return this.#view;
  }

  /** What the search for bare keys reads. */
  get joined(): JoinedMemory {
    this.#joined ??= new JoinedMemory(() => this.reader);
    return this.#joined;
  }

  #openReader(): ByteReader {
    const storage = this.#storage;
    return storage.kind === 'kept' ? storage.reader() : this.#lenient(openStorage(storage));
  }

  #lenient(reader: ByteReader): ByteReader {
    return lenient(reader, (offset, error) => {
      this.failed ??= { offset, error };
    });
  }

  /** A reader for one pass over all bytes, into aligned memory. */
  rangeReader(): ByteReader {
    const storage = this.#storage;
    return storage.kind === 'kept' ? this.reader : this.#lenient(rangeReader(storage));
  }

  #openView(): View {
    return createView(this.reader, this.dump, () => {
      this.cutWindows++;
    });
  }

  get length(): number {
    return this.#storage.length;
  }

  /** Bytes that it keeps in memory or in a spool while it is open. */
  get spooled(): number {
    const storage = this.#storage.kind === 'filled' ? this.#storage.stored : this.#storage;
    if (storage.kind === 'kept') return storage.spooled;
    return storage.kind === 'file' ? 0 : storage.length;
  }

  /** The descriptor of a file that may grow. */
  get live(): number | undefined {
    return this.artifact.live && this.#storage.kind === 'file' ? this.#storage.fd : undefined;
  }

  /** All stored bytes, for any thread; undefined if they were swept while they were decoded. */
  get stored(): Storage | undefined {
    return this.#storage.kind === 'kept' ? undefined : this.#storage;
  }

  /** All stored bytes, for any thread. Content that was swept while it was decoded is decoded again first. */
  async whole(signal?: AbortSignal): Promise<Storage> {
    return this.#storage.kind === 'kept' ? this.#storage.whole(signal) : this.#storage;
  }

  /** All stored bytes in a further decoding, for one sweep; undefined if they are stored. */
  again(): ReturnType<PageCache['again']> {
    return this.#storage.kind === 'kept' ? this.#storage.again() : undefined;
  }

  /** Why content could not be decoded again. */
  get trouble(): Warning | undefined {
    return this.#storage.kind === 'kept' ? this.#storage.failure : undefined;
  }

  /** Follows a file that has grown to `length` bytes. */
  extend(length: number): void {
    if (this.#storage.kind === 'kept') return;
    this.#storage = { ...this.#storage, length };
    this.reader = this.#openReader();
    this.#view = undefined;
  }

  locate(offset: number): Location {
    const located = { artifact: this.index, ...this.dump.locate(offset) };
    return this.#isUndumped(offset)
      ? { ...located, region: { ...located.region, kind: 'undumped' } }
      : located;
  }

  /** True for memory that no core of the process would have. */
  #isUndumped(offset: number): boolean {
    const { undumped = [] } = this.artifact;
    return undumped.some((extent) => offset >= extent.offset && offset < extent.offset + extent.length);
  }
}

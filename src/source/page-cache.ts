import { openStorage, PAGE, type Reader, type Storage } from '../base/bytes/storage.js';
import { orAborted } from '../base/runtime/promises.js';
import type { Warning } from '../base/runtime/warnings.js';
import { type Coded, DecodeThread, DecodingProgress } from './decode-thread.js';
import { failureWarning } from './failures.js';
import { MemoryBudget, SealedKeep, Spool } from './spool.js';
import { warnings } from './warnings.js';

/** Pages that go to the spool together. */
const GATHER = 128;

/** Reads what is at hand while content is decoded; undefined where that is not there any more. */
export type Live = (offset: number, target: Uint8Array) => number | undefined;

/** Little: the decoder's own memory comes on top of it. */
const MEMORY = 8 * 1024 * 1024;

const NOTHING: Storage = { kind: 'memory', bytes: new SharedArrayBuffer(0), length: 0 };

/**
 * Some pages of content that was decoded once, for reading them again: around what was found, in most dumps a small part. What reads
 * another page, or wants everything, has the container decoded again, as a whole, into a sealed file.
 */
export class PageCache {
  readonly kind = 'kept';
  readonly #coded: Coded;
  readonly #spool: Spool;
  readonly #folder: string | undefined;
  readonly #gathered = new Uint8Array(GATHER * PAGE);
  /** Place of each page in the spool, counted in pages from 1 on; 0 where it was not kept. */
  #places = new Uint32Array(1024);
  #count = 0;
  #full = false;
  #thread: DecodeThread | undefined;
  #whole: SealedKeep | undefined;
  #storage: Storage | undefined;
  #closed = false;
  #live: Live | undefined;
  #length: number | undefined;
  /** Why not every byte can be read again. */
  trouble: Warning | undefined;

  /** `memory`: bytes of pages that are kept there before they go to a file. */
  constructor(coded: Coded, folder?: string, memory = MEMORY) {
    this.#coded = coded;
    this.#spool = new Spool(new MemoryBudget(memory), folder);
    this.#folder = folder;
  }

  /** Bytes of content; as long as they still come there is no end. */
  get length(): number {
    return this.#length ?? Number.MAX_SAFE_INTEGER;
  }

  /** Reads what is at hand, until {@link finish}. */
  follow(live: Live): void {
    this.#live = live;
  }

  has(index: number): boolean {
    return (this.#places[index] ?? 0) !== 0;
  }

  /** Keeps the page with this index, once; `read` fills as much of it as there is. */
  async add(index: number, read: (target: Uint8Array) => void): Promise<void> {
    if (index >= this.#places.length) {
      const larger = new Uint32Array(Math.max(2 * this.#places.length, index + 1));
      larger.set(this.#places);
      this.#places = larger;
    }
    if (this.#full) return;
    const at = (this.#count % GATHER) * PAGE;
    read(this.#gathered.subarray(at, at + PAGE));
    this.#places[index] = ++this.#count;
    if (this.#count % GATHER === 0) await this.#spool.write(this.#gathered).catch(() => this.#stop());
  }

  /** No room is left. Whoever reads what is missing hears of it, since a second decoding finds none either. */
  #stop(): void {
    this.#full = true;
    const kept = Math.floor(this.#spool.length / PAGE);
    for (const [page, place] of this.#places.entries()) if (place > kept) this.#places[page] = 0;
  }

  /** All that is to be kept is, of content of so many bytes. */
  async finish(length: number): Promise<void> {
    const rest = this.#count % GATHER;
    if (rest > 0 && !this.#full)
      await this.#spool.write(this.#gathered.subarray(0, rest * PAGE)).catch(() => this.#stop());
    this.#gathered.fill(0);
    this.#live = undefined;
    this.#length = length;
    // A read meanwhile had all decoded before anybody knew how long that must be.
    if (this.#storage !== undefined && this.#storage.length < length) this.#fail(undefined);
  }

  /** Reads any byte; a page that was not kept costs a decoding, for which this thread waits. */
  reader(): Reader {
    const length = (): number => this.length;
    return {
      get length() {
        return length();
      },
      near: (offset, length) => (this.#storage === undefined ? this.#near(offset, length) : length),
      read: (offset, target) => {
        const wanted = target.subarray(0, Math.max(0, Math.min(target.length, this.length - offset)));
        const live = this.#live?.(offset, wanted);
        if (live !== undefined) return live;
        if (this.#copy(offset, wanted)) return wanted.length;
        return openStorage(this.#storage ?? this.#decodeNow()).read(offset, wanted);
      },
    };
  }

  /**
   * All bytes as they come once more, for one sweep, which reads those that are at hand. Undefined where all of them can be read
   * at any time. Fewer, and {@link trouble}, where they cannot be had again. Whoever asks ends it.
   */
  again(): { decoding: DecodingProgress; end(): Promise<void> } | undefined {
    if (this.#thread !== undefined) return undefined;
    const decoding = new DecodingProgress(this.#coded);
    this.#live = (offset, target) => decoding.read(offset, target);
    const end = async (): Promise<void> => {
      // Closing it makes a thread fail that is not done.
      const { ended, failure } = decoding;
      this.#live = undefined;
      await decoding.close();
      if (failure !== undefined) this.#fail(failure);
      else if (ended && decoding.written < this.length) this.#fail(undefined);
    };
    return { decoding, end };
  }

  /** All bytes. Fewer, and {@link trouble}, where they cannot be had again. Throws the signal's reason. */
  async whole(signal?: AbortSignal): Promise<Storage> {
    if (this.#storage !== undefined) return this.#storage;
    const ended = this.#decode()?.ended.catch((error) => this.#fail(error));
    await orAborted(Promise.resolve(ended), signal);
    return this.#settle();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#spool.close();
    // Its thread may still write to the file, whose descriptor another file could have by then.
    const ended = Promise.resolve(this.#thread?.close());
    void ended.finally(() => this.#whole?.close());
  }

  /** Bytes from `offset` on whose pages were kept. */
  #near(offset: number, length: number): number {
    let page = Math.floor(offset / PAGE);
    while (page * PAGE < offset + length && this.has(page)) page++;
    return Math.max(0, Math.min(length, page * PAGE - offset));
  }

  /** False where a page is missing. Pages that lie together in the spool are read together. */
  #copy(offset: number, target: Uint8Array): boolean {
    const end = offset + target.length;
    if (this.#near(offset, target.length) < target.length) return false;
    for (let at = offset; at < end; ) {
      const first = Math.floor(at / PAGE);
      const place = this.#places[first]!;
      let pages = 1;
      while ((first + pages) * PAGE < end && this.#places[first + pages] === place + pages) pages++;
      const next = Math.min(end, (first + pages) * PAGE);
      this.#read((place - 1) * PAGE + (at % PAGE), target.subarray(at - offset, next - offset));
      at = next;
    }
    return true;
  }

  /** From the spool, or from what waits to go there. */
  #read(at: number, target: Uint8Array): void {
    const spooled = this.#spool.length;
    const there = target.subarray(0, Math.max(0, spooled - at));
    if (there.length > 0) openStorage(this.#spool.storage()).read(at, there);
    const from = at + there.length - spooled;
    if (there.length < target.length)
      target.set(this.#gathered.subarray(from, from + target.length - there.length), there.length);
  }

  #decode(): DecodeThread | undefined {
    if (this.#thread !== undefined) return this.#thread;
    try {
      this.#whole = new SealedKeep(this.#folder);
      this.#thread = new DecodeThread(this.#coded, { sealed: this.#whole.file });
    } catch (error) {
      this.#fail(error);
    }
    return this.#thread;
  }

  #decodeNow(): Storage {
    this.#decode()?.wait();
    return this.#settle();
  }

  #settle(): Storage {
    const decoded = this.#thread?.length ?? 0;
    const length = Math.min(this.length, decoded);
    if (this.#length !== undefined && length < this.#length) this.#fail(undefined);
    this.#storage = this.#whole?.storage(length) ?? NOTHING;
    return this.#storage;
  }

  #fail(error: unknown): void {
    const { path } = this.#coded;
    this.trouble ??=
      error === undefined
        ? warnings.of('container-changed', {
            message: `${path}: decoded once more, it did not give what it had given before`,
            hint: 'scan again once nothing writes to it, with room for its whole content in the spool folder (--spool-dir)',
          })
        : failureWarning(path, error);
  }
}

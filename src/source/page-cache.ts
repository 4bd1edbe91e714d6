import { type ByteReader, openStorage, PAGE, type Storage } from '../core/base/bytes/storage.js';
import { isZero } from '../core/base/bytes/zeros.js';
import { orAborted } from '../core/base/runtime/promises.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import { type CodecInput, DecodeThread, DecodingProgress } from './decode-thread.js';
import { failureWarning } from './failures.js';
import { SealedFile, Spool, SpoolMemory } from './spool.js';
import { warnings } from './warnings.js';

/** Pages of one write to the spool. */
const BATCH = 128;

/** Stands for the place of a page of zeros, which needs none. */
const ZEROS = 0xffff_ffff;

/** Reads content while it is decoded; undefined if its bytes are released, or not decoded yet. */
export type Live = (offset: number, target: Uint8Array) => number | undefined;

/** Bytes of pages in memory. Small, since the decoder's memory comes on top. */
const MEMORY = 8 * 1024 * 1024;

const NOTHING: Storage = { kind: 'memory', bytes: new SharedArrayBuffer(0), length: 0 };

/**
 * Pages of decoded content that are kept for later reads: those around hits, in most dumps a small part.
 * Reading another page, or everything, decodes the whole container again into a sealed file.
 */
export class PageCache {
  readonly kind = 'kept';
  readonly #coded: CodecInput;
  readonly #spool: Spool;
  readonly #folder: string | undefined;
  readonly #batch = new Uint8Array(BATCH * PAGE);
  /** Number of each page in the spool, from 1 on; {@link ZEROS}; 0 if it is not kept. */
  #slots = new Uint32Array(1024);
  #count = 0;
  #full = false;
  #thread: DecodeThread | undefined;
  #whole: SealedFile | undefined;
  #storage: Storage | undefined;
  #closed = false;
  #live: Live | undefined;
  #length: number | undefined;
  /** Set if a byte could not be read again. */
  failure: Warning | undefined;

  /** `memory`: bytes of pages in memory before the spool goes to a file. */
  constructor(coded: CodecInput, folder?: string, memory = MEMORY) {
    this.#coded = coded;
    this.#spool = new Spool(new SpoolMemory(memory), folder);
    this.#folder = folder;
  }

  /** Bytes of content; unbounded while it is decoded. */
  get length(): number {
    return this.#length ?? Number.MAX_SAFE_INTEGER;
  }

  /** Bytes in memory and in files. */
  get spooled(): number {
    return this.#spool.length + (this.#whole === undefined ? 0 : (this.#thread?.length ?? 0));
  }

  /** Reads through `live` until {@link finish}. */
  follow(live: Live): void {
    this.#live = live;
  }

  has(index: number): boolean {
    return (this.#slots[index] ?? 0) !== 0;
  }

  /** Keeps a page, at most once; `read` fills it as far as the content goes. */
  async add(index: number, read: (target: Uint8Array) => void): Promise<void> {
    if (index >= this.#slots.length) {
      const larger = new Uint32Array(Math.max(2 * this.#slots.length, index + 1));
      larger.set(this.#slots);
      this.#slots = larger;
    }
    if (this.#full) return;
    const at = (this.#count % BATCH) * PAGE;
    const page = this.#batch.subarray(at, at + PAGE);
    read(page);
    if (isZero(page)) {
      this.#slots[index] = ZEROS;
      return;
    }
    this.#slots[index] = ++this.#count;
    if (this.#count % BATCH === 0) await this.#spool.write(this.#batch).catch(() => this.#stop());
  }

  /** The spool is full. Reading a missing page reports it, since decoding again fails for the same reason. */
  #stop(): void {
    this.#full = true;
    const spooled = Math.floor(this.#spool.length / PAGE);
    for (const [page, slot] of this.#slots.entries())
      if (slot > spooled && slot !== ZEROS) this.#slots[page] = 0;
  }

  /** Ends the decoding: all pages are kept, and the content has `length` bytes. */
  async finish(length: number): Promise<void> {
    const rest = this.#count % BATCH;
    if (rest > 0 && !this.#full)
      await this.#spool.write(this.#batch.subarray(0, rest * PAGE)).catch(() => this.#stop());
    this.#batch.fill(0);
    this.#live = undefined;
    this.#length = length;
    // A read meanwhile has decoded everything again, before the length was known.
    if (this.#storage !== undefined && this.#storage.length < length) this.#fail(undefined);
  }

  /**
   * Reads any byte. For a page that is not kept, the calling
   * thread blocks until the container is decoded again.
   */
  reader(): ByteReader {
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
   * Decodes the content again for one sweep, which reads it through {@link follow}. The caller calls `end`.
   * Undefined if all bytes can be read at any time. On failure there are fewer bytes, and {@link failure}.
   */
  again(): { decoding: DecodingProgress; end(): Promise<void> } | undefined {
    if (this.#thread !== undefined) return undefined;
    const decoding = new DecodingProgress(this.#coded);
    this.#live = (offset, target) => decoding.read(offset, target);
    const end = async (): Promise<void> => {
      // Read before close(), which makes an unfinished thread fail.
      const { ended, failure } = decoding;
      this.#live = undefined;
      await decoding.close();
      if (failure !== undefined) this.#fail(failure);
      else if (ended && decoding.written < this.length) this.#fail(undefined);
    };
    return { decoding, end };
  }

  /** All bytes; on failure fewer, and {@link failure}. Throws the signal's reason. */
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
    this.#batch.fill(0);
    // The thread may still write to the file, so its descriptor must not be reused before the thread ends.
    const ended = Promise.resolve(this.#thread?.close());
    void ended.finally(() => this.#whole?.close());
  }

  /** Number of bytes from `offset` on, up to `length`, whose pages are kept. */
  #near(offset: number, length: number): number {
    let page = Math.floor(offset / PAGE);
    while (page * PAGE < offset + length && this.has(page)) page++;
    return Math.max(0, Math.min(length, page * PAGE - offset));
  }

  /** False if a page is missing. Pages adjacent in the spool are read together. */
  #copy(offset: number, target: Uint8Array): boolean {
    const end = offset + target.length;
    if (this.#near(offset, target.length) < target.length) return false;
    for (let at = offset; at < end; ) {
      const first = Math.floor(at / PAGE);
      const slot = this.#slots[first]!;
      let pages = 1;
      if (slot === ZEROS) {
        const next = Math.min(end, (first + 1) * PAGE);
        target.fill(0, at - offset, next - offset);
        at = next;
        continue;
      }
      while ((first + pages) * PAGE < end && this.#slots[first + pages] === slot + pages) pages++;
      const next = Math.min(end, (first + pages) * PAGE);
      this.#read((slot - 1) * PAGE + (at % PAGE), target.subarray(at - offset, next - offset));
      at = next;
    }
    return true;
  }

  /** Reads from the spool, or from the batch that is not written yet. */
  #read(at: number, target: Uint8Array): void {
    const spooled = this.#spool.length;
    const inSpool = target.subarray(0, Math.max(0, spooled - at));
    if (inSpool.length > 0) openStorage(this.#spool.storage()).read(at, inSpool);
    const from = at + inSpool.length - spooled;
    if (inSpool.length < target.length)
      target.set(this.#batch.subarray(from, from + target.length - inSpool.length), inSpool.length);
  }

  #decode(): DecodeThread | undefined {
    if (this.#thread !== undefined) return this.#thread;
    try {
      this.#whole = new SealedFile(this.#folder);
      this.#thread = new DecodeThread(this.#coded, { sealed: this.#whole.target });
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
    this.failure ??=
      error === undefined
        ? warnings.of('container-changed', {
            message: `${path}: decoding it again gave other content than before`,
            hint: 'scan again once nothing writes to it; the spool (--spool-dir) needs room for its content',
          })
        : failureWarning(path, error);
  }
}

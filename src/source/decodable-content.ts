import type { ByteReader } from '../core/base/bytes/storage.js';
import { recognise } from './containers/containers.js';
import type { Container } from './containers/decoding/container.js';
import { isFullyDecoded } from './containers/decoding/decoder.js';
import { type CodecInput, DecodingProgress } from './decode-thread.js';
import type { FileWatch } from './file-watch.js';
import { PageCache } from './page-cache.js';
import type { Artifact } from './types.js';
import { notUnpacked } from './warnings.js';

/** Only what is cached, the ends among it: for other bytes all content would be decoded again. */
function cachedOnly(reader: ByteReader): ByteReader {
  return {
    length: reader.length,
    read: (offset, target) =>
      reader.read(offset, target.subarray(0, reader.near?.(offset, target.length) ?? target.length)),
  };
}

/** Bytes of content that is decoded once more if only its end shows a container: more would take too long. */
const MOST_DECODED_AGAIN = 2 ** 32;

/** Constructor arguments of {@link DecodableContent}. */
export interface ContentOptions {
  path: string;
  mtime?: Date | undefined;
  head: Uint8Array;
  coded: CodecInput;
  spoolDir?: string | undefined;
  /** Keeps the container's bytes open; returns the function that releases them. */
  acquire: () => () => void;
  /** The container's file, which is decoded again for some reads. */
  watch?: FileWatch | undefined;
}

/**
 * Content of a large container, of which only the head has been decoded, so that it can be swept while it is
 * decoded. Unless it becomes an artifact, what is inside is the content decoded into a spool.
 */
export class DecodableContent {
  readonly #options: ContentOptions;
  #decoding: DecodingProgress | undefined;
  /** True once the container is decoded whole: see {@link Artifact}. */
  readonly isDecoded = (): boolean => isFullyDecoded(this.#decoding?.report);

  /**
   * The container that only the end of the content shows, not its head (a ZIP archive behind other bytes).
   * Its members are inside. Set once all is decoded.
   */
  inner: Container | undefined;
  /** What it has become. */
  artifact: Artifact<PageCache> | undefined;

  constructor(options: ContentOptions) {
    this.#options = options;
  }

  /** The first bytes: at least 64 KiB, or all. */
  get head(): Uint8Array {
    return this.#options.head;
  }

  /** True if all of it was decoded without a fault. */
  get isWhole(): boolean {
    return this.#decoding?.report?.unread.length === 0;
  }

  /** Starts a thread that decodes it. */
  decode(): DecodingProgress {
    this.#decoding = new DecodingProgress(this.#options.coded);
    return this.#decoding;
  }

  /** What it cost of the bytes that a file may expand to. */
  get charged(): number {
    return this.#decoding?.report?.charged ?? 0;
  }

  /** A cache for pages that are read again after that. */
  openPageCache(): PageCache {
    const { coded, spoolDir } = this.#options;
    return new PageCache(coded, spoolDir);
  }

  /** The content as an artifact that reads from `pages` and closes it. The decoder's report is added last. */
  toArtifact(pages: PageCache): Artifact<PageCache> {
    const { path, mtime, acquire, watch } = this.#options;
    const release = acquire();
    this.artifact = {
      path,
      storage: pages,
      live: false,
      watch,
      unread: [],
      warnings: [],
      mtime,
      close: () => {
        pages.close();
        release();
      },
    };
    return this.artifact;
  }

  /** Closes the artifact: the content is not swept while it is decoded. */
  giveUp(): void {
    this.artifact?.close();
    this.artifact = undefined;
  }

  /** Recognises content that is a container by its end, such as a ZIP archive, once all of it is decoded. */
  recogniseDecoded(): void {
    if (this.artifact === undefined) return;
    const { storage, unread, warnings } = this.artifact;
    const container = recognise(cachedOnly(storage.reader()));
    if (container === undefined) return;
    if (!('unpack' in container.treatment) && storage.length <= MOST_DECODED_AGAIN) {
      this.inner = container;
      return;
    }
    const warning = notUnpacked(container);
    warnings.push(warning);
    unread.push({ offset: 0, length: storage.length, reason: warning.message });
  }
}

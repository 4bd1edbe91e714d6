import type { Warning } from '../base/runtime/warnings.js';
import { type Coded, DecodingProgress } from './decode-thread.js';
import { PageCache } from './page-cache.js';
import type { Artifact } from './types.js';

/** What a Content is made of. */
export interface ContentParts {
  path: string;
  mtime?: Date;
  head: Uint8Array;
  coded: Coded;
  spoolDir?: string;
  /** Codec and warnings of content that is a container itself, of which the stored bytes alone are searched. */
  container?: string;
  warnings: Warning[];
  /** Holds the container's bytes; returns how to let go. */
  hold: () => () => void;
}

/**
 * Content of a large container, of which only the head has been decoded: an offer to sweep it while it is decoded. Who does not
 * take it is given the content as an artifact next, decoded into a spool.
 */
export class DecodableContent {
  readonly #parts: ContentParts;
  /** It has become an artifact, and does not come as one next. */
  taken = false;

  constructor(parts: ContentParts) {
    this.#parts = parts;
  }

  /** Its first bytes, at least 64 KiB where it has as many. */
  get head(): Uint8Array {
    return this.#parts.head;
  }

  /** Decodes it, in a thread of its own. */
  decode(): DecodingProgress {
    return new DecodingProgress(this.#parts.coded);
  }

  /** For what is to be read again after that. */
  keep(): PageCache {
    const { coded, spoolDir } = this.#parts;
    return new PageCache(coded, spoolDir);
  }

  /** It as an artifact, of which some is kept. Closing it closes that. What the decoder has to say comes at the end. */
  take(kept: PageCache): Artifact<PageCache> {
    const { path, mtime, container, warnings, hold } = this.#parts;
    const letGo = hold();
    this.taken = true;
    return {
      path,
      storage: kept,
      live: false,
      unread: warnings.map(({ message }) => ({ offset: 0, length: null, reason: message })),
      warnings: [...warnings],
      ...(mtime === undefined ? {} : { mtime }),
      ...(container === undefined ? {} : { container }),
      close: () => {
        kept.close();
        letGo();
      },
    };
  }
}

import type { Storage } from '../core/base/bytes/storage.js';
import type { Secret } from '../core/base/crypto/secret.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import type { Expected } from './containers/decoding/member.js';
import type { FileWatch } from './file-watch.js';
import type { FileSelection, Selected } from './selection.js';
import type { SpoolMemory } from './spool.js';
import type { Artifact, NoticeEvent } from './types.js';

/**
 * Upper bound on decoded bytes: the greater of `granted` and `ratio` times the outermost stored bytes.
 * Deflate reaches a ratio of 1,032; zstd exceeds it only for zeros. The rest is reported as unread.
 */
export interface Expansion {
  granted: number;
  ratio: number;
}
export const EXPANSION: Expansion = { granted: 1024 ** 3, ratio: 1100 };

/** The upper bound for stored bytes of this length. */
export const mostDecoded = (length: number, { granted, ratio }: Expansion): number =>
  Math.max(granted, ratio * length);

/** Stored bytes from which on a container is large; for others a thread costs more time than it saves. */
export const LARGE = 2 * 1024 ** 2;

/** What all sources of a run share. */
export interface SourceContext {
  budget: SpoolMemory;
  expansion: Expansion;
  /** Stored bytes from which on a container is large. */
  large: number;
  /** Looks for a writer of a FIFO before it is given up. */
  fifoLooks: number;
  spoolDir?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Undefined: of everything all. */
  selection?: FileSelection | undefined;
  /** Password of encrypted members of archives. */
  password?: Secret | undefined;
}

/** What a spool needs of it. */
export type SpoolContext = Pick<SourceContext, 'budget' | 'spoolDir' | 'signal'>;

/** A reference count for stored bytes: they are released after the last reader. */
export class Lease {
  #holders = 0;
  readonly #release: () => void;

  constructor(release: () => void) {
    this.#release = release;
  }

  /** Returns the function that releases the reference; a second call has no effect. */
  acquire(): () => void {
    this.#holders++;
    let acquired = true;
    return () => {
      if (!acquired) return;
      acquired = false;
      if (--this.#holders === 0) this.#release();
    };
  }
}

export interface StoredBytes {
  /** Path as shown. */
  path: string;
  storage: Storage;
  lease: Lease;
  live: boolean;
  /** The file that the bytes are read from. */
  watch?: FileWatch | undefined;
  mtime?: Date | undefined;
  sha256?: Artifact['sha256'];
  unread?: Artifact['unread'];
  undumped?: Artifact['undumped'];
  warnings?: Warning[];
  /**
   * Name of the content if the container has none. Default:
   * from the base name. Set for streams and for content.
   */
  contentName?: string;
  /** Path of it in the paths of its members, if it is an archive; default: its own. */
  archivePath?: string;
  /** How much of it is selected; undefined: as of what the caller named. */
  selected?: Selected | undefined;
  /** Called if it has no byte, or its content has none: returns a notice, or counts it. */
  ifEmpty?: (() => NoticeEvent | undefined) | undefined;
  /** What its decoded content must agree with. */
  expected?: Expected | undefined;
}

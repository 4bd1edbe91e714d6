import type { Storage } from '../core/base/bytes/storage.js';
import type { Secret } from '../core/base/crypto/secret.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import type { Extent, Unread } from '../core/model/report.js';
import type { DecodableContent } from './decodable-content.js';
import type { FileWatch } from './file-watch.js';

/** One stream of bytes to scan: a file, standard input, or the content of a container (`core.zst!core`). */
export interface Artifact<Bytes = Storage> {
  /** Path as shown: control and non-UTF-8 bytes escaped. */
  path: string;
  storage: Bytes;
  /** All bytes of an archive, whose `storage` is without its members. */
  whole?: Storage;
  mtime?: Date | undefined;
  /** Hexadecimal SHA-256 of the bytes, if it is known. */
  sha256?: string | undefined;
  /** If the bytes are a container: its codec. */
  container?: string | undefined;
  /** It has nothing but content that was decoded without a fault, and that is an artifact of its own. */
  isDecoded?: () => boolean;
  /** Bytes not scanned because of a decoder's error or an unsupported codec. */
  unread: Unread[];
  warnings: Warning[];
  /** Memory of a process that no core of it would have. */
  undumped?: readonly Extent[] | undefined;
  /** A regular file on disk, which may change while it is read. */
  live: boolean;
  /** The file that the bytes are read from until close(). */
  watch?: FileWatch | undefined;
  close(): void;
}

/** A warning of the walk. */
export interface SourceNotice extends Warning {
  path: string;
}

/**
 * Opened bytes. Its consumer reads `artifact`, or it and `content` at once, then asks for what is inside, and
 * closes it, also after an abort.
 */
export interface OpenedSource {
  type: 'opened';
  /** Absent for a compressed member of an archive, whose bytes were searched as the archive's. */
  artifact?: Artifact;
  /** Content of a large container or member, not decoded yet. Unless it is taken, it is what is inside. */
  content?: DecodableContent | undefined;
  /** The content of a compressed file, or the members of an archive. */
  inside(): AsyncGenerator<SourceEvent>;
  /** Releases what is not needed by `artifact`. After an abort, reports on it what was not read. */
  close(): void;
}

export type SourceEvent = OpenedSource | NoticeEvent;

export interface NoticeEvent {
  type: 'notice';
  notice: SourceNotice;
}

/** Bytes that a caller has, and no file. */
export interface GivenSource {
  /** Takes the place of a path. */
  name: string;
  mtime?: Date;
  /** Hexadecimal SHA-256 of a storage, if it is known: the option `hash` takes it over. */
  sha256?: string;
  /** A buffer or stream is copied to a spool. A storage stays open until its artifacts are closed. */
  bytes: Uint8Array | AsyncIterable<Uint8Array> | Storage;
  /** Facts that are known once the stream has ended. */
  factsAtEnd?: () => Pick<Artifact, 'unread' | 'warnings' | 'undumped'>;
}

/** A path as text, or as bytes if it is not UTF-8. */
export type SourceInput = string | Uint8Array | GivenSource;

export interface SourceOptions {
  follow: boolean;
  /** Globs of what is scanned, and of what is not. */
  include?: readonly string[];
  exclude?: readonly string[];
  /** Password of encrypted members of archives. */
  password?: Secret;
  ifNoFiles: 'error' | 'warn' | 'ignore';
  /** Folder of the unlinked, encrypted spool. Default: os.tmpdir(). */
  spoolDir?: string;
  signal?: AbortSignal;
  /** Bytes of standard input when `-` is named; default process.stdin. */
  stdin?: NodeJS.ReadableStream;
}

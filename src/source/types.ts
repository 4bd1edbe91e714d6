import type { Storage } from '../base/bytes/storage.js';
import type { Notice } from '../base/runtime/errors.js';
import type { Unread } from '../model/report.js';
import type { DecodableContent } from './decodable-content.js';

/** One stream of bytes to scan: a file, standard input, or what a container holds (`core.zst!core`). */
export interface Artifact<Bytes = Storage> {
  /** As shown: control and non-UTF-8 bytes escaped. */
  path: string;
  storage: Bytes;
  mtime?: Date;
  /** Set where the bytes are a container's: its codec. */
  container?: string;
  /** What a decoder or a codec that is not supported kept from the scan. */
  unread: Unread[];
  warnings: Notice[];
  /** A regular file on disk: it may change while it is read. */
  live: boolean;
  close(): void;
}

/** What the walker meets beside artifacts. `incomplete` warnings make the exit status 2; the others only under --strict. */
export interface SourceNotice extends Notice {
  path: string;
  effect: 'note' | 'strict' | 'incomplete';
}

/** `content`: that of a large container, not decoded yet. It is an artifact when its taker says how, else it comes as one next. */
export interface OpenedArtifact {
  artifact: Artifact;
  content?: DecodableContent;
}

/** What the walker meets. */
export type SourceEvent = ({ type: 'artifact' } & OpenedArtifact) | NoticeEvent;

export interface NoticeEvent {
  type: 'notice';
  notice: SourceNotice;
}

export interface SourceOptions {
  follow: boolean;
  ifNoFiles: 'error' | 'warn' | 'ignore';
  /** Folder of the unlinked, encrypted spool. Default: os.tmpdir(). */
  spoolDir?: string;
  signal?: AbortSignal;
  /** Bytes of standard input when `-` is named; default process.stdin. */
  stdin?: NodeJS.ReadableStream;
}

import type { Storage } from '../base/bytes/storage.js';
import type { Warning } from '../base/runtime/warnings.js';
import type { Unread } from '../model/report.js';
import type { DecodableContent } from './decodable.js';

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
  warnings: Warning[];
  /** A regular file on disk: it may change while it is read. */
  live: boolean;
  close(): void;
}

/** What the walker reports of a path that is no artifact. */
export interface SourceNotice extends Warning {
  path: string;
}

/** `content`: that of a large container, not decoded yet. It is an artifact when its taker says how, else it comes as one next. */
export interface Found {
  artifact: Artifact;
  content?: DecodableContent;
}

/** What the walker meets. */
export type SourceEvent = ({ type: 'artifact' } & Found) | Told;

export interface Told {
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

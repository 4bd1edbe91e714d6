import type { Storage } from '../core/base/bytes/storage.js';
import type { CopyEncoding } from './encodings/encodings.js';

/** A copy before it is proven, as it can be read again. The caller closes it. */
export interface Written {
  storage: Storage;
  close(): void;
}

/** Where a copy goes. It cannot be seen before {@link publish}. */
export interface CopyOutput {
  /** Writes all bytes at an offset, which ascends; what is left out between two writes is zero. */
  write(bytes: Uint8Array, offset: number): Promise<void> | void;
  /** Sets the length after the last write. */
  setLength(length: number): Promise<void> | void;
  sync(): void;
  /** Opens what was written once more. */
  readBack(): Promise<Written>;
  /** Hands the copy over. */
  publish(): Promise<void> | void;
  /** Takes it away again, if that is possible. */
  unpublish(): void;
  /** Closes it; without {@link publish} nothing is left of it. */
  discard(): void;
}

/** Where a copy goes, and how it is encoded there; undefined: as it is. */
export interface CopyDestination {
  output: CopyOutput;
  encoding: CopyEncoding | undefined;
}

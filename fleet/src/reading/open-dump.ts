import type { ChildSource } from '../../../src/index.js';
import { failure } from '../host.js';
import type { RemoteAccess } from '../listing/remote-access.js';
import { placeOf, shownName } from '../listing/uri.js';
import type { StoredDump } from '../model/dump.js';
import { openLocal } from './local-dump.js';
import { openRemote } from './remote-dump.js';
import type { SpoolSlot } from './spool.js';

/** A dump that a child can scan now. */
export interface OpenedDump {
  /** What the child is to scan: a path that it opens, or a name whose bytes are in its spool. */
  source: ChildSource;
  /** Hexadecimal SHA-256 of the stored bytes: of a local file only if it was asked for. */
  sha256?: string;
  /** The version and stored bytes that were read: those of the listing. */
  version: string;
  size: number;
  /** After the scan: throws `object-replaced` if a local file has changed while it was scanned. */
  requireSame(): Promise<void>;
  /** Forgets the key, and frees the bytes in the spool. */
  close(): void;
}

export interface OpeningOptions {
  access: RemoteAccess;
  /** The spool of the child that is to scan it. */
  slot: SpoolSlot;
  signal?: AbortSignal;
  /** Reads a local file once to have its digest before the scan. */
  hash?: boolean;
}

/**
 * Gets the bytes of a dump in the version of the listing. Throws coded errors, for `outcomeOf`:
 * `object-replaced`, `object-gone`, `access-denied`, `object-unreachable`, `spool-full`, `spool-failed`,
 * `dump-exceeds-spool`, `egress-refused`, `other-machine` and others. An abort of the signal is thrown as its
 * reason.
 */
export async function openDump(dump: StoredDump, options: OpeningOptions): Promise<OpenedDump> {
  const place = placeOf(dump.uri);
  if (place === undefined)
    throw failure({ code: 'wrong-url', message: `${shownName(dump.uri)}: this is no dump` }, 2);
  return place.scheme === 'file' ? openLocal(dump, place, options) : openRemote(dump, place, options);
}

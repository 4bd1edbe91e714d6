import type { Readable } from 'node:stream';
import { objectError } from '../listing/object-errors.js';
import type { RemoteAccess } from '../listing/remote-access.js';
import { retried } from '../listing/retry.js';
import { type Place, shownName } from '../listing/uri.js';
import type { StoredDump } from '../model/dump.js';
import type { OpenedDump, OpeningOptions } from './open-dump.js';
import { received } from './received.js';
import type { SealedDump, SpoolSlot } from './spool.js';

type RemotePlace = Exclude<Place, { scheme: 'file' }>;

/** A whole dump from elsewhere, in the spool of its child. */
export async function openRemote(
  dump: StoredDump,
  place: RemotePlace,
  { access, slot, signal }: OpeningOptions,
): Promise<OpenedDump> {
  // Space first: an answer that is not read would time out.
  const reserved = await slot.reserve(dump.size, signal);
  try {
    const { sealed, sha256 } = await retried(
      () => spooled(dump, () => opened(dump, place, access, signal), slot, access, signal),
      access.patience,
      signal,
    );
    return {
      source: { name: shownName(dump.uri), sealed: { key: sealed.key, length: dump.size, sha256 } },
      sha256,
      version: dump.version,
      size: dump.size,
      requireSame: async () => {},
      close() {
        sealed.wipe(true);
        slot.empty();
        reserved.release();
      },
    };
  } catch (error) {
    slot.empty();
    reserved.release();
    throw error;
  }
}

/** The answer with the bytes, in the version of the listing. */
const opened = (
  { uri, version }: StoredDump,
  place: RemotePlace,
  { buckets, web }: RemoteAccess,
  signal: AbortSignal | undefined,
): Promise<{ size: number; body: Readable }> =>
  place.scheme === 's3'
    ? buckets.get(place.bucket, place.key, version, signal)
    : web.get(uri, signal, version);

/** One attempt, which writes the dump from its beginning, under a key of its own. */
async function spooled(
  dump: StoredDump,
  open: () => Promise<{ size: number; body: Readable }>,
  slot: SpoolSlot,
  { patience }: RemoteAccess,
  signal: AbortSignal | undefined,
): Promise<{ sealed: SealedDump; sha256: string }> {
  const shown = shownName(dump.uri);
  const { size, body } = await open();
  if (size !== dump.size) {
    body.destroy();
    throw objectError(
      'object-replaced',
      shown,
      `it has ${size} bytes, and had ${dump.size} when it was listed`,
    );
  }
  const sealed = slot.write();
  try {
    for await (const bytes of received(body, size, shown, patience, signal)) await sealed.write(bytes);
    const sha256 = await sealed.end();
    sealed.wipe(false);
    return { sealed, sha256 };
  } catch (error) {
    sealed.wipe(true);
    throw error;
  }
}

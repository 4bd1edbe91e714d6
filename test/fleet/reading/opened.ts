import { createDecipheriv } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import type { RemoteAccess } from '../../../fleet/src/listing/remote-access.js';
import type { StoredDump } from '../../../fleet/src/model/dump.js';
import { type OpenedDump, openDump } from '../../../fleet/src/reading/open-dump.js';
import { Spool, type SpoolSlot } from '../../../fleet/src/reading/spool.js';
import { withTempDir } from '../../support/folder.js';
import { listedBy } from '../listed.js';

/** Runs `body` with a spool, and the folder that it is in. */
export const withSpool = <T>(
  body: (slot: SpoolSlot, spool: Spool, folder: string) => Promise<T>,
  most = 1 << 24,
): Promise<T> =>
  withTempDir(async (folder) => {
    const spool = new Spool({ folder, most });
    try {
      return await body(spool.slot(), spool, folder);
    } finally {
      spool.close();
    }
  });

/** The dump of an input as a store has it. */
export async function storedDump(access: RemoteAccess, input: string): Promise<StoredDump> {
  const { dumps, notices } = await listedBy(access, [input]);
  const [dump] = dumps;
  if (dump === undefined) throw new Error(`not listed: ${JSON.stringify(notices)}`);
  return { id: 1, ...dump };
}

/** Opens a dump, and closes it after `body`. */
export async function withDump<T>(
  dump: StoredDump,
  options: Parameters<typeof openDump>[1],
  body: (opened: OpenedDump) => Promise<T> | T,
): Promise<T> {
  const opened = await openDump(dump, options);
  try {
    return await body(opened);
  } finally {
    opened.close();
  }
}

/** The code of the error of opening a dump. */
export async function codeOf(dump: StoredDump, options: Parameters<typeof openDump>[1]): Promise<string> {
  try {
    (await openDump(dump, options)).close();
    return 'opened';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** The bytes of a sealed source, decrypted as its child does; and what is in the file. */
export function unsealed({ source }: OpenedDump, slot: SpoolSlot): { plain: Buffer; stored: Buffer } {
  if (typeof source !== 'object' || !('sealed' in source)) throw new Error('not in the spool');
  const stored = Buffer.alloc(fstatSync(slot.fd).size);
  readSync(slot.fd, stored, 0, stored.length, 0);
  const { key, length } = source.sealed;
  const plain = createDecipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(stored);
  if (plain.length !== length) throw new Error(`${plain.length} bytes are in the spool`);
  return { plain, stored };
}

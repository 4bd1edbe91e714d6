import { rangeReader } from '../core/base/bytes/direct-reads.js';
import { filledRanges, filledReader } from '../core/base/bytes/filled.js';
import type { Storage } from '../core/base/bytes/storage.js';
import type { Fills } from './all/fills.js';
import { type CopyDestination, proveView, writeView } from './copy.js';
import { digestingReader } from './file-digest.js';
import { readable } from './input.js';
import type { FileDigest } from './manifest/manifest.js';

type Step = (bytes: number) => void;

/**
 * Writes a dump seen through its fills, and reads it back. `read`: SHA-256, in
 * hexadecimal, of what was read of the dump for it.
 */
export async function writeFilled(
  storage: Storage,
  fills: Fills,
  target: CopyDestination,
  written: Step,
  proven: Step,
): Promise<{ output: FileDigest; read: string }> {
  const stored = readable(rangeReader(storage));
  const isEqual = fills.bytes === 0;
  const { reader, digest } = isEqual ? { reader: stored, digest: undefined } : digestingReader(stored);
  const sha256 = await writeView(filledReader(reader, filledRanges(fills.spans())), target, written);
  const read = digest?.() ?? sha256;
  return { output: await proveView(target, storage.length, sha256, proven), read };
}

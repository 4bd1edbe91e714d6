import { type ContainerDecoder, type DecodeReport, newDecodeReport } from './containers/decoding/decoder.js';
import { decodeToSink } from './decode-to-sink.js';
import { SparseSpool } from './sparse-spool.js';
import { Spool } from './spool.js';
import type { SpoolContext, StoredBytes } from './stored-bytes.js';

/** Decodes a container into a spool, which the caller closes. Errors of the data go to the report. */
export async function decodeAll(
  { path, storage, expected }: Pick<StoredBytes, 'path' | 'storage' | 'expected'>,
  decode: ContainerDecoder,
  { budget, spoolDir, signal }: SpoolContext,
  limit: number,
): Promise<{ spool: SparseSpool; report: DecodeReport }> {
  const report = newDecodeReport();
  const spool = new SparseSpool(new Spool(budget, spoolDir));
  try {
    await decodeToSink({ path, storage, limit, expected }, decode, report, spool, signal);
  } catch (error) {
    spool.close();
    throw error;
  }
  return { spool, report };
}

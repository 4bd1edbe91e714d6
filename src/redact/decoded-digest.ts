import { createHash } from 'node:crypto';
import type { Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { newDecodeReport } from '../source/containers/decoding/decoder.js';
import { DecoderInput } from '../source/containers/decoding/input.js';
import type { CopyEncoding } from './encodings/encodings.js';
import type { Each, OnChunk } from './file-digest.js';

export interface ContentOf {
  storage: Storage;
  encoding: CopyEncoding;
  /** Bytes that the content should have: decoding ends where it is longer. */
  length: number;
  step: OnChunk;
  each?: Each | undefined;
  /** The error where the file cannot be read. */
  failed?: (error: unknown) => DumpsieveError;
}

/**
 * SHA-256 of what a file holds, in hexadecimal. Undefined if not all of it can be decoded, or if it has
 * another length. Throws if it cannot be read.
 */
export async function digestOfContent({
  storage,
  encoding,
  length,
  step,
  each,
  failed = readFailed,
}: ContentOf): Promise<string | undefined> {
  const hash = createHash('sha256');
  const report = newDecodeReport();
  for await (const bytes of orFailed(encoding.decode(new DecoderInput(storage), report), failed)) {
    if (report.decoded + bytes.length > length) return undefined;
    hash.update(bytes);
    await each?.(bytes, report.decoded);
    report.decoded += bytes.length;
    step(report.decoded);
  }
  const isWhole = report.decoded === length && report.unread.length === 0 && report.warnings.length === 0;
  return isWhole ? hash.digest('hex') : undefined;
}

async function* orFailed(
  content: AsyncGenerator<Uint8Array>,
  failed: (error: unknown) => DumpsieveError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw systemCode(error) === undefined ? error : failed(error);
  }
}

function readFailed(error: unknown): DumpsieveError {
  const message = `a compressed file cannot be read (${reasonOf(error)})`;
  const hint = 'look for a failing disk or network mount';
  return new DumpsieveError({ code: 'read-failed', message, hint }, 2, error);
}

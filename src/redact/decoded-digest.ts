import { createHash } from 'node:crypto';
import type { Storage } from '../base/bytes/storage.js';
import { DumpsieveError, reasonOf, systemCode } from '../base/runtime/errors.js';
import { newDecodeReport } from '../containers/decoding/decoder.js';
import { Input } from '../containers/decoding/input.js';
import type { Encoding } from './encodings/encodings.js';
import type { Each, Step } from './file-digest.js';

export interface ContentOf {
  storage: Storage;
  encoding: Encoding;
  /** Bytes that the content should have: decoding ends where it is longer. */
  length: number;
  step: Step;
  each?: Each | undefined;
}

/**
 * SHA-256 of what a file holds, in hexadecimal. Undefined if not all of it can be decoded, or if it has
 * another length. Throws (exit 2) if it cannot be read.
 */
export async function digestOfContent({
  storage,
  encoding,
  length,
  step,
  each,
}: ContentOf): Promise<string | undefined> {
  const hash = createHash('sha256');
  const report = newDecodeReport();
  for await (const bytes of orUnreadable(encoding.decode(new Input(storage), report))) {
    if (report.decoded + bytes.length > length) return undefined;
    hash.update(bytes);
    await each?.(bytes, report.decoded);
    report.decoded += bytes.length;
    step(report.decoded);
  }
  const isWhole = report.decoded === length && report.unread.length === 0 && report.warnings.length === 0;
  return isWhole ? hash.digest('hex') : undefined;
}

async function* orUnreadable(content: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    const message = `a compressed file cannot be read (${reasonOf(error)})`;
    const hint = 'look for a failing disk or network mount';
    throw new DumpsieveError({ code: 'read-failed', message, hint }, 2, error);
  }
}

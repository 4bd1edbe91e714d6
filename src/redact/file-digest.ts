import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { ByteReader, Storage } from '../core/base/bytes/storage.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { newDecodeReport } from '../source/containers/decoding/decoder.js';
import { DecoderInput } from '../source/containers/decoding/input.js';
import { readAll } from './core/planned-reader.js';
import type { CopyEncoding } from './encodings/encodings.js';

/** A reader with the SHA-256 of all that is read through it, from its start to its end. */
export function digestingReader(reader: ByteReader): { reader: ByteReader; digest: () => string } {
  const hash = createHash('sha256');
  const read = (offset: number, target: Uint8Array): number => {
    const length = reader.read(offset, target);
    hash.update(target.subarray(0, length));
    return length;
  };
  return { reader: { ...reader, read }, digest: () => hash.digest('hex') };
}

/** Bytes read at once, a multiple of a page. */
export const CHUNK = 1 << 20;

/** Called between chunks; throws to end the copy. */
export type OnChunk = (done: number) => void;

/** Receives bytes at an offset, which are overwritten after its promise. */
export type Each = (bytes: Uint8Array, offset: number) => Promise<void> | void;

/** Memory for direct reads: that of WebAssembly begins at a page. */
function aligned(bytes: number): Uint8Array {
  const page = 64 * 1024;
  return new Uint8Array(new WebAssembly.Memory({ initial: Math.ceil(bytes / page) }).buffer);
}

/**
 * SHA-256 of a file in hexadecimal, read once from its start to its end. Throws `file-changed` (exit 2) if
 * the file became shorter.
 */
export async function sha256Of(reader: ByteReader, step: OnChunk, each: Each = () => {}): Promise<string> {
  const hash = createHash('sha256');
  const chunk = aligned(CHUNK);
  for (let at = 0; at < reader.length; at += CHUNK) {
    const bytes = chunk.subarray(0, Math.min(CHUNK, reader.length - at));
    readAll(reader, at, bytes);
    hash.update(bytes);
    await each(bytes, at);
    step(at + bytes.length);
    await turn();
  }
  return hash.digest('hex');
}

interface ContentOf {
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

import { setImmediate as turn } from 'node:timers/promises';
import { rangeReader } from '../core/base/bytes/direct-reads.js';
import type { ByteReader, Storage } from '../core/base/bytes/storage.js';
import { isZero } from '../core/base/bytes/zeros.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import type { PlannedParts } from './core/plan.js';
import type { CopyEncoding } from './encodings/encodings.js';
import { CHUNK, digestOfContent, type Each, type OnChunk, sha256Of } from './file-digest.js';
import type { FileDigest } from './manifest/manifest.js';

/** What is zero throughout a block is not written: it becomes a hole. */
const BLOCK = 4096;

/** Writes what a plan leaves, and nothing that is 0. */
export async function writeCopy(
  view: ByteReader,
  parts: PlannedParts,
  { output, encoding }: CopyDestination,
  step: OnChunk,
): Promise<void> {
  if (encoding !== undefined) {
    await writeEncoded(view, encoding, output, () => step(0));
    return;
  }
  const chunk = new Uint8Array(CHUNK);
  for (let at = nextChunk(parts, 0); at !== undefined; at = nextChunk(parts, at + CHUNK)) {
    const bytes = chunk.subarray(0, view.read(at, chunk));
    await writeBlocks(bytes, at, output);
    step(0);
    await turn();
  }
  await output.setLength(view.length);
  output.sync();
}

/** Start of the first chunk from an offset on in which there are parts. */
function nextChunk(parts: PlannedParts, offset: number): number | undefined {
  const index = parts.firstAfter(offset);
  if (index >= parts.count) return undefined;
  return Math.max(offset, Math.floor(parts.at(index).start / CHUNK) * CHUNK);
}

/** Writes runs of blocks that are not zero. */
async function writeBlocks(bytes: Uint8Array, offset: number, output: CopyOutput): Promise<void> {
  let from = -1;
  for (let at = 0; at <= bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const isEmpty = block.length === 0 || isZero(block);
    if (!isEmpty && from < 0) from = at;
    if (isEmpty && from >= 0) {
      await output.write(bytes.subarray(from, Math.min(at, bytes.length)), offset + from);
      from = -1;
    }
  }
  if (from >= 0) await output.write(bytes.subarray(from), offset + from);
}

/**
 * Reads a written copy again, decoded, and compares every byte with the plan. Returns its SHA-256, which is
 * that of the plan.
 */
export function proveCopy(
  view: ByteReader,
  parts: PlannedParts,
  target: CopyDestination,
  step: OnChunk,
): Promise<FileDigest> {
  let expected = Buffer.alloc(CHUNK);
  return digestOfWritten(target, view.length, step, (bytes, at) => {
    const end = at + bytes.length;
    if (expected.length < bytes.length) expected = Buffer.alloc(bytes.length);
    const isPlanned = parts.touches(at, end)
      ? expected.subarray(0, view.read(at, expected.subarray(0, bytes.length))).equals(bytes)
      : isZero(bytes);
    if (!isPlanned) throw differs(at);
  });
}

/** Writes all bytes of a view, and none that are 0. Returns their SHA-256, before they are encoded. */
export async function writeView(
  view: ByteReader,
  { output, encoding }: CopyDestination,
  step: OnChunk,
): Promise<string> {
  if (encoding !== undefined) return writeEncoded(view, encoding, output, step);
  const sha256 = await sha256Of(view, step, (bytes, offset) => writeBlocks(bytes, offset, output));
  await output.setLength(view.length);
  output.sync();
  return sha256;
}

/** Encodes all bytes of a view, and writes them. Returns their SHA-256 before they are encoded. */
async function writeEncoded(
  view: ByteReader,
  encoding: CopyEncoding,
  output: CopyOutput,
  step: OnChunk,
): Promise<string> {
  const encoder = encoding.newEncoder(view.length);
  let written = 0;
  const append = async (parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) {
      await output.write(part, written);
      written += part.length;
    }
  };
  try {
    const sha256 = await sha256Of(view, step, async (bytes) => append(await encoder.push(bytes)));
    await append(await encoder.end());
    await output.setLength(written);
    output.sync();
    return sha256;
  } finally {
    encoder.close();
  }
}

/** Reads a written view again, decoded. Throws (exit 2) unless its bytes have this SHA-256. */
export async function proveView(
  target: CopyDestination,
  length: number,
  sha256: string,
  step: OnChunk,
): Promise<FileDigest> {
  const digest = await digestOfWritten(target, length, step);
  if ((digest.decoded ?? digest).sha256 !== sha256) throw differs(0);
  return digest;
}

/** Digests of a written copy, which is read again. Throws (exit 2) unless its content has this length. */
async function digestOfWritten(
  { output, encoding }: CopyDestination,
  length: number,
  step: OnChunk,
  each?: Each,
): Promise<FileDigest> {
  const { storage, close } = await output.readBack();
  try {
    const { length: bytes } = storage;
    if (encoding === undefined && bytes !== length) throw differs(Math.min(bytes, length));
    const reader = writtenReader(storage);
    if (encoding === undefined) return { bytes, sha256: await sha256Of(reader, step, each) };
    const sha256 = await sha256Of(reader, () => step(0));
    const content = await digestOfContent({ storage, encoding, length, step, each, failed: unreadable });
    if (content === undefined) throw differs(0);
    return { bytes, sha256, decoded: { encoding: encoding.name, bytes: length, sha256: content } };
  } finally {
    close();
  }
}

function writtenReader(storage: Storage): ByteReader {
  const reader = rangeReader(storage);
  const read = (offset: number, target: Uint8Array): number => {
    try {
      return reader.read(offset, target);
    } catch (error) {
      throw unreadable(error, offset);
    }
  };
  return { ...reader, read };
}

function unreadable(error: unknown, offset?: number): DumpsieveError {
  const place = offset === undefined ? '' : ` at offset ${offset}`;
  const message = `the copy cannot be read back${place} (${reasonOf(error)})`;
  const hint = 'the disk may be failing: name a file on another disk';
  const problem = { code: 'output-unreadable', message, hint, ...definedFields({ offset }) };
  return new DumpsieveError(problem, 2, error);
}

function differs(offset: number): DumpsieveError {
  const message = 'what was read back of the copy is not what was planned';
  const hint = 'the disk may be failing, or the input changed: copy it again, to another disk';
  return new DumpsieveError({ code: 'output-differs', message, hint, offset }, 2);
}

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

import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { rangeReader } from '../base/bytes/direct-reads.js';
import type { Reader } from '../base/bytes/storage.js';
import { definedFields } from '../base/runtime/defined.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { close, fstat, openDirect } from '../source/file-system.js';
import { aligned, CHUNK, differs, type Step, writeBlocks } from './copy.js';
import type { OutputFile } from './output-file.js';

/** Writes all bytes of a view, and nothing where they are 0. Returns their SHA-256. */
export async function writeView(view: Reader, output: OutputFile, step: Step): Promise<string> {
  const sha256 = await hashOf(view, step, (bytes, offset) => writeBlocks(bytes, offset, output));
  output.setLength(view.length);
  output.sync();
  return sha256;
}

/** Reads a written copy again. Throws (exit 2) unless its bytes have this SHA-256. */
export async function proveHash(
  output: OutputFile,
  length: number,
  sha256: string,
  step: Step,
): Promise<void> {
  const fd = output.reopen();
  const stats = await fstat(fd);
  const direct = await openDirect(fd, stats);
  try {
    if (Number(stats.size) !== length) throw differs(Math.min(Number(stats.size), length));
    const written = rangeReader({ kind: 'file', fd, length, ...definedFields({ direct }) });
    if ((await hashOf(written, step)) !== sha256) throw differs(0);
  } finally {
    close(fd);
    if (direct !== undefined) close(direct);
  }
}

async function hashOf(
  reader: Reader,
  step: Step,
  each: (bytes: Uint8Array, offset: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  const chunk = aligned(CHUNK);
  for (let at = 0; at < reader.length; at += CHUNK) {
    const bytes = chunk.subarray(0, reader.read(at, chunk.subarray(0, reader.length - at)));
    if (bytes.length < Math.min(CHUNK, reader.length - at)) throw ended(at + bytes.length);
    hash.update(bytes);
    each(bytes, at);
    step(at + bytes.length);
    await turn();
  }
  return hash.digest('hex');
}

function ended(offset: number): DumpsieveError {
  const message = 'the input became shorter while it was read';
  const hint = 'copy it again when nothing writes to it';
  return new DumpsieveError({ code: 'file-changed', message, hint, offset }, 2);
}

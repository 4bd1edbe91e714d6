import { setImmediate as turn } from 'node:timers/promises';
import { rangeReader } from '../base/bytes/direct-reads.js';
import type { Reader } from '../base/bytes/storage.js';
import { definedFields } from '../base/runtime/defined.js';
import { DumpsieveError, reasonOf } from '../base/runtime/errors.js';
import { tryTo } from '../base/runtime/try-to.js';
import { close, fstat, openDirect } from '../source/file-system.js';
import type { PlannedParts } from './core/plan.js';
import { CHUNK, type Step, sha256Of } from './file-digest.js';
import type { OutputFile } from './output-file.js';

/** What is zero throughout a block is not written: it becomes a hole. */
const BLOCK = 4096;

/** Writes what a plan leaves, and nothing that is 0. */
export async function writeCopy(
  view: Reader,
  parts: PlannedParts,
  output: OutputFile,
  step: Step,
): Promise<void> {
  const chunk = new Uint8Array(CHUNK);
  for (let at = nextChunk(parts, 0); at !== undefined; at = nextChunk(parts, at + CHUNK)) {
    const bytes = chunk.subarray(0, view.read(at, chunk));
    writeBlocks(bytes, at, output);
    step(0);
    await turn();
  }
  output.setLength(view.length);
  output.sync();
}

/** Start of the first chunk from an offset on in which there are parts. */
function nextChunk(parts: PlannedParts, offset: number): number | undefined {
  const index = parts.firstAfter(offset);
  if (index >= parts.count) return undefined;
  return Math.max(offset, Math.floor(parts.at(index).start / CHUNK) * CHUNK);
}

/** Writes runs of blocks that are not zero. */
function writeBlocks(bytes: Uint8Array, offset: number, output: OutputFile): void {
  let from = -1;
  for (let at = 0; at <= bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const isEmpty = block.length === 0 || isZero(block);
    if (!isEmpty && from < 0) from = at;
    if (isEmpty && from >= 0) {
      output.write(bytes.subarray(from, Math.min(at, bytes.length)), offset + from);
      from = -1;
    }
  }
  if (from >= 0) output.write(bytes.subarray(from), offset + from);
}

const ZEROS = Buffer.alloc(CHUNK);

const isZero = (bytes: Uint8Array): boolean => ZEROS.subarray(0, bytes.length).equals(bytes);

/**
 * Reads a written copy again and compares every byte with the plan. Returns its SHA-256, which is that of the
 * plan.
 */
export function proveCopy(
  view: Reader,
  parts: PlannedParts,
  output: OutputFile,
  step: Step,
): Promise<string> {
  const expected = Buffer.alloc(CHUNK);
  return digestOfWritten(output, view.length, step, (bytes, at) => {
    const isPlanned = parts.touches(at, at + CHUNK)
      ? expected.subarray(0, view.read(at, expected)).equals(bytes)
      : isZero(bytes);
    if (!isPlanned) throw differs(at);
  });
}

/** Writes all bytes of a view, and nothing where they are 0. Returns their SHA-256. */
export async function writeView(view: Reader, output: OutputFile, step: Step): Promise<string> {
  const sha256 = await sha256Of(view, step, (bytes, offset) => writeBlocks(bytes, offset, output));
  output.setLength(view.length);
  output.sync();
  return sha256;
}

/** Reads a written view again. Throws (exit 2) unless its bytes have this SHA-256. */
export async function proveView(
  output: OutputFile,
  length: number,
  sha256: string,
  step: Step,
): Promise<void> {
  if ((await digestOfWritten(output, length, step)) !== sha256) throw differs(0);
}

/** SHA-256 of a written copy, which is read again. Throws (exit 2) unless it has this length. */
async function digestOfWritten(
  output: OutputFile,
  length: number,
  step: Step,
  each?: (bytes: Uint8Array, offset: number) => void,
): Promise<string> {
  const fd = output.reopen();
  const stats = await fstat(fd);
  const direct = await openDirect(fd, stats);
  try {
    if (Number(stats.size) !== length) throw differs(Math.min(Number(stats.size), length));
    const written = rangeReader({ kind: 'file', fd, length, ...definedFields({ direct }) });
    return await sha256Of({ ...written, read: (at, target) => readBack(written, at, target) }, step, each);
  } finally {
    for (const each of [fd, direct]) if (each !== undefined) tryTo(() => close(each));
  }
}

function readBack(written: Reader, offset: number, target: Uint8Array): number {
  try {
    return written.read(offset, target);
  } catch (error) {
    const message = `the copy cannot be read back at offset ${offset} (${reasonOf(error)})`;
    const hint = 'the disk may be failing: name a file on another disk';
    throw new DumpsieveError({ code: 'output-unreadable', message, hint, offset }, 2, error);
  }
}

function differs(offset: number): DumpsieveError {
  const message = 'what was read back of the copy is not what was planned';
  const hint = 'the disk may be failing, or the input changed: copy it again, to another disk';
  return new DumpsieveError({ code: 'output-differs', message, hint, offset }, 2);
}

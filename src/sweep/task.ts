import { systemCode } from '../errors.js';
import type { Reader } from '../storage.js';
import { HitList } from './hits.js';
import type { Kernel } from './kernel.js';
import type { HitBatch } from './types.js';

/** A stretch of a file that one thread sweeps in one go. */
export interface Task {
  from: number;
  to: number;
  /** Bytes of one kernel call. */
  chunk: number;
  /** Longest pattern: a hit belongs to the chunk that it starts in, and its end may lie `longest - 1` bytes behind that. */
  longest: number;
}

/** Granularity in which the readable part of a chunk with a bad sector is found. */
const SECTOR = 4096;

interface Read {
  bytes: number;
  error?: string;
}

/** Reads what can be read: after a failure again in sectors, up to the first one that fails. */
function readWhole(reader: Reader, at: number, target: Uint8Array): Read {
  try {
    return { bytes: reader.read(at, target) };
  } catch {
    let done = 0;
    try {
      while (done < target.length) {
        const n = reader.read(at + done, target.subarray(done, done + SECTOR));
        if (n === 0) break;
        done += n;
      }
      return { bytes: done };
    } catch (error) {
      return { bytes: done, error: systemCode(error) ?? 'EIO' };
    }
  }
}

/** Sweeps a task chunk by chunk. `stopped` is asked before each chunk: the batch then ends where the sweep did. */
export function sweepTask(
  reader: Reader,
  kernel: Kernel,
  { from, to, chunk, longest }: Task,
  stopped: () => boolean = () => false,
): HitBatch {
  const hits = new HitList();
  let end: { endedAt?: number; error?: string } = {};
  for (let at = from; at < to && !stopped(); at += chunk) {
    const length = Math.min(chunk, to - at);
    const { bytes, error } = readWhole(reader, at, kernel.window(length + longest - 1));
    kernel.scan(0, Math.min(bytes, length), bytes, at - from, hits);
    if (bytes < length) {
      end = { endedAt: at + bytes, ...(error === undefined ? {} : { error }) };
      break;
    }
  }
  return { from, to, ...hits.finish(from), ...end };
}

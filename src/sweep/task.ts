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

/** A batch ends after the chunk that brings it to so many hits: a flood of them must not fill the memory. */
const MANY = 131_072;

const hits = new HitList();

/**
 * Sweeps a task chunk by chunk; the batch ends before the task does where it has many hits. `stopped` is asked before each
 * chunk.
 */
export function sweepTask(
  reader: Reader,
  kernel: Kernel,
  { from, to, chunk, longest }: Task,
  stopped: () => boolean = () => false,
): HitBatch {
  hits.clear();
  let end: { endedAt?: number; error?: string } = {};
  let at = from;
  for (; at < to && hits.length < MANY && !stopped(); at += chunk) {
    const length = Math.min(chunk, to - at);
    const { bytes, error } = readWhole(reader, at, kernel.window(length + longest - 1));
    kernel.scan(0, Math.min(bytes, length), bytes, at - from, hits);
    if (bytes < length) {
      end = { endedAt: at + bytes, ...(error === undefined ? {} : { error }) };
      at = to;
      break;
    }
  }
  return { from, to: Math.min(at, to), ...hits.finish(from), ...end };
}

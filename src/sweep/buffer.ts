import { bufferReader } from '../base/bytes/storage.js';
import { kernelFor, kernelName, netFor } from './kernel-select.js';
import { sweepTask } from './task.js';
import type { Net } from './types.js';

/** One literal at one place; an odd id means its wide form. */
export interface LiteralHit {
  offset: number;
  id: number;
}

/**
 * Hits of a small buffer (a seam, a window), ascending by offset, then by id; on this thread. `fused`: by the kernel that has the entropy net as
 * well, which finds the same literals, where that is opened anyway.
 */
export function sweepBuffer(bytes: Uint8Array, net: Net, fused = false): LiteralHit[] {
  const name = kernelName();
  const kernel = kernelFor(name, netFor(name, net), fused);
  const task = { from: 0, to: bytes.length, chunk: Math.max(64, bytes.length), longest: net.longest };
  const { offsets, ids } = sweepTask(bufferReader(bytes), kernel, task);
  return Array.from(offsets, (offset, i) => ({ offset, id: ids[i]! }));
}

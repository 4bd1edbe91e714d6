import { bufferReader } from '../core/base/bytes/storage.js';
import { kernelFor, kernelName } from './kernel-select.js';
import { sweepTask } from './sweep-task.js';
import type { Net, ValueHits } from './types.js';

/** One literal at one place; an odd id means its wide form. */
export interface LiteralHit {
  offset: number;
  id: number;
}

/** Hits and values of a small buffer. */
export interface SweptBuffer {
  hits: LiteralHit[];
  values: ValueHits | undefined;
}

/**
 * Hits in a small buffer, ascending by offset, then by id, found on this thread. `fused` uses the fused
 * kernel, which finds the same literals: it saves opening a second kernel if that one is open anyway.
 */
export function sweepBuffer(bytes: Uint8Array, net: Net, fused = false): LiteralHit[] {
  return sweepWithValues(bytes, net, fused).hits;
}

/** The same, and the values in the buffer, whether they have names or not. */
export function sweepWithValues(bytes: Uint8Array, net: Net, fused = false): SweptBuffer {
  const kernel = kernelFor(kernelName(), net, fused);
  const task = { from: 0, to: bytes.length, chunk: Math.max(64, bytes.length), longest: net.longest };
  const { offsets, ids, values } = sweepTask(bufferReader(bytes), kernel, task);
  return { hits: Array.from(offsets, (offset, i) => ({ offset, id: ids[i]! })), values };
}

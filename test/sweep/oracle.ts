import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Literal } from '../../src/rules/types.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import type { HitBatch, Net } from '../../src/sweep/types.js';
import { type KernelName, kernelFor } from '../support/scalar-kernel/kernels.js';

/** `offset id`, so that lists compare readably. */
export type Found = string[];

export const literal = (bytes: Uint8Array | string, options: Partial<Literal> = {}): Literal => ({
  bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
  caseless: false,
  wide: false,
  rules: [],
  ...options,
});

export function spread(bytes: Uint8Array): Buffer {
  const wide = Buffer.alloc(2 * bytes.length - 1);
  for (const [i, byte] of bytes.entries()) wide[2 * i] = byte;
  return wide;
}

const lower = (bytes: Uint8Array) =>
  Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/[A-Z]/g, (c) => c.toLowerCase()),
    'latin1',
  );

/** Finds every literal by indexOf, caseless ones in lower-cased copies. */
export function naive(data: Uint8Array, literals: readonly Literal[]): Found {
  const exact = Buffer.from(data);
  const folded = lower(data);
  const hits: [number, number][] = [];
  for (const [i, { bytes, caseless, wide }] of literals.entries()) {
    const forms = wide ? [Buffer.from(bytes), spread(bytes)] : [Buffer.from(bytes)];
    for (const [form, pattern] of forms.entries()) {
      const hay = caseless ? folded : exact;
      const needle = caseless ? lower(pattern) : pattern;
      for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1))
        hits.push([at, 2 * i + form]);
    }
  }
  hits.sort(([a, x], [b, y]) => a - b || x - y);
  return hits.map(([at, id]) => `${at} ${id}`);
}

export const list = ({ offsets, ids }: Pick<HitBatch, 'offsets' | 'ids'>): Found =>
  Array.from(offsets, (offset, i) => `${offset} ${ids[i]}`);

/** Sweeps a buffer and joins the batches. */
export function batchWith(
  name: KernelName,
  net: Net,
  data: Uint8Array,
  chunk: number,
): Pick<HitBatch, 'offsets' | 'ids'> {
  const offsets: Float64Array[] = [];
  const ids: Uint32Array[] = [];
  for (let from = 0; from < data.length; ) {
    const task = { from, to: data.length, chunk, longest: net.longest };
    const batch = sweepTask(bufferReader(data), kernelFor(name, net), task);
    offsets.push(batch.offsets);
    ids.push(batch.ids);
    from = batch.to;
  }
  const joined = {
    offsets: new Float64Array(offsets.reduce((n, { length }) => n + length, 0)),
    ids: new Uint32Array(0),
  };
  joined.ids = new Uint32Array(joined.offsets.length);
  let at = 0;
  for (const [i, part] of offsets.entries()) {
    joined.offsets.set(part, at);
    joined.ids.set(ids[i]!, at);
    at += part.length;
  }
  return joined;
}

export const sweepWith = (...of: Parameters<typeof batchWith>): Found => list(batchWith(...of));

/** Sweeps a buffer with a fused kernel, in tasks of four chunks. */
export function* fusedBatches(
  name: KernelName,
  net: Net,
  data: Uint8Array,
  chunk: number,
  options: { numbers?: boolean } = {},
): Generator<HitBatch> {
  const kernel = kernelFor(name, net, true);
  for (let from = 0; from < data.length; from += 4 * chunk) {
    const to = Math.min(data.length, from + 4 * chunk);
    yield sweepTask(bufferReader(data), kernel, { from, to, chunk, longest: net.longest, ...options });
  }
}

/** Pseudorandom bytes, the same in every run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

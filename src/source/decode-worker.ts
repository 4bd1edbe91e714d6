import { parentPort, workerData } from 'node:worker_threads';
import { decoderOf } from './containers.js';
import { decodeToSink, type ContainerInput, type Sink } from './decode-to-sink.js';
import { type DecodeReport, newDecodeReport } from './decoder.js';
import { type RingMemory, RingWriter } from './ring.js';
import { SealedWriter, type SealedTarget } from './spool.js';

/** What a decoding thread is to do: `codec` names the container; the content goes into a ring or into a sealed file. */
export interface DecodeRequest extends ContainerInput {
  codec: string;
  into: { ring: RingMemory } | { sealed: SealedTarget };
  /** Of an Int32 that is 0 until all is decoded: for whoever waits with its whole thread. Behind it lies the content's length. */
  done: SharedArrayBuffer;
}

/** The bytes have come that somebody waits for, or the end has. */
export type DecodeAnswer = { type: 'bytes' } | { type: 'end'; account: DecodeReport; length: number };

/**
 * glibc hands freed memory back to the system at once, and takes each block of a decoder's output page by page again, unless a block
 * of more than that was freed before (mallopt(3), M_MMAP_THRESHOLD).
 */
const LARGEST_MAPPED = 31 * 1024 * 1024;
(new ArrayBuffer(LARGEST_MAPPED) as ArrayBuffer & { transfer?(length: number): ArrayBuffer }).transfer?.(0);

const order = workerData as DecodeRequest;
const port = parentPort!;
const answer = (what: DecodeAnswer): void => port.postMessage(what);

const sink: Sink =
  'ring' in order.into
    ? new RingWriter(order.into.ring, () => answer({ type: 'bytes' }))
    : new SealedWriter(order.into.sealed);
const account = newDecodeReport();
// Also where this thread fails: somebody may be waiting.
process.on('exit', () => {
  new Float64Array(order.done, 8, 1)[0] = sink.length;
  const done = new Int32Array(order.done, 0, 1);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
await decodeToSink(order, decoderOf(order.codec), account, sink);
answer({ type: 'end', account, length: sink.length });
port.close();

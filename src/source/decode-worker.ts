import { parentPort, workerData } from 'node:worker_threads';
import { decoderOf } from './containers/containers.js';
import { type DecodeReport, newDecodeReport } from './containers/decoding/decoder.js';
import { type ContainerInput, decodeToSink, type Sink } from './decode-to-sink.js';
import { type RingMemory, RingWriter } from './ring.js';
import { type SealedTarget, SealedWriter } from './spool.js';

/**
 * Input of a decoding thread: `codec` is the name of the
 * container; the content goes to a ring or to a sealed file.
 */
export interface DecodeRequest extends ContainerInput {
  codec: string;
  into: { ring: RingMemory } | { sealed: SealedTarget };
  /** Int32 at 0: nonzero at the end, for a thread that blocks on it. Float64 at 8: bytes of content. */
  done: SharedArrayBuffer;
}

/** Messages of the thread: the awaited bytes are decoded, or all are. */
export type DecodeAnswer = { type: 'bytes' } | { type: 'end'; report: DecodeReport; length: number };

/**
 * glibc returns freed memory to the system at once, and each block of a
 * decoder's output is then faulted in page by page, unless a larger block
 * was freed before: that raises M_MMAP_THRESHOLD (mallopt(3)), up to 32 MiB.
 */
const LARGEST_MAPPED = 31 * 1024 * 1024;
(new ArrayBuffer(LARGEST_MAPPED) as ArrayBuffer & { transfer?(length: number): ArrayBuffer }).transfer?.(0);

const request: DecodeRequest = workerData;
const port = parentPort!;
const post = (answer: DecodeAnswer): void => port.postMessage(answer);

const sink: Sink =
  'ring' in request.into
    ? new RingWriter(request.into.ring, () => post({ type: 'bytes' }))
    : new SealedWriter(request.into.sealed);
const report = newDecodeReport();
// Also if this thread fails: another thread may be blocked on it.
process.on('exit', () => {
  new Float64Array(request.done, 8, 1)[0] = sink.length;
  const done = new Int32Array(request.done, 0, 1);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});

async function decode(): Promise<void> {
  await decodeToSink(request, decoderOf(request.codec)!, report, sink);
  post({ type: 'end', report, length: sink.length });
  port.close();
}

// A rejection is not handled: it ends the thread, as an error of a module does.
void decode();

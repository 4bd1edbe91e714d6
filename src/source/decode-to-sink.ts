import type { Storage } from '../base/bytes/storage.js';
import { type DecodeReport, type Decoder, type OutputBuffer, reportLost } from './decoder.js';
import { failureWarning } from './failures.js';
import { Input } from './input.js';
import { warnings } from './warnings.js';

/** A container to decode. */
export interface ContainerInput {
  /** As shown. */
  path: string;
  storage: Storage;
  /** Bytes of content after which decoding stops. */
  limit: number;
}

/** Destination of content. `length` counts the bytes written, also after a failed write. */
export interface Sink {
  readonly length: number;
  /** `consumed`: bytes of the container that its decoder has read. */
  write(chunk: Uint8Array, consumed?: number): Promise<void> | void;
  /**
   * The sink's own memory, for decoders that can use it: {@link write} does not copy chunks that lie there.
   */
  readonly buffer?: OutputBuffer;
}

/** Decodes a container into a sink. Errors go to the report; only an abort is thrown. */
export async function decodeToSink(
  { path, storage, limit }: ContainerInput,
  decode: Decoder,
  report: DecodeReport,
  sink: Sink,
  signal?: AbortSignal,
): Promise<void> {
  const input = new Input(storage);
  const chunks = decode(input, report, sink.buffer);
  try {
    // The next chunk is decoded (by zlib in another thread) while this one is written.
    for (let next = await chunks.next(); !next.done; ) {
      signal?.throwIfAborted();
      const room = limit - report.decoded;
      const chunk = next.value.subarray(0, room);
      const cut = chunk.length < next.value.length;
      report.decoded += chunk.length;
      const [following] = await Promise.all([
        cut ? undefined : chunks.next(),
        chunk.length > 0 ? sink.write(chunk, input.offset) : undefined,
      ]);
      if (following !== undefined) next = following;
      if (!cut) continue;
      reportLost(
        report,
        warnings.of('container-expands-too-far', {
          message: `the content of ${path} is longer than ${limit} bytes: decoding stopped there`,
          hint: 'a decompression bomb, or one byte repeated: decode it and pipe it: … | dumpsieve scan -',
        }),
      );
      break;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    report.decoded = sink.length;
    reportLost(report, failureWarning(path, error));
  } finally {
    await chunks.return(undefined);
  }
}

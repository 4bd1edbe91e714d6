import { crc32 } from 'node:zlib';
import type { Storage } from '../core/base/bytes/storage.js';
import { isZero } from '../core/base/bytes/zeros.js';
import {
  type ContainerDecoder,
  type DecodeReport,
  type OutputBuffer,
  reportDoubtful,
  reportLost,
} from './containers/decoding/decoder.js';
import { DecoderInput } from './containers/decoding/input.js';
import type { Expected } from './containers/decoding/member.js';
import { failureWarning } from './failures.js';
import { warnings } from './warnings.js';

/** A container to decode. */
export interface ContainerInput {
  /** Path as shown. */
  path: string;
  storage: Storage;
  /** Bytes of content after which decoding stops, but for what zeros cost less. */
  limit: number;
  /** What the archive states of the content. */
  expected?: Expected | undefined;
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

/** Of a chunk of zeros: a core of a program that reserves gigabytes has little else. */
const ZERO_COST = 3 / 8;

/** Decodes a container into a sink. Errors go to the report; only an abort is thrown. */
export async function decodeToSink(
  { path, storage, limit, expected }: ContainerInput,
  decode: ContainerDecoder,
  report: DecodeReport,
  sink: Sink,
  signal?: AbortSignal,
): Promise<void> {
  const input = new DecoderInput(storage);
  const chunks = decode(input, report, sink.buffer);
  let sum = 0;
  try {
    // The next chunk is decoded (by zlib in another thread) while this one is written.
    for (let next = await chunks.next(); !next.done; ) {
      signal?.throwIfAborted();
      const zeros = isZero(next.value);
      const cost = zeros ? ZERO_COST : 1;
      const chunk = next.value.subarray(0, Math.max(0, (limit - report.charged) / cost));
      const cut = chunk.length < next.value.length;
      report.decoded += chunk.length;
      report.charged += chunk.length * cost;
      if (expected?.crc32 !== undefined) sum = crc32(chunk, sum);
      const [following] = await Promise.all([
        cut ? undefined : chunks.next(),
        chunk.length > 0 ? sink.write(chunk, input.offset) : undefined,
      ]);
      if (following !== undefined) next = following;
      if (!cut) continue;
      reportLost(
        report,
        warnings.of('container-expands-too-far', {
          message: `the content of ${path} is longer than so small a file may expand to: decoding stopped`,
          hint: 'a decompression bomb, or one byte repeated: decode it and pipe it: … | dumpsieve scan -',
        }),
      );
      return;
    }
    if (report.unread.length === 0) checkContent(report, sum, expected);
  } catch (error) {
    if (signal?.aborted) throw error;
    report.decoded = sink.length;
    reportLost(report, failureWarning(path, error));
  } finally {
    await chunks.return(undefined);
  }
}

/** Reports content that differs from what the archive states of it. */
export function checkContent(report: DecodeReport, sum: number, { crc32: crc, length }: Expected = {}): void {
  if ((crc ?? sum) === sum && (length ?? report.decoded) === report.decoded) return;
  reportDoubtful(
    report,
    0,
    warnings.of('member-checksum', {
      message: 'the content differs from the CRC-32 or the length that the archive states',
      hint: 'the content may differ from what was stored: get a good copy',
    }),
  );
}

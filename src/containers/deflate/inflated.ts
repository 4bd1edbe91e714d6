import { constants, createInflateRaw } from 'node:zlib';
import { corrupt, type DecodeReport, reportLost, skipFirst, truncated } from '../decoding/decoder.js';
import type { Input } from '../decoding/input.js';
import { BLOCK, ZlibStream } from '../decoding/zlib-stream.js';
import { inflateShort } from './inflate-short.js';

/** Bytes of input for one call. DEFLATE expands at most 1,032 times, so its output stays below 66 MiB. */
const SLICE = 64 * 1024;

/** Bytes of data, and of its content, that are decoded at once: a stream takes ten times as long. */
const SHORT = 512;
const MOST_SHORT = 16 * 1024;

const newInflate = (): ZlibStream =>
  new ZlibStream(createInflateRaw({ chunkSize: BLOCK, finishFlush: constants.Z_SYNC_FLUSH }));

/**
 * The content of DEFLATE data (RFC 1951) up to its end. Returns false if it is cut or damaged, which is
 * reported. `codec`: what the data is part of, for messages.
 */
export async function* inflated(
  input: Input,
  report: DecodeReport,
  codec: string,
): AsyncGenerator<Uint8Array, boolean> {
  const short = inflateShort(input.peek(SHORT), MOST_SHORT);
  if (short !== undefined) {
    input.skip(short.consumed);
    if (short.content.length > 0) yield short.content;
    return true;
  }
  const first = report.decoded;
  const data = input.offset;
  const inflate = newInflate();
  try {
    while (!inflate.ended) {
      const slice = input.peek(SLICE);
      if (slice.length === 0) {
        if (await endsHere(inflate)) return true;
        reportLost(report, truncated(codec, input.offset));
        return false;
      }
      let failed = false;
      await inflate.push(slice).catch(() => {
        failed = true;
      });
      yield* inflate.take();
      if (failed) {
        yield* skipFirst(inSmallSteps(input.rewound(data), input.offset), report.decoded - first);
        reportLost(report, corrupt(codec, input.offset));
        return false;
      }
      input.skip(inflate.consumed - (input.offset - data));
    }
  } finally {
    inflate.close();
  }
  return true;
}

/** True if the data ends with the last byte: zlib says so only when it is given another. */
async function endsHere(inflate: ZlibStream): Promise<boolean> {
  await inflate.push(Buffer.of(0)).catch(() => undefined);
  return inflate.ended;
}

/**
 * Decodes damaged data again, with small input slices near the damage, since zlib discards the output of a
 * failing call. Yields everything before the damage except for the last 64 bytes of input.
 */
async function* inSmallSteps(input: Input, bad: number): AsyncGenerator<Uint8Array> {
  const inflate = newInflate();
  try {
    for (;;) {
      const left = bad - input.offset;
      const slice = input.peek(left > 0 ? Math.min(SLICE, left) : 64);
      if (slice.length === 0) return;
      await inflate.push(slice);
      input.skip(slice.length);
      yield* inflate.take();
    }
  } catch {
    // The damage again, which is reported already.
    yield* inflate.take();
  } finally {
    inflate.close();
  }
}

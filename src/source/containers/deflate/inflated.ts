import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import {
  corrupt,
  type DecodeReport,
  type OutputBuffer,
  reportLost,
  skipFirst,
  truncated,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { hasSyncCalls, type SyncStream } from '../decoding/sync-calls.js';
import { BLOCK, ZlibStream } from '../decoding/zlib-stream.js';

/** Bytes of input for one call. DEFLATE expands at most 1,032 times, so its output stays below 66 MiB. */
const SLICE = 64 * 1024;

/** Bytes of data, and of its content, that are decoded at once: a stream takes ten times as long. */
const SHORT = 512;
const MOST_SHORT = 16 * 1024;

const newDecoder = (): InflateRaw =>
  createInflateRaw({ chunkSize: BLOCK, finishFlush: constants.Z_SYNC_FLUSH });
const newInflate = (): ZlibStream => new ZlibStream(newDecoder());

/**
 * The content of DEFLATE data (RFC 1951) up to its end. Returns false if it is cut or damaged, which is
 * reported. `codec`: what the data is part of, for messages.
 */
export async function* inflated(
  input: DecoderInput,
  report: DecodeReport,
  codec: string,
  buffer?: OutputBuffer,
): AsyncGenerator<Uint8Array, boolean> {
  const short = inflateShort(input.peek(SHORT), MOST_SHORT);
  if (short !== undefined) {
    input.skip(short.consumed);
    if (short.content.length > 0) yield short.content;
    return true;
  }
  const first = report.decoded;
  const data = input.offset;
  const decoder = buffer && newDecoder();
  const outcome = yield* decoder && hasSyncCalls(decoder)
    ? inflateInto(decoder, buffer, input)
    : inflateApart(newInflate(), input);
  if (outcome === 'damaged') {
    yield* skipFirst(inSmallSteps(input.rewound(data), input.offset), report.decoded - first);
    reportLost(report, corrupt(codec, input.offset));
  } else if (outcome === 'cut') reportLost(report, truncated(codec, input.offset));
  return outcome === 'whole';
}

/** How the data of a decoder ends; the input is then behind it, or at the slice that is damaged. */
type Outcome = 'whole' | 'cut' | 'damaged';

/** Decodes in another thread. */
async function* inflateApart(inflate: ZlibStream, input: DecoderInput): AsyncGenerator<Uint8Array, Outcome> {
  const data = input.offset;
  try {
    while (!inflate.ended) {
      const slice = input.peek(SLICE);
      if (slice.length === 0) return (await endsHere(inflate)) ? 'whole' : 'cut';
      let failed = false;
      await inflate.push(slice).catch(() => {
        failed = true;
      });
      yield* inflate.take();
      if (failed) return 'damaged';
      input.skip(inflate.consumed - (input.offset - data));
    }
  } finally {
    inflate.close();
  }
  return 'whole';
}

/** Decodes in this thread, which does nothing else, into the buffer: without copies and garbage. */
async function* inflateInto(
  stream: SyncStream<InflateRaw>,
  buffer: OutputBuffer,
  input: DecoderInput,
): AsyncGenerator<Uint8Array, Outcome> {
  // Errors of a call are read from the stream.
  stream.on('error', () => {});
  const { _handle: handle, _writeState: state } = stream;
  /** Bytes left of the output and of the input. */
  const call = (bytes: Uint8Array, from: number, room: Uint8Array): [room: number, bytes: number] => {
    handle.writeSync(constants.Z_NO_FLUSH, bytes, from, bytes.length - from, room, 0, room.length);
    return [state[0]!, state[1]!];
  };
  try {
    for (;;) {
      const slice = input.peek(SLICE);
      if (slice.length === 0) {
        // Offers one byte beyond the content, as endsHere does.
        const [, unused] = call(Buffer.of(0), 0, Buffer.alloc(64));
        return unused > 0 && !stream.errored ? 'whole' : 'cut';
      }
      let [left, unused] = [0, slice.length];
      while (left === 0) {
        const room = buffer.reserve();
        [left, unused] = call(slice, slice.length - unused, room);
        if (stream.errored) return 'damaged';
        const content = room.subarray(0, room.length - left);
        buffer.commit(content.length);
        if (content.length > 0) yield content;
      }
      input.skip(slice.length - unused);
      if (unused > 0) return 'whole';
    }
  } finally {
    stream.destroy();
  }
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
async function* inSmallSteps(input: DecoderInput, bad: number): AsyncGenerator<Uint8Array> {
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

/** Content of short DEFLATE data, and how many bytes the data has. */
interface ShortContent {
  content: Uint8Array;
  consumed: number;
}

/**
 * One decoder for all short data: making one takes ten times as long as decoding a kilobyte. Undefined before
 * the first, and after an error, which ends a decoder.
 */
let decoder: SyncStream<InflateRaw> | undefined;
let room = Buffer.alloc(0);

/** False: this version of Node has no synchronous calls. */
let isReusable = true;

/**
 * DEFLATE data at the start of some bytes: its content, and how many bytes it has. Undefined if it does not
 * end there, is damaged or has more than `most` bytes of content.
 */
export function inflateShort(bytes: Uint8Array, most: number): ShortContent | undefined {
  const reused = take();
  return reused === undefined ? inflateOnce(bytes, most) : inflateWith(reused, bytes, most);
}

function take(): SyncStream<InflateRaw> | undefined {
  if (decoder !== undefined || !isReusable) return decoder;
  const made = createInflateRaw({ chunkSize: constants.Z_MIN_CHUNK });
  isReusable = hasSyncCalls(made);
  // The error of a call is read from the stream.
  made.on('error', () => {});
  decoder = hasSyncCalls(made) ? made : undefined;
  return decoder;
}

function inflateWith(
  stream: SyncStream<InflateRaw>,
  bytes: Uint8Array,
  most: number,
): ShortContent | undefined {
  if (room.length <= most) room = Buffer.alloc(most + 1);
  const { _handle: handle, _writeState: state } = stream;
  // One byte more than there may be: data that fills it is too long.
  handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.length, room, 0, most + 1);
  if (stream.errored) {
    decoder = undefined;
    room.fill(0, 0, most + 1);
    return undefined;
  }
  const [left, unused] = state as unknown as [number, number];
  const content = Uint8Array.prototype.slice.call(room, 0, most + 1 - left);
  room.fill(0, 0, content.length);
  stream.reset();
  return content.length > most ? undefined : { content, consumed: bytes.length - unused };
}

/** The documented result of `info`, which the types lack. */
interface InflatedOnce {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

function inflateOnce(bytes: Uint8Array, most: number): ShortContent | undefined {
  try {
    const options = { maxOutputLength: Math.max(1, most), info: true };
    const { buffer, engine } = inflateRawSync(bytes, options) as unknown as InflatedOnce;
    return buffer.length > most ? undefined : { content: buffer, consumed: engine.bytesWritten };
  } catch {
    return undefined;
  }
}

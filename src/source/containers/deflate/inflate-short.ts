import { constants, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import { hasSyncCalls, type SyncStream } from '../decoding/sync-calls.js';

/** Content of short DEFLATE data, and how many bytes the data has. */
export interface ShortContent {
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

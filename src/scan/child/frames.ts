import type { Duplex } from 'node:stream';
import { systemCode } from '../../core/base/runtime/errors.js';
import { bytesOf } from '../../source/streams.js';

/** Length of a frame that ends a stream, and of one that says that the stream has failed. */
const END = 0;
const FAILED = 0xffff_ffff;
/** Code of a failure that has none, and of the others: of the system or of Node. */
const NO_CODE = 'EIO';
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
/** Bytes of a frame's length: u32, little-endian. */
const HEADER = 4;
/** Bytes of a frame's content. */
const MOST = 1 << 20;

function header(length: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeUInt32LE(length);
  return bytes;
}

/** Writes a frame whole. Resolves when its bytes are not needed any more. */
function writeFrame(channel: Duplex, content: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.cork();
    channel.write(header(content.length));
    channel.write(content, (error) => (error ? reject(error) : resolve()));
    channel.uncork();
  });
}

/** The last frame: the end, or a failure and its code as a second frame. */
function writeLast(channel: Duplex, failure: string | undefined): void {
  if (failure === undefined) {
    channel.write(header(END));
    return;
  }
  channel.write(header(FAILED));
  channel.write(Buffer.concat([header(failure.length), Buffer.from(failure, 'latin1')]));
}

/**
 * Writes a stream as frames, to its end or until `over` resolves; it is not waited for then. A chunk may be
 * reused by the stream when the next one is asked for. If the stream fails, the reader reports that. Never
 * rejects.
 */
export async function writeFrames(
  channel: Duplex,
  stream: AsyncIterable<Uint8Array>,
  over: Promise<void>,
): Promise<void> {
  let isOver = false;
  let failure: string | undefined;
  let chunks: AsyncIterator<Uint8Array> | undefined;
  const pump = async (): Promise<void> => {
    try {
      chunks = stream[Symbol.asyncIterator]();
      while (!isOver) {
        const { done, value } = await chunks.next();
        if (done) return;
        const bytes = bytesOf(value);
        for (let at = 0; at < bytes.length && !isOver; at += MOST)
          await writeFrame(channel, bytes.subarray(at, at + MOST));
      }
    } catch (error) {
      const code = systemCode(error) ?? NO_CODE;
      failure = CODE.test(code) ? code : NO_CODE;
    }
  };
  // One race for all chunks: a promise keeps what is raced against it until it is settled.
  await Promise.race([pump(), over]);
  isOver = true;
  void endOf(chunks);
  writeLast(channel, failure);
}

/** Ends an iterator, without `await`: `return()` of a generator resolves only after its pending chunk. */
async function endOf(chunks: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await chunks?.return?.();
  } catch {
    // Its failure has no reader any more.
  }
}

/** Reads the frames of one stream after the other. */
export class FrameReader {
  readonly #channel: AsyncIterator<Buffer>;
  #buffered: Buffer = Buffer.alloc(0);
  #isOpen = false;
  /** The frame that is being read: its reader may have been given up. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(channel: Duplex) {
    this.#channel = channel[Symbol.asyncIterator]();
  }

  /** The next stream; the one before it was drained. */
  stream(): AsyncGenerator<Uint8Array> {
    this.#isOpen = true;
    return this.#chunks();
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    while (this.#isOpen) {
      const frame = await this.#frame();
      if (frame !== undefined) yield frame;
    }
  }

  /** Reads the rest of the stream. */
  async drain(): Promise<void> {
    while (this.#isOpen) await this.#frame().catch(() => {});
  }

  #frame(): Promise<Buffer | undefined> {
    const frame = this.#reading.then(() => (this.#isOpen ? this.#read() : undefined));
    this.#reading = frame.catch(() => {});
    return frame;
  }

  /** Undefined at the end of the stream. Throws if it failed, or if the sender is gone. */
  async #read(): Promise<Buffer | undefined> {
    const length = (await this.#take(HEADER)).readUInt32LE(0);
    this.#isOpen = length !== END && length !== FAILED;
    if (length === FAILED) throw Object.assign(new Error('the stream failed'), { code: await this.#code() });
    return this.#isOpen ? this.#take(length) : undefined;
  }

  async #code(): Promise<string> {
    const length = (await this.#take(HEADER)).readUInt32LE(0);
    return (await this.#take(length)).toString('latin1');
  }

  async #take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#buffered.length === 0) {
        const { done, value } = await this.#channel.next();
        if (done) {
          this.#isOpen = false;
          throw Object.assign(new Error('the sender is gone'), { code: 'EPIPE' });
        }
        this.#buffered = value;
      }
      const part = this.#buffered.subarray(0, missing);
      this.#buffered = this.#buffered.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}

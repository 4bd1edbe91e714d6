import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** Length of a frame that ends a stream, and of one that says that the stream has failed. */
const END = 0;
const FAILED = 0xffff_ffff;
/** Bytes of a frame's length: u32, little-endian. */
const HEADER = 4;
/** Bytes of a frame's content. */
const MOST = 1 << 20;

function header(length: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeUInt32LE(length);
  return bytes;
}

/**
 * Writes a stream as frames, to its end or until `over` resolves; it is not waited for then. If it fails, the
 * reader reports that.
 */
export async function writeFrames(
  channel: Duplex,
  stream: AsyncIterable<Uint8Array>,
  over: Promise<void>,
): Promise<void> {
  const ended = over.then(() => undefined);
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!channel.write(bytes)) await Promise.race([once(channel, 'drain').catch(() => {}), ended]);
  };
  const chunks = stream[Symbol.asyncIterator]();
  let last = END;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), ended]);
      if (next === undefined || next.done) break;
      for (let at = 0; at < next.value.length; at += MOST) {
        const part = next.value.subarray(at, at + MOST);
        await write(header(part.length));
        await write(part);
      }
    }
  } catch {
    last = FAILED;
  } finally {
    void chunks.return?.()?.catch(() => {});
  }
  channel.write(header(last));
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
    if (length === FAILED) throw Object.assign(new Error('the stream failed'), { code: 'EIO' });
    return this.#isOpen ? this.#take(length) : undefined;
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

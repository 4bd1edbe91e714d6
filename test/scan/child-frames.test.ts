import { Duplex, PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { FrameReader, writeFrames } from '../../src/scan/child/frames.js';

/** Streams in frames, through a channel in memory. */

const MIB = 1 << 20;
const never = new Promise<void>(() => {});

/** A channel whose writes take a turn each, as those to a pipe do, and that reads what was written. */
class SlowChannel extends Duplex {
  constructor() {
    super({ writableHighWaterMark: 16 * 1024, readableHighWaterMark: 64 * MIB });
  }

  override _write(chunk: Buffer, _: BufferEncoding, written: () => void): void {
    setImmediate(() => {
      this.push(Buffer.from(chunk));
      written();
    });
  }

  override _read(): void {}
}

/** What the reader gets of a stream, and the code of its failure. */
async function through(
  stream: AsyncIterable<Uint8Array>,
  channel: Duplex = new SlowChannel(),
): Promise<{ bytes: Buffer; code?: string }> {
  const written = writeFrames(channel, stream, never);
  const parts: Uint8Array[] = [];
  try {
    for await (const part of new FrameReader(channel).stream()) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), code: (error as NodeJS.ErrnoException).code! };
  } finally {
    await written;
  }
  return { bytes: Buffer.concat(parts) };
}

async function* chunks(...all: unknown[]): AsyncGenerator<Uint8Array> {
  for (const each of all) yield each as Uint8Array;
}

describe('a stream in frames', () => {
  test('has the bytes of a generator that reuses its buffer', async () => {
    async function* reusing() {
      const buffer = Buffer.alloc(1000);
      for (let i = 0; i < 40; i++) yield buffer.fill(i);
    }
    const expected = Buffer.concat(Array.from({ length: 40 }, (_, i) => Buffer.alloc(1000, i)));
    expect((await through(reusing())).bytes.equals(expected)).toBe(true);
  });

  test('has the bytes of chunks that are longer than a frame, empty, or text', async () => {
    const long = Buffer.alloc(2 * MIB + 5, 'long ');
    const { bytes, code } = await through(chunks(Buffer.alloc(0), long, 'text'));
    expect(code).toBeUndefined();
    expect(bytes.equals(Buffer.concat([long, Buffer.from('text')]))).toBe(true);
  });

  const wrong: [name: string, chunk: unknown][] = [
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a Uint16Array', Uint16Array.of(1, 2, 3)],
    ['a number', 5],
    ['nothing', undefined],
  ];
  test.each(wrong)('fails at %s, and the next stream is read from its start', async (_, chunk) => {
    const channel = new SlowChannel();
    const reader = new FrameReader(channel);
    const read = async (stream: AsyncIterable<Uint8Array>) => {
      void writeFrames(channel, stream, never);
      const parts: string[] = [];
      for await (const part of reader.stream()) parts.push(Buffer.from(part).toString());
      return parts;
    };
    await expect(read(chunks(Buffer.from('before'), chunk, Buffer.from('after')))).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
    expect(await read(chunks(Buffer.from('next')))).toEqual(['next']);
  });

  test('fails with the code of its error, if that is one', async () => {
    async function* failing(code: string) {
      yield Buffer.from('the beginning');
      throw Object.assign(new Error('failed'), { code });
    }
    expect(await through(failing('ECONNRESET'))).toEqual({
      bytes: Buffer.from('the beginning'),
      code: 'ECONNRESET',
    });
    expect((await through(failing('no code\n'))).code).toBe('EIO');
  });

  test('fails if it cannot be read at all', async () => {
    const locked = new ReadableStream<Uint8Array>();
    locked.getReader();
    expect((await through(locked)).code).toMatch(/^E/);
  });

  test('keeps no chunk that was written', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const chunks: WeakRef<ArrayBufferLike>[] = [];
    let kept = Number.NaN;
    async function* large() {
      for (let i = 0; i < 64; i++) {
        const chunk = Buffer.alloc(MIB);
        chunks.push(new WeakRef(chunk.buffer));
        yield chunk;
      }
      // A turn, since what was made in this one counts as used. One collection: each takes as long as all
      // that other test files have left in the heap.
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      kept = chunks.filter((each) => each.deref() !== undefined).length;
    }
    const channel = new PassThrough();
    channel.resume();
    await writeFrames(channel, large(), never);
    expect(kept).toBeLessThan(16);
  });

  test('is not waited for when its reading is over, and is ended', async () => {
    let finish = () => {};
    const over = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let ended = 0;
    const stuck: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          ended++;
          throw new Error('it does not end');
        },
      }),
    };
    const written = writeFrames(new SlowChannel(), stuck, over);
    finish();
    await written;
    expect(ended).toBe(1);
  });
});

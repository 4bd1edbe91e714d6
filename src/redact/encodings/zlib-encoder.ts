import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { Encoder } from './encoder.js';

/** Bytes of an output chunk: each costs a switch between threads. */
const BLOCK = 1 << 20;

/** A stream of node:zlib. */
class ZlibEncoder implements Encoder {
  readonly #stream: Transform;
  #output: Uint8Array[] = [];

  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    // `push` and `end` reject with it.
    stream.on('error', () => {});
  }

  async push(bytes: Uint8Array): Promise<Uint8Array[]> {
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    return this.#take();
  }

  async end(): Promise<Uint8Array[]> {
    const ended = once(this.#stream, 'end');
    this.#stream.end();
    await ended;
    return this.#take();
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }
}

/** One member without name and time (RFC 1952): node:zlib writes neither. */
export const gzipEncoder = (): Encoder => new ZlibEncoder(zlib.createGzip({ chunkSize: BLOCK }));

/** The options of zstd, which the types of Node 20 lack. */
interface ZstdOptions {
  chunkSize: number;
  pledgedSrcSize: number;
  params: Record<number, number>;
}

/** One frame with a checksum, by Node 22.15 and later; undefined before. */
export function nativeZstdEncoder(): ((length: number) => Encoder) | undefined {
  const { createZstdCompress, constants } = zlib as typeof zlib & {
    createZstdCompress?: (options: ZstdOptions) => Transform;
    constants: { ZSTD_c_checksumFlag?: number };
  };
  const { ZSTD_c_checksumFlag: checksum } = constants;
  if (createZstdCompress === undefined || checksum === undefined) return undefined;
  return (length) =>
    new ZlibEncoder(
      createZstdCompress({ chunkSize: BLOCK, pledgedSrcSize: length, params: { [checksum]: 1 } }),
    );
}

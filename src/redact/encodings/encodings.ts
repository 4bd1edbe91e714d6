import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { decoderOf, recognise } from '../../source/containers/containers.js';
import type { ContainerDecoder } from '../../source/containers/decoding/decoder.js';
import { SKIPPABLE } from '../../source/containers/decoding/skippable.js';
import { Xxh64 } from '../../source/containers/zstd/xxh64.js';
import { EXPANSION } from '../../source/stored-bytes.js';
import { type CopyEncodingName, ENCODINGS } from '../manifest/manifest.js';

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

const ZEROS = new Uint8Array(1 << 20);

/**
 * Puts a skippable frame of zeros behind a frame of which a scan would take the content for a bomb: a copy
 * that is nearly all zero expands further than any dump.
 */
export class PaddedZstd implements Encoder {
  readonly #encoder: Encoder;
  readonly #length: number;
  readonly #expansion: typeof EXPANSION;
  #written = 0;

  /** `length`: bytes of the whole content. */
  constructor(encoder: Encoder, length: number, expansion = EXPANSION) {
    this.#encoder = encoder;
    this.#length = length;
    this.#expansion = expansion;
  }

  async push(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#counted(await this.#encoder.push(bytes));
  }

  async end(): Promise<readonly Uint8Array[]> {
    return [...this.#counted(await this.#encoder.end()), ...this.#padding()];
  }

  close(): void {
    this.#encoder.close();
  }

  #counted(parts: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const { length } of parts) this.#written += length;
    return parts;
  }

  #padding(): Uint8Array[] {
    const { granted, ratio } = this.#expansion;
    const missing = Math.ceil(this.#length / ratio) - this.#written;
    if (this.#length <= granted || missing <= 0) return [];
    const head = Buffer.alloc(8);
    head.writeUInt32LE(SKIPPABLE, 0);
    head.writeUInt32LE(missing, 4);
    const parts: Uint8Array[] = [head];
    for (let left = missing; left > 0; left -= ZEROS.length) parts.push(ZEROS.subarray(0, left));
    return parts;
  }
}

/** How a copy is compressed: as its dump was. */
export interface CopyEncoding {
  name: CopyEncodingName;
  decode: ContainerDecoder;
  /** `length`: bytes of the whole content. */
  newEncoder(length: number): Encoder;
}

const newZstd = nativeZstdEncoder() ?? ((length: number) => new ZstdFrameWriter(length));

/** Makers of encoders, by the names of containers that a scan recognises. */
const ENCODERS: Readonly<Record<CopyEncodingName, CopyEncoding['newEncoder']>> = {
  gzip: gzipEncoder,
  zstd: (length) => new PaddedZstd(newZstd(length), length),
};

export const encodingNamed = (name: CopyEncodingName): CopyEncoding => ({
  name,
  newEncoder: ENCODERS[name],
  decode: decoderOf(name)!,
});

/** The encoding of a file; undefined if it is not encoded, or nothing here encodes it. */
export function encodingOf(reader: ByteReader): CopyEncoding | undefined {
  const container = recognise(reader);
  const name = ENCODINGS.find((each) => each === container?.name);
  return name && encodingNamed(name);
}

/** Block_Maximum_Size (RFC 8878, section 3.1.1.2.4). */
const ZSTD_FRAME_WRITER_BLOCK = 128 * 1024;

/** Magic_Number; 8 bytes of Frame_Content_Size and a checksum; a window of one block (section 3.1.1.1). */
const FRAME = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0xc4, 0x38);

/** Block_Type (section 3.1.1.2.2). */
const RAW = 0;
const RLE = 1;

/** Block_Header. */
function blockHeader(isLast: boolean, type: number, size: number): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3);
  return header;
}

/**
 * One zstd frame without compression, for versions of Node that cannot write zstd: blocks as they are, and
 * those of one repeated byte, which a redacted dump has many of, in 4 bytes.
 */
export class ZstdFrameWriter implements Encoder {
  readonly #length: number;
  readonly #sum = new Xxh64();
  readonly #block = Buffer.alloc(ZSTD_FRAME_WRITER_BLOCK);
  #filled = 0;
  #taken = 0;
  #started = false;

  /** `length`: bytes of the whole content. */
  constructor(length: number) {
    this.#length = length;
  }

  async push(bytes: Uint8Array): Promise<Uint8Array[]> {
    const parts = this.#head();
    this.#sum.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(ZSTD_FRAME_WRITER_BLOCK - this.#filled, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      this.#taken += count;
      at += count;
      // The last block says so: it waits for the end.
      if (this.#filled === ZSTD_FRAME_WRITER_BLOCK && this.#taken < this.#length)
        parts.push(...this.#takeBlock(false));
    }
    return parts;
  }

  async end(): Promise<Uint8Array[]> {
    if (this.#taken !== this.#length) throw new Error('the content has another length');
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(Number(BigInt.asUintN(32, this.#sum.digest())), 0);
    return [...this.#head(), ...this.#takeBlock(true), sum];
  }

  close(): void {
    this.#filled = 0;
  }

  #head(): Uint8Array[] {
    if (this.#started) return [];
    this.#started = true;
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(this.#length), 0);
    return [FRAME, size];
  }

  #takeBlock(isLast: boolean): Uint8Array[] {
    const block = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    const isRepeated = block.length > 1 && block.subarray(1).equals(block.subarray(0, -1));
    return isRepeated
      ? [blockHeader(isLast, RLE, block.length), Buffer.from(block.subarray(0, 1))]
      : [blockHeader(isLast, RAW, block.length), Buffer.from(block)];
  }
}

/** Encodes content chunk by chunk. Parts that it returns are valid until its next call. */
export interface Encoder {
  /** Takes bytes, which it does not use after its promise. Resolves with what is encoded by now. */
  push(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The rest. */
  end(): Promise<readonly Uint8Array[]>;
  close(): void;
}

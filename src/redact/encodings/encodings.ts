import type { ByteReader } from '../../core/base/bytes/storage.js';
import { decoderOf, recognise } from '../../source/containers/containers.js';
import type { ContainerDecoder } from '../../source/containers/decoding/decoder.js';
import { SKIPPABLE } from '../../source/containers/decoding/skippable.js';
import { EXPANSION } from '../../source/stored-bytes.js';
import { type CopyEncodingName, ENCODINGS } from '../manifest/manifest.js';
import type { Encoder } from './encoder.js';
import { gzipEncoder, nativeZstdEncoder } from './zlib-encoder.js';
import { ZstdFrameWriter } from './zstd-frame-writer.js';

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

import type { Reader } from '../../base/bytes/storage.js';
import { decoderOf, recognise } from '../../containers/containers.js';
import type { Decoder } from '../../containers/decoding/decoder.js';
import { ENCODINGS, type EncodingName } from '../manifest/manifest.js';
import type { Encoder } from './encoder.js';
import { PaddedZstd } from './padded-zstd.js';
import { gzipEncoder, nativeZstdEncoder } from './zlib-encoder.js';
import { ZstdFrameWriter } from './zstd-frame-writer.js';

/** How a copy is compressed: as its dump was. */
export interface Encoding {
  name: EncodingName;
  decode: Decoder;
  /** `length`: bytes of the whole content. */
  newEncoder(length: number): Encoder;
}

const newZstd = nativeZstdEncoder() ?? ((length: number) => new ZstdFrameWriter(length));

/** Makers of encoders, by the names of containers that a scan recognises. */
const ENCODERS: Readonly<Record<EncodingName, Encoding['newEncoder']>> = {
  gzip: gzipEncoder,
  zstd: (length) => new PaddedZstd(newZstd(length), length),
};

export const encodingNamed = (name: EncodingName): Encoding => ({
  name,
  newEncoder: ENCODERS[name],
  decode: decoderOf(name)!,
});

/** The encoding of a file; undefined if it is not encoded, or nothing here encodes it. */
export function encodingOf(reader: Reader): Encoding | undefined {
  const container = recognise(reader);
  const name = ENCODINGS.find((each) => each === container?.name);
  return name && encodingNamed(name);
}

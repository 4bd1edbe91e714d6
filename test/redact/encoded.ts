import { gunzipSync, gzipSync } from 'node:zlib';
import { type Encoder, encodingNamed, ZstdFrameWriter } from '../../src/redact/encodings/encodings.js';
import type { CopyEncodingName } from '../../src/redact/manifest/manifest.js';
import { decode } from '../source/containers/decode.js';

/** What an encoder makes of content that is given in chunks of these lengths, and the rest. */
export async function encoded(
  encoder: Encoder,
  content: Uint8Array,
  lengths: readonly number[] = [],
): Promise<Buffer> {
  const parts: Buffer[] = [];
  // What it returns is valid until its next call, and what it was given may be overwritten.
  const add = (more: readonly Uint8Array[]) => parts.push(...more.map((part) => Buffer.from(part)));
  for (let at = 0, next = 0; at < content.length; next++) {
    const chunk = Buffer.from(content.subarray(at, at + (lengths[next] ?? content.length)));
    add(await encoder.push(chunk));
    at += chunk.length;
    chunk.fill(0xee);
  }
  add(await encoder.end());
  encoder.close();
  return Buffer.concat(parts);
}

/** Content of a compressed file; throws unless all of it can be decoded. */
export async function decoded(name: CopyEncodingName, bytes: Uint8Array): Promise<Buffer> {
  const { bytes: content, report } = await decode(encodingNamed(name).decode, bytes);
  if (report.warnings.length > 0) throw new Error(report.warnings[0]?.message);
  return content;
}

/** A compressed file of each encoding. */
export const compress: Record<CopyEncodingName, (content: Uint8Array) => Promise<Buffer>> = {
  gzip: async (content) => gzipSync(content),
  zstd: (content) => encoded(new ZstdFrameWriter(content.length), content),
};

/** Decoders that share nothing with the program, as far as this version of Node has them. */
export const plainly: Record<CopyEncodingName, (bytes: Uint8Array) => Promise<Buffer>> = {
  gzip: async (bytes) => gunzipSync(bytes),
  zstd: (bytes) => decoded('zstd', bytes),
};

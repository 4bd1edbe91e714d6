import { shared } from './patterns.js';
import type { FilterImages, Net } from './types.js';

/** Magic number of a packed net; the digit is the version of kernels and images. */
const MAGIC = Buffer.from('dsnet2\0\0', 'latin1');

interface Header {
  kind: Net['kind'];
  longest: number;
  patterns: number;
  /** Bytes of each image, in order. */
  images: [name: string, size: number][];
  /** Names of those that belong to the hit filter. */
  sieve: string[];
}

/** A compiled net as bytes for a file: magic, u32 length of the header, the header as JSON, the images. */
export function packNet(net: Net): Uint8Array {
  const { kind, longest, patterns } = net;
  const images = [...Object.entries(net.images), ...Object.entries(net.filter ?? {})];
  const header: Header = {
    kind,
    longest,
    patterns,
    images: images.map(([name, { byteLength }]) => [name, byteLength]),
    sieve: Object.keys(net.filter ?? {}),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([MAGIC, length, json, ...images.map(([, image]) => new Uint8Array(image))]);
}

/** The net that {@link packNet} packed; throws an Error for anything else. */
export function unpackNet(bytes: Uint8Array): Net {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!all.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a net of this version: build again');
  let at = MAGIC.length + 4;
  const json = all.subarray(at, at + all.readUInt32LE(MAGIC.length));
  const { images, sieve, ...facts } = JSON.parse(json.toString()) as Header;
  at += json.length;
  const unpacked: Record<string, SharedArrayBuffer> = {};
  for (const [name, size] of images) {
    unpacked[name] = shared(all.subarray(at, at + size));
    at += size;
  }
  if (at !== all.length) throw new Error('a net with bytes missing or left over: build again');
  const part = (ofFilter: boolean) =>
    Object.fromEntries(Object.entries(unpacked).filter(([name]) => sieve.includes(name) === ofFilter));
  return {
    ...facts,
    images: part(false),
    ...(sieve.length > 0 ? { filter: part(true) as FilterImages } : {}),
  };
}

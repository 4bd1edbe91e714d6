import { shared } from './patterns.js';
import type { FilterImages, Net, ValueImages } from './types.js';

/** Magic number of a packed net; the digit is the version of kernels and images. */
const MAGIC = Buffer.from('dsnet4\0\0', 'latin1');

interface Header {
  kind: Net['kind'];
  longest: number;
  patterns: number;
  /** Bytes of each image, in order, and the part of the net that it belongs to. */
  images: [part: Part, name: string, size: number][];
}

const PARTS = ['images', 'filter', 'values'] as const;
type Part = (typeof PARTS)[number];

/** A compiled net as bytes for a file: magic, u32 length of the header, the header as JSON, the images. */
export function packNet(net: Net): Uint8Array {
  const { kind, longest, patterns } = net;
  const images = PARTS.flatMap((part) =>
    Object.entries(net[part] ?? {}).map(([name, image]) => ({ part, name, image })),
  );
  const header: Header = {
    kind,
    longest,
    patterns,
    images: images.map(({ part, name, image }) => [part, name, image.byteLength]),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([MAGIC, length, json, ...images.map(({ image }) => new Uint8Array(image))]);
}

/** The net that {@link packNet} packed; throws an Error for anything else. */
export function unpackNet(bytes: Uint8Array): Net {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!all.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a net of this version: build again');
  let at = MAGIC.length + 4;
  const json = all.subarray(at, at + all.readUInt32LE(MAGIC.length));
  const { images, ...facts } = JSON.parse(json.toString()) as Header;
  at += json.length;
  const unpacked: Partial<Record<Part, Record<string, SharedArrayBuffer>>> = {};
  for (const [part, name, size] of images) {
    unpacked[part] ??= {};
    unpacked[part][name] = shared(all.subarray(at, at + size));
    at += size;
  }
  if (at !== all.length) throw new Error('a net with bytes missing or left over: build again');
  const { filter, values } = unpacked;
  return {
    ...facts,
    images: unpacked.images ?? {},
    ...(filter ? { filter: filter as FilterImages } : {}),
    ...(values ? { values: values as ValueImages } : {}),
  };
}

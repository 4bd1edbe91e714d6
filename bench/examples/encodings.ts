import type { Example } from './corpus.js';

/** Where the secret of an example lies in an encoded file, in bytes. */
export interface Place {
  example: Example;
  offset: number;
  length: number;
}

export interface Encoded {
  bytes: Buffer;
  places: readonly Place[];
}

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

interface Encoding {
  name: string;
  /** Bytes of a piece of text; of pieces of a text, joined, equal to those of the text. */
  encode(text: string): Buffer;
  before: string;
  after: string;
}

/** As memory holds text: C strings, UTF-16 of both byte orders, and a string in JSON. */
export const ENCODINGS: readonly Encoding[] = [
  { name: 'UTF-8', encode: (text) => Buffer.from(text), before: '', after: '\0' },
  { name: 'UTF-16LE', encode: (text) => Buffer.from(text, 'utf16le'), before: '', after: '\0\0' },
  { name: 'UTF-16BE', encode: bigEndian, before: '', after: '\0\0' },
  {
    name: 'JSON',
    encode: (text) => Buffer.from(JSON.stringify(text).slice(1, -1)),
    before: '{"text":"',
    after: '"}\n',
  },
];

/** Bytes between examples, so that no name of one example is near the secret of another. */
const GAP = 256;

/** One file with every example; examples with the same text are written once. */
export function encodeAll(examples: readonly Example[], { encode, before, after }: Encoding): Encoded {
  const parts: Buffer[] = [Buffer.alloc(GAP)];
  const places: Place[] = [];
  let size = GAP;
  const add = (bytes: Buffer) => {
    parts.push(bytes);
    size += bytes.length;
  };
  const frame = (text: string): Buffer =>
    /^\0*$/.test(text) ? Buffer.alloc(text.length) : Buffer.from(text);
  let last: { text: string; start: number } | undefined;
  for (const example of examples) {
    const { text, start, end } = example;
    if (last?.text !== text) {
      add(frame(before));
      last = { text, start: size };
      add(encode(text));
      add(frame(after));
      add(Buffer.alloc(GAP + (size % 2)));
    }
    const offset = last.start + encode(text.slice(0, start)).length;
    places.push({ example, offset, length: encode(text.slice(start, end)).length });
  }
  return { bytes: Buffer.concat(parts), places };
}

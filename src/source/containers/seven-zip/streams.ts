import { FieldReader } from '../../../core/base/bytes/field-reader.js';

/* The part of a 7z header that says how packed streams are decoded (7zFormat.txt of the LZMA SDK). */

/** Property identifiers. */
export const ID = {
  end: 0,
  header: 1,
  archiveProperties: 2,
  mainStreams: 4,
  packInfo: 6,
  unpackInfo: 7,
  sizes: 9,
  digests: 10,
  folders: 11,
  unpackSizes: 12,
  encodedHeader: 23,
} as const;

/** Coders of one folder, and streams of one coder; 7-Zip has at most eight and four. */
const MOST_CODERS = 32;
const MOST_STREAMS = 8;
/** Folders of one archive; most have one packed stream, few have four. */
const MOST_FOLDERS = 2 ** 17;
/** Inputs of all coders. */
const MOST_INPUTS = 2 ** 19;

/** A method with its streams: those of all coders of a folder are numbered through. */
interface Coder {
  /** Hexadecimal. */
  method: string;
  inputs: number;
  outputs: number;
  properties: Uint8Array;
}

/** Coders that together turn packed streams into one content. */
export interface Folder {
  coders: Coder[];
  /** Input of a coder, and the output of another one that it reads. */
  bindings: [input: number, output: number][];
  /** Inputs that read the packed streams. */
  packed: number[];
  /** Sizes of all outputs. */
  unpackSizes: number[];
}

export interface PackedStreams {
  /** Offset of the first packed stream, behind the signature header. */
  position: number;
  packSizes: number[];
  folders: Folder[];
  /** CRC-32 of the folders' contents, as they are stored. */
  digests: Uint8Array | undefined;
}

/** What a header has that is not understood here. */
export class UnknownHeader extends Error {}

/** Reads a header in order. Throws OutOfBounds where it ends early. */
export class HeaderCursor {
  readonly #fields: FieldReader;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#fields = new FieldReader(bytes, 'le');
    this.at = at;
  }

  byte(): number {
    return this.#fields.u8(this.at++);
  }

  bytes(count: number): Uint8Array {
    const bytes = this.#fields.slice(this.at, count);
    this.at += count;
    return bytes;
  }

  /** The leading ones of the first byte count the bytes that follow, the lowest first. */
  number(): number {
    const first = this.byte();
    const count = Math.clz32(~(first << 24));
    let value = 0;
    for (let i = 0; i < count; i++) value += this.byte() * 256 ** i;
    if (count < 7) value += (first & (0x7f >> count)) * 256 ** count;
    if (!Number.isSafeInteger(value)) throw new UnknownHeader('a number is too large');
    return value;
  }

  numbers(count: number): number[] {
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(this.number());
    return numbers;
  }

  /** Throws if the next property is another one. */
  expect(id: number): void {
    if (this.byte() !== id) throw new UnknownHeader('a property is unknown');
  }

  /** True if the next property is that one, which is skipped. */
  skipIf(id: number): boolean {
    const found = this.#fields.u8(this.at) === id;
    if (found) this.at++;
    return found;
  }

  /** CRC-32s, some of which may be absent. */
  digests(count: number): Uint8Array {
    const start = this.at;
    let defined = count;
    if (this.byte() === 0) {
      const flags = this.bytes(Math.ceil(count / 8));
      defined = 0;
      for (let i = 0; i < count; i++) if (flags[i >> 3]! & (0x80 >> (i & 7))) defined++;
    }
    this.bytes(4 * defined);
    return this.#fields.slice(start, this.at - start);
  }
}

/** Reads PackInfo and UnpackInfo; the cursor is then at what follows these. */
export function readStreams(cursor: HeaderCursor): PackedStreams {
  cursor.expect(ID.packInfo);
  const [position, count] = [cursor.number(), cursor.number()];
  cursor.expect(ID.sizes);
  if (count > MOST_FOLDERS * 4) throw new UnknownHeader('it has too many packed streams');
  const packSizes = cursor.numbers(count);
  if (cursor.skipIf(ID.digests)) cursor.digests(count);
  cursor.expect(ID.end);
  cursor.expect(ID.unpackInfo);
  cursor.expect(ID.folders);
  const folderCount = cursor.number();
  if (folderCount > MOST_FOLDERS) throw new UnknownHeader('it has too many folders');
  // Not in another stream.
  cursor.expect(0);
  const folders: Folder[] = [];
  let inputs = 0;
  for (let i = 0; i < folderCount; i++) {
    const folder = readFolder(cursor);
    folders.push(folder);
    inputs += sum(folder.coders, 'inputs');
    if (inputs > MOST_INPUTS) throw new UnknownHeader('it has too many streams');
  }
  cursor.expect(ID.unpackSizes);
  for (const folder of folders) folder.unpackSizes = cursor.numbers(sum(folder.coders, 'outputs'));
  const digests = cursor.skipIf(ID.digests) ? cursor.digests(folderCount) : undefined;
  cursor.expect(ID.end);
  return { position, packSizes, folders, digests };
}

const sum = (coders: readonly Coder[], key: 'inputs' | 'outputs'): number =>
  coders.reduce((total, coder) => total + coder[key], 0);

function readFolder(cursor: HeaderCursor): Folder {
  const count = cursor.number();
  if (count === 0 || count > MOST_CODERS) throw new UnknownHeader('a folder has too many coders');
  const coders: Coder[] = [];
  for (let i = 0; i < count; i++) coders.push(readCoder(cursor));
  const inputs = sum(coders, 'inputs');
  const bound = sum(coders, 'outputs') - 1;
  if (bound > inputs) throw new UnknownHeader('the streams of a folder do not fit together');
  const bindings: Folder['bindings'] = [];
  for (let i = 0; i < bound; i++) bindings.push([cursor.number(), cursor.number()]);
  const free = inputs - bound;
  const taken = new Set(bindings.map(([input]) => input));
  const unbound = (): number[] => [...Array(inputs).keys()].filter((input) => !taken.has(input));
  const packed = free === 1 ? unbound().slice(0, 1) : cursor.numbers(free);
  return { coders, bindings, packed, unpackSizes: [] };
}

function readCoder(cursor: HeaderCursor): Coder {
  const flags = cursor.byte();
  if (flags & 0xc0) throw new UnknownHeader('a coder has unknown flags');
  const method = Buffer.from(cursor.bytes(flags & 0x0f)).toString('hex');
  const [inputs, outputs] = flags & 0x10 ? [cursor.number(), cursor.number()] : [1, 1];
  if (inputs > MOST_STREAMS || outputs > MOST_STREAMS)
    throw new UnknownHeader('a coder has too many streams');
  const properties = flags & 0x20 ? cursor.bytes(cursor.number()) : new Uint8Array();
  return { method, inputs, outputs, properties };
}

/** PackInfo and UnpackInfo, with the packed streams at the start of the archive. */
export function writeStreams({ packSizes, folders, digests }: PackedStreams): Buffer {
  return Buffer.concat([
    Buffer.from([ID.packInfo]),
    numbers(0, packSizes.length),
    Buffer.from([ID.sizes]),
    numbers(...packSizes),
    Buffer.from([ID.end, ID.unpackInfo, ID.folders]),
    numbers(folders.length),
    Buffer.from([0]),
    ...folders.map(folderBytes),
    Buffer.from([ID.unpackSizes]),
    ...folders.map(({ unpackSizes }) => numbers(...unpackSizes)),
    ...(digests ? [Buffer.from([ID.digests]), digests] : []),
    Buffer.from([ID.end]),
  ]);
}

function folderBytes({ coders, bindings, packed }: Folder): Buffer {
  return Buffer.concat([
    numbers(coders.length),
    ...coders.flatMap(({ method, inputs, outputs, properties }) => {
      const id = Buffer.from(method, 'hex');
      return [Buffer.from([id.length | 0x30]), id, numbers(inputs, outputs, properties.length), properties];
    }),
    numbers(...bindings.flat()),
    packed.length > 1 ? numbers(...packed) : Buffer.alloc(0),
  ]);
}

/** Numbers of nine bytes: the longest form holds all. */
function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(9 * values.length, 0xff);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 9 * i + 1);
  return bytes;
}

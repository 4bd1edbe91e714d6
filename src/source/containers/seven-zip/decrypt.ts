import { transcode } from 'node:buffer';
import { createDecipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { OutOfBounds } from '../../../core/base/bytes/field-reader.js';
import { memoryStorage } from '../../../core/base/bytes/storage.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import { newDecodeReport } from '../decoding/decoder.js';
import { DecoderInput } from '../decoding/input.js';
import { LITERAL_BITS, LzmaKernel } from '../lzma/lzma-kernel.js';
import { unlzma1 } from '../lzma/lzma1.js';
import {
  type Folder,
  HeaderCursor,
  ID,
  type PackedStreams,
  readStreams,
  UnknownHeader,
  writeStreams,
} from './streams.js';

/** Bytes of the header at the start. */
const SIGNATURE_HEADER = 32;
/** Longest header that is read. */
const MOST_HEADER = 16 * 1024 * 1024;
/** Headers within headers. */
const DEPTH = 4;

const COPY = '00';
const LZMA = '030101';

/** What comes of an attempt to decrypt: an archive of the same members, or why there is none. */
export type Decrypted = Buffer | 'not encrypted' | 'no password' | 'other password' | 'unknown';

/**
 * A 7z archive without its encryption, which libarchive does not know: the streams are decrypted, and the
 * header says so. There is no check of the password but the checksum of an encrypted header. Without a
 * password it says whether one is needed.
 */
export async function decryptSevenZip(archive: Buffer, password: Secret | undefined): Promise<Decrypted> {
  const keys = password && new AesKeys(password);
  try {
    const header = await readHeader(archive, keys);
    if (typeof header === 'string') return header;
    const cursor = new HeaderCursor(header.bytes, 0);
    cursor.expect(ID.header);
    if (cursor.skipIf(ID.archiveProperties)) skipProperties(cursor);
    // An archive of empty files has no streams.
    if (!cursor.skipIf(ID.mainStreams))
      return header.wasEncrypted ? rebuilt([], header.bytes) : 'not encrypted';
    const streams = readStreams(cursor);
    const isEncrypted = streams.folders.some(({ coders }) => coders.some(({ method }) => method === AES));
    if (!isEncrypted && !header.wasEncrypted) return 'not encrypted';
    if (keys === undefined) return 'no password';
    const packed = packedStreams(archive, streams);
    for (const [i, from] of firstStreams(streams.folders).entries())
      decryptFolder(streams.folders[i]!, packed, from, keys);
    const plain = { ...streams, packSizes: packed.map(({ length }) => length) };
    const start = Buffer.from([ID.header, ID.mainStreams]);
    const rest = header.bytes.subarray(cursor.at);
    return rebuilt(packed, Buffer.concat([start, writeStreams(plain), rest]));
  } catch (error) {
    if (error instanceof UnknownHeader || error instanceof OutOfBounds) return 'unknown';
    throw error;
  }
}

/** The decrypted header. Only its checksum shows that the password is wrong. */
async function readHeader(
  archive: Buffer,
  keys: AesKeys | undefined,
): Promise<{ bytes: Buffer; wasEncrypted: boolean } | 'no password' | 'other password'> {
  if (archive.length < SIGNATURE_HEADER) throw new UnknownHeader('no header');
  const offset = SIGNATURE_HEADER + Number(archive.readBigUInt64LE(12));
  let bytes = archive.subarray(offset, offset + Number(archive.readBigUInt64LE(20)));
  let wasEncrypted = false;
  if (bytes.length > MOST_HEADER) throw new UnknownHeader('the header is too long');
  for (let depth = 0; bytes[0] === ID.encodedHeader; depth++) {
    if (depth >= DEPTH) throw new UnknownHeader('headers within headers');
    const streams = readStreams(new HeaderCursor(bytes, 1));
    const [folder] = streams.folders;
    if (folder === undefined || streams.folders.length > 1) throw new UnknownHeader('no folder');
    const isEncrypted = folder.coders.some(({ method }) => method === AES);
    wasEncrypted ||= isEncrypted;
    if (isEncrypted && keys === undefined) return 'no password';
    const content = await contentOf(folder, packedStreams(archive, streams), keys);
    const [isDefined, ...stated] = streams.digests ?? [];
    const differs = content && isDefined === 1 && Buffer.from(stated).readUInt32LE() !== crc32(content);
    if (content === undefined || differs) {
      if (isEncrypted) return 'other password';
      throw new UnknownHeader('the header is damaged');
    }
    bytes = content;
  }
  return { bytes, wasEncrypted };
}

/** The content of a header's folder, whose coders follow one another; undefined if it cannot be decoded. */
async function contentOf(
  folder: Folder,
  packed: readonly Buffer[],
  keys: AesKeys | undefined,
): Promise<Buffer | undefined> {
  if (packed.length !== 1 || folder.coders.some(({ inputs, outputs }) => inputs !== 1 || outputs !== 1))
    throw new UnknownHeader('the header has several streams');
  let bytes = packed[0];
  let input = folder.packed[0];
  for (let left = folder.coders.length; input !== undefined; left--) {
    const coder = folder.coders[input];
    const length = folder.unpackSizes[input] ?? 0;
    if (coder === undefined || left === 0 || length > MOST_HEADER)
      throw new UnknownHeader('a coder is missing');
    if (bytes === undefined) return undefined;
    const { method, properties } = coder;
    if (method === AES) bytes = keys?.decrypt(bytes, properties).subarray(0, length);
    else if (method === LZMA) bytes = await unpackLzma(bytes, properties, length);
    else if (method !== COPY) throw new UnknownHeader('the header is compressed by another method');
    input = folder.bindings.find(([, output]) => output === input)?.[0];
  }
  return bytes;
}

async function unpackLzma(
  bytes: Buffer,
  properties: Uint8Array,
  length: number,
): Promise<Buffer | undefined> {
  const kernel = new LzmaKernel();
  if (properties.length < 5 || !kernel.setProperties(properties[0]!, LITERAL_BITS.lzma)) return undefined;
  const dictionary = Buffer.from(properties).readUInt32LE(1);
  const report = newDecodeReport();
  const parts: Uint8Array[] = [];
  const content = unlzma1('7z', new DecoderInput(memoryStorage(bytes)), report, kernel, {
    dictionary,
    length,
  });
  for await (const part of content) {
    parts.push(Uint8Array.from(part));
    report.decoded += part.length;
  }
  return report.decoded === length ? Buffer.concat(parts) : undefined;
}

function packedStreams(archive: Buffer, { position, packSizes }: PackedStreams): Buffer[] {
  let at = SIGNATURE_HEADER + position;
  return packSizes.map((size) => {
    const stream = archive.subarray(at, at + size);
    at += size;
    if (stream.length < size) throw new UnknownHeader('a packed stream ends early');
    return stream;
  });
}

/** Index of the first packed stream of each folder. */
function firstStreams(folders: readonly Folder[]): number[] {
  let next = 0;
  return folders.map(({ packed }) => {
    next += packed.length;
    return next - packed.length;
  });
}

/** Decrypts the packed streams of a folder, and takes their coders out of it. */
function decryptFolder(folder: Folder, packed: Buffer[], from: number, keys: AesKeys): void {
  for (;;) {
    const { coders, bindings, unpackSizes } = folder;
    const index = coders.findIndex(({ method }) => method === AES);
    const coder = coders[index];
    if (coder === undefined) return;
    if (coders.some(({ outputs }) => outputs !== 1) || coder.inputs !== 1)
      throw new UnknownHeader('a coder has several outputs');
    const input = coders.slice(0, index).reduce((count, { inputs }) => count + inputs, 0);
    const place = folder.packed.indexOf(input);
    const stream = packed[from + place];
    if (place < 0 || stream === undefined) throw new UnknownHeader('what is encrypted is not packed');
    packed[from + place] = keys.decrypt(stream, coder.properties).subarray(0, unpackSizes[index]);
    const reader = bindings.findIndex(([, output]) => output === index);
    if (reader < 0) {
      // The only coder: its output is the content.
      coders[index] = { ...coder, method: COPY, properties: new Uint8Array() };
      continue;
    }
    folder.packed[place] = bindings[reader]![0];
    const moved = (number: number, gone: number): number => (number > gone ? number - 1 : number);
    folder.bindings = bindings
      .filter((_, i) => i !== reader)
      .map(([to, output]) => [moved(to, input), moved(output, index)]);
    folder.packed = folder.packed.map((number) => moved(number, input));
    coders.splice(index, 1);
    unpackSizes.splice(index, 1);
  }
}

function skipProperties(cursor: HeaderCursor): void {
  while (cursor.byte() !== ID.end) cursor.bytes(cursor.number());
}

/** An archive of packed streams and a header. */
function rebuilt(packed: readonly Buffer[], header: Buffer): Buffer {
  const start = Buffer.alloc(SIGNATURE_HEADER);
  start.set([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]);
  start.writeBigUInt64LE(BigInt(packed.reduce((sum, { length }) => sum + length, 0)), 12);
  start.writeBigUInt64LE(BigInt(header.length), 20);
  start.writeUInt32LE(crc32(header), 28);
  start.writeUInt32LE(crc32(start.subarray(12)), 8);
  return Buffer.concat([start, ...packed, header]);
}

/* 7zAES: AES-256 in CBC mode, with a key of many rounds of SHA-256 (7zAes.cpp of 7-Zip). */

/** The method of a coder. */
const AES = '06f10701';

const KEY = 32;
const BLOCK = 16;
/** In place of a number of rounds: salt and password are the key. */
const NO_ROUNDS = 0x3f;
/** Rounds for all keys of one archive: seconds. 7-Zip has 2^19 a key. */
const MOST_ROUNDS = 2 ** 25;
/** Rounds that are hashed at once. */
const BATCH = 1024;

interface AesProperties {
  /** Binary logarithm of the rounds. */
  power: number;
  salt: Uint8Array;
  iv: Uint8Array;
}

function readProperties(properties: Uint8Array): AesProperties {
  const [first = 0, second = 0] = properties;
  const salt = ((first >> 7) & 1) + (second >> 4);
  const iv = ((first >> 6) & 1) + (second & 0x0f);
  if (properties.length < (first & 0xc0 ? 2 + salt + iv : 1)) throw new UnknownHeader('no salt');
  const vector = Buffer.alloc(BLOCK);
  vector.set(properties.subarray(2 + salt, 2 + salt + iv));
  return { power: first & 0x3f, salt: properties.subarray(2, 2 + salt), iv: vector };
}

/** The keys of one archive. */
class AesKeys {
  readonly #password: Secret;
  readonly #keys = new Map<string, Secret>();
  #rounds = 0;

  constructor(password: Secret) {
    this.#password = password;
  }

  /** Decrypts a packed stream; a last block that is cut stays away. */
  decrypt(bytes: Uint8Array, properties: Uint8Array): Buffer {
    const { power, salt, iv } = readProperties(properties);
    const key = this.#keyOf(power, salt);
    const cipher = createDecipheriv('aes-256-cbc', key.reveal(), iv).setAutoPadding(false);
    return cipher.update(bytes.subarray(0, bytes.length - (bytes.length % BLOCK)));
  }

  #keyOf(power: number, salt: Uint8Array): Secret {
    const id = `${power} ${Buffer.from(salt).toString('hex')}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    this.#rounds += power === NO_ROUNDS ? 1 : 2 ** power;
    if (this.#rounds > MOST_ROUNDS) throw new UnknownHeader('its keys need too many rounds');
    const password = transcode(Buffer.from(this.#password.reveal()), 'utf8', 'utf16le');
    const derived = power === NO_ROUNDS ? joined(salt, password) : hashed(2 ** power, salt, password);
    password.fill(0);
    const key = new Secret(derived);
    derived.fill(0);
    this.#keys.set(id, key);
    return key;
  }
}

function joined(salt: Uint8Array, password: Uint8Array): Buffer {
  const key = Buffer.alloc(KEY);
  Buffer.concat([salt, password]).copy(key);
  return key;
}

/** SHA-256 of salt, password and a counter of eight bytes, repeated. */
function hashed(rounds: number, salt: Uint8Array, password: Uint8Array): Buffer {
  const hash = createHash('sha256');
  const length = salt.length + password.length + 8;
  const batch = Buffer.alloc(Math.min(rounds, BATCH) * length);
  for (let at = 0; at < batch.length; at += length) {
    batch.set(salt, at);
    batch.set(password, at + salt.length);
  }
  for (let done = 0; done < rounds; ) {
    for (let at = length - 8; at < batch.length; at += length) batch.writeUInt32LE(done++, at);
    hash.update(batch);
  }
  batch.fill(0);
  return hash.digest();
}

import { createHash } from 'node:crypto';
import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';
import { compileWasm } from '../../../core/base/runtime/wasm.js';
import type { MacHits, MacTask, PackedBytes } from '../../core/mac-threads.js';

interface Program {
  prepare256(keys: number, groups: number, states: number, iv: number): void;
  verify256(
    states: number,
    groups: number,
    message: number,
    blocks: number,
    mac: number,
    out: number,
  ): number;
  prepare512(keys: number, count: number, states: number, iv: number): void;
  verify512(
    states: number,
    count: number,
    message: number,
    blocks: number,
    mac: number,
    words: number,
    out: number,
  ): number;
}

/** Keys of one batch. */
export const BATCH = 256;

/** Most octets of a message and its padding. */
const MESSAGE = 32 << 10;
/** Memory layout: the kernel's own data lies below. */
const IV = 8192;
const MAC = IV + 64;
const OUT = MAC + 64;
const KEYS = OUT + 4 * BATCH;
const STATES = KEYS + 128 * BATCH;
const MESSAGE_AT = STATES + 192 * BATCH;
const END = MESSAGE_AT + MESSAGE;

/** Octets of the states of four keys of SHA-256, and of one key of the longer hashes. */
const GROUP = 384;
const LONG = 192;

/** Initial values (FIPS 180-4, 5.3), big-endian. */
const INITIAL: Readonly<Record<Sha2, string>> = {
  sha256: '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19',
  sha384:
    'cbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e5939' +
    '67332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4',
  sha512:
    '6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1' +
    '510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179',
};

const isSha2 = (hash: string): hash is Sha2 => hash in INITIAL;

interface State {
  /** Big-endian. */
  words: Buffer;
}

/** Words in the other byte order, in place. */
const swapped = (bytes: Buffer, word: 4 | 8): Buffer => (word === 4 ? bytes.swap32() : bytes.swap64());

/** Blocks of a hash that one HMAC of a message takes after the midstates: those of the message, and one. */
export function blocksOf(hash: Sha2, octets: number): number {
  const { word, block } = SHA2[hash];
  return Math.ceil((octets + 1 + 2 * word) / block) + 1;
}

let program: { call: Program; bytes: Buffer; owner?: MacBatch } | undefined;

function load() {
  if (program === undefined) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(END / 65_536) });
    const module = compileWasm('src/search/kernel/macs.wasm');
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    program = { call: exports as unknown as Program, bytes: Buffer.from(memory.buffer) };
  }
  return program;
}

/**
 * HMAC (RFC 2104) of a batch of keys over many messages, all with one hash. The midstates after the padded
 * keys are computed once, and again if another batch was used meanwhile: the kernel has room for one.
 */
export class MacBatch {
  readonly hash: Sha2;
  readonly #call: Program;
  readonly #bytes: Buffer;
  readonly size: number;
  readonly #prepare: (batch: MacBatch) => void;

  private constructor(hash: Sha2, size: number, prepare: (batch: MacBatch) => void) {
    const { call, bytes } = load();
    this.hash = hash;
    this.#call = call;
    this.#bytes = bytes;
    this.size = size;
    this.#prepare = prepare;
    this.#take();
  }

  /** Has the kernel hold the midstates of this batch. */
  #take(): void {
    const loaded = load();
    if (loaded.owner === this) return;
    this.#prepare(this);
    loaded.owner = this;
  }

  /** At most {@link BATCH} keys of any length, which stay as they are while the batch is used. */
  static ofKeys(hash: Sha2, keys: readonly Uint8Array[]): MacBatch {
    return new MacBatch(hash, keys.length, (batch) => batch.#prepareKeys(keys));
  }

  #prepareKeys(keys: readonly Uint8Array[]): void {
    const { hash } = this;
    const { block, word } = SHA2[hash];
    const bytes = this.#bytes;
    bytes.fill(0, KEYS, KEYS + keys.length * block);
    for (const [i, key] of keys.entries())
      bytes.set(key.length > block ? createHash(hash).update(key).digest() : key, KEYS + i * block);
    bytes.set(swapped(Buffer.from(INITIAL[hash], 'hex'), word), IV);
    if (hash === 'sha256') this.#call.prepare256(KEYS, this.#groups, STATES, IV);
    else this.#call.prepare512(KEYS, keys.length, STATES, IV);
    bytes.fill(0, KEYS, KEYS + keys.length * block);
  }

  /** Pairs of midstates (big-endian words), of inner and outer hash. */
  static ofStates(hash: Sha2, pairs: readonly { inner: State; outer: State }[]): MacBatch {
    return new MacBatch(hash, pairs.length, (batch) => {
      for (const [i, { inner, outer }] of pairs.entries()) {
        batch.#setState(i, 0, inner.words);
        batch.#setState(i, 1, outer.words);
      }
    });
  }

  #setState(index: number, which: 0 | 1, words: Buffer): void {
    const bytes = this.#bytes;
    if (SHA2[this.hash].word === 8) {
      const at = STATES + index * LONG + which * 64;
      for (let i = 0; i < 64; i += 8) bytes.writeBigUInt64LE(words.readBigUInt64BE(i), at + i);
      return;
    }
    const at = STATES + (index >> 2) * GROUP + which * 128 + (index & 3) * 4;
    for (let i = 0; i < 8; i++) bytes.writeUInt32LE(words.readUInt32BE(i * 4), at + i * 16);
  }

  get #groups(): number {
    return Math.ceil(this.size / 4);
  }

  /** Indices of the keys whose MAC of the message is this one, ascending. */
  matching({ signed, signature }: { signed: Uint8Array; signature: Uint8Array }): number[] {
    const { block, word, digest } = SHA2[this.hash];
    const blocks = blocksOf(this.hash, signed.length) - 1;
    if (signature.length !== digest || blocks * block > MESSAGE) return [];
    this.#take();
    const bytes = this.#bytes;
    bytes.set(signed, MESSAGE_AT);
    const end = MESSAGE_AT + blocks * block;
    bytes.fill(0, MESSAGE_AT + signed.length, end);
    bytes[MESSAGE_AT + signed.length] = 0x80;
    bytes.writeUIntBE((block + signed.length) * 8, end - 6, 6);
    bytes.set(swapped(Buffer.from(signature), word), MAC);
    const found =
      this.hash === 'sha256'
        ? this.#call.verify256(STATES, this.#groups, MESSAGE_AT, blocks, MAC, OUT)
        : this.#call.verify512(STATES, this.size, MESSAGE_AT, blocks, MAC, digest / 8, OUT);
    return Array.from({ length: found }, (_, i) => bytes.readUInt32LE(OUT + i * 4)).filter(
      (i) => i < this.size,
    );
  }

  /** Zeroes what was computed from keys. */
  static release(): void {
    if (program === undefined) return;
    program.bytes.fill(0, IV, END);
    delete program.owner;
  }
}

/** The hash of a token, if it is one of RFC 7518. */
export const sha2Of = ({ hash }: { hash: string }): Sha2 | undefined => (isSha2(hash) ? hash : undefined);

/** Copies byte strings, which may be views of memory that changes or is large. */
export function packed(parts: readonly Uint8Array[]): PackedBytes {
  const ends = new Uint32Array(parts.length);
  let length = 0;
  for (const [i, part] of parts.entries()) ends[i] = length += part.length;
  const bytes = new Uint8Array(length);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i]! - part.length);
  return { bytes, ends };
}

const unpacked = ({ bytes, ends }: PackedBytes): Uint8Array[] =>
  Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));

/** Some keys of a list, and some tokens that they are tried on. */
export interface MacBlock extends Pick<MacTask, 'hash' | 'firstKey' | 'firstToken'> {
  keys: readonly Uint8Array[];
  tokens: readonly { signed: Uint8Array; signature: Uint8Array }[];
}

/** Tries the keys on the tokens. The kernel keeps the keys until {@link MacBatch.release}. */
export function hitsOf({ hash, keys, tokens, firstKey, firstToken }: MacBlock): MacHits {
  const batch = MacBatch.ofKeys(hash, keys);
  const hits: MacHits = [];
  for (const [i, token] of tokens.entries())
    for (const index of batch.matching(token)) hits.push({ key: firstKey + index, token: firstToken + i });
  return hits;
}

export const taskOf = ({ keys, tokens, ...block }: MacBlock): MacTask => ({
  ...block,
  keys: packed(keys),
  tokens: packed(tokens.flatMap(({ signed, signature }) => [signed, signature])),
});

/** {@link hitsOf} a task, whose keys and tokens it wipes. */
export function macHits({ keys, tokens, ...block }: MacTask): MacHits {
  const parts = unpacked(tokens);
  const pairs = Array.from({ length: parts.length / 2 }, (_, i) => {
    return { signed: parts[2 * i]!, signature: parts[2 * i + 1]! };
  });
  const hits = hitsOf({ ...block, keys: unpacked(keys), tokens: pairs });
  for (const { bytes } of [keys, tokens]) bytes.fill(0);
  return hits;
}

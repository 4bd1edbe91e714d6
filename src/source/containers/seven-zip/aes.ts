import { transcode } from 'node:buffer';
import { createDecipheriv, createHash } from 'node:crypto';
import { Secret } from '../../../core/base/crypto/secret.js';
import { UnknownHeader } from './streams.js';

/* 7zAES: AES-256 in CBC mode, with a key of many rounds of SHA-256 (7zAes.cpp of 7-Zip). */

/** The method of a coder. */
export const AES = '06f10701';

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
export class AesKeys {
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
